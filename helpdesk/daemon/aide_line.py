"""The worker's side of its aide (`daemon.aide`): started when there is much to do, ended when there was nothing.

Whatever becomes of the aide, every result is had: what it does not give the worker works out itself.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import structlog

from helpdesk.daemon.aide import NUMBER
from helpdesk.daemon.cpu import crowded_seconds
from helpdesk.daemon.loading import command_of
from helpdesk.daemon.parcel import pack, unpack
from helpdesk.daemon.slate import Slate
from helpdesk.flow.aside import Aside

STARTED_FOR = 40
"""Mails or deadlines in one transaction: as many as take longer than its start, and probably not the last."""
ASKED_FOR = 8
LITTLE = 4
"""Calls that it is done with in a few milliseconds."""
MOST_IN_HAND = 128
"""Calls: more than two batches have is never asked for."""
ROOM = 1 << 20
"""Bytes that the line is to take each way while nobody listens, if the kernel gives as many (net.core.wmem_max): the
worker listens between two mails, and not while it stores and commits; the aide listens between two calls."""
_BOOKKEEPING = 2
"""The kernel counts what it needs for what is in the line, too: up to this times as much."""
CROWDED_SHARE = 0.35
"""Where for more than this part of a batch somebody found no core, there is none to spare for an aide: it would only
take from others, from the listener first. Beside nobody else it is 0.00, with the aide 0.05 to 0.15; while senders and
a sink have all cores 0.3 to 0.6."""
CROWD_LASTS = 3
"""Batches of the same length: so long what one has seen of others holds."""
NICENESS = 19
"""It takes what nobody else wants of the cores: the worker does itself what it is not done with."""
RESTS_AFTER = 60.0
"""Seconds without work until its memory is given back."""
LOST_SECONDS = 60.0
"""Until another is started where one was lost: what killed it may still be there."""

T = TypeVar("T")
_log = structlog.get_logger()


class Task:
    """A call that was begun. What it returns is heard with that of others, in the order of asking."""

    __slots__ = ("__weakref__", "_aide", "_call", "number", "result")

    def __init__(self, aide: Aide, number: int, call: Callable[[], Any]) -> None:
        self._aide, self._call, self.number = aide, call, number
        self.result: tuple[bool, Any] | None = None

    def __call__(self) -> Any:
        done, value = self.result or self._aide.look(self)
        if not done:
            value = self._call()
            self.result = True, value
        return value


class Aide(Aside):
    """`cpu_seconds` for each call, `space` in bytes for the process.

    `patience`: so many seconds the worker waits for the rest of an answer, or to be rid of a call.
    """

    def __init__(self, cpu_seconds: float, space: int, patience: float = 3.0) -> None:
        self._limits = str(cpu_seconds), str(space)
        self._slate: Slate | None = None
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None
        self._is_heard = select.poll()
        self._is_ready = False
        self._is_wanted = False
        # the sizes of the calls that wait for their answers, in their order
        self._in_hand: deque[int] = deque()
        self._room = 0
        self._numbers = count()
        # a result that nobody waits for any more (its batch was undone) is not kept
        self._tasks: WeakValueDictionary[int, Task] = WeakValueDictionary()
        self._used_at = self._not_before = self._alone_until = 0.0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @contextmanager
    def helping(self, count: int) -> Iterator[None]:
        if count < ASKED_FOR:  # the everyday case asks nothing
            yield
            return
        began, crowded = time.monotonic(), crowded_seconds()
        self._is_wanted = self._pays(count, began)
        self._used_at = began
        try:
            yield
        finally:
            self._is_wanted = False
            now = time.monotonic()
            is_crowd = crowded_seconds() - crowded > CROWDED_SHARE * (now - began)
            self._alone_until = now + CROWD_LASTS * (now - began) if is_crowd else 0.0

    def _pays(self, count: int, now: float) -> bool:
        if now < self._not_before:
            return False
        if self._line is None and count >= STARTED_FOR:
            self._start()  # in a crowd, too: it is there when that has gone
        return self._line is not None and now >= self._alone_until

    @property
    def is_at_hand(self) -> bool:
        return self._is_wanted and self._is_ready

    @property
    def is_idle(self) -> bool:
        return self.is_at_hand and len(self._in_hand) < LITTLE

    def offer(self, function: Callable[..., T], *args: object, **named: object) -> Callable[[], T] | None:
        if not (self._is_wanted and self._has_time()):
            return None
        call = partial(function, *args, **named)
        packed = pack(call)
        if sum(self._in_hand) + len(packed) > self._room:
            return None  # we would wait until it is taken
        task = Task(self, next(self._numbers), call)
        try:
            assert self._line is not None
            assert self._slate is not None
            self._slate.write(task.number)
            self._line.send_bytes(NUMBER.pack(task.number) + packed)
            self._in_hand.append(len(packed))
            self._tasks[task.number] = task
        except OSError:
            self._lose()
        return task

    def look(self, task: Task) -> tuple[bool, Any]:
        """Whether it was done, and what it returned. What is not done is left to us: nobody waits for the aide."""
        self.listen()
        if task.result is None and self._slate:
            self._slate.strike(task.number)
        return task.result or (False, None)

    def rest(self) -> None:
        """End it if it had nothing to do for a while."""
        if self._line and time.monotonic() - self._used_at >= RESTS_AFTER:
            self.end()

    def end(self) -> None:
        """Nothing that it holds could be lost. Harmless if it never began."""
        line, slate, process = self._line, self._slate, self._process
        self._line, self._slate, self._process, self._is_ready = None, None, None, False
        self._in_hand.clear()
        if line:
            line.close()
        if slate:
            slate.close()
        if process:
            process.kill()
            process.wait()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        slate = Slate()
        command = command_of("helpdesk.daemon.aide", *self._limits, str(slate.file))
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - ours
                    command, stdin=theirs.fileno(), pass_fds=(slate.file,)
                )
        except OSError as error:
            ours.close()
            slate.close()
            self._not_before = time.monotonic() + LOST_SECONDS
            _log.warning("aide_unborn", action="aide_unborn", error=type(error).__name__)
            return
        os.setpriority(os.PRIO_PROCESS, self._process.pid, NICENESS)
        for which in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            ours.setsockopt(socket.SOL_SOCKET, which, _timeval(self._patience))
        self._room = ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) // _BOOKKEEPING
        self._line, self._slate = Connection(ours.detach()), slate
        self._is_heard = select.poll()
        self._is_heard.register(self._line.fileno(), select.POLLIN)
        _log.info("aide_started", action="aide_started", pid=self._process.pid)

    def _has_time(self) -> bool:
        """It has said that it is there, and answered enough of what it was asked."""
        self.listen()
        return self._is_ready and len(self._in_hand) < MOST_IN_HAND

    def listen(self, seconds: float = 0) -> None:
        """Hear what it has to say; if nothing, wait so long for its first word."""
        wait = 1000 * seconds
        while self._line and self._is_heard.poll(wait):
            self._hear()
            wait = 0

    def _hear(self) -> None:
        assert self._line is not None
        try:
            answer = self._line.recv_bytes()
        except (EOFError, OSError):
            self._lose()
            return
        if not answer:  # its first word
            self._is_ready = True
            return
        self._in_hand.popleft()
        (number,) = NUMBER.unpack_from(answer)
        if (task := self._tasks.get(number)) and (result := answer[NUMBER.size :]):
            task.result = unpack(result)

    def _lose(self) -> None:
        pid = self.pid
        self.end()
        self._not_before = time.monotonic() + LOST_SECONDS
        _log.warning("aide_lost", action="aide_lost", pid=pid)


def _timeval(seconds: float) -> bytes:
    whole = int(seconds)
    return struct.pack("ll", whole, int((seconds - whole) * 1_000_000))


def has_second_core() -> bool:
    """Where there is none, help only costs."""
    return len(os.sched_getaffinity(0)) > 1
