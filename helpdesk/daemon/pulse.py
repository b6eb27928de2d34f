"""The mail that the worker has in hand, seen by the front, which must know it when the worker dies (F4, P6).

A line for each mail would wake the front each time; on a machine where all cores are wanted that cost the worker more
than most of its statements.
"""

from __future__ import annotations

import struct

from helpdesk.daemon.shared import SharedMemory

_NUMBER = struct.Struct("q")
_NONE = 0
"""Rows of the inbox count from one."""


class Pulse(SharedMemory):
    def __init__(self, file: int | None = None) -> None:
        super().__init__(_NUMBER.size, file)

    def take_up(self, spool_id: int | None) -> None:
        _NUMBER.pack_into(self.bytes, 0, _NONE if spool_id is None else spool_id)

    @property
    def in_hand(self) -> int | None:
        """The inbox row, None for none."""
        (spool_id,) = _NUMBER.unpack_from(self.bytes)
        return spool_id or None
