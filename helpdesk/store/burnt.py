"""Signed reply addresses that others than their person have seen: they prove nobody any more (T3, T4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from helpdesk.store.schema import BURNT
from helpdesk.store.statements import insert_unless_there


def burn(connection: Connection, addresses: Iterable[tuple[str, str]], now: datetime) -> None:
    """Each address with the reason; one that is burnt already keeps its first."""
    for address, why in addresses:
        insert_unless_there(connection, BURNT, {"address": address, "why": why, "at": now})


def burnt_among(connection: Connection, addresses: Iterable[str]) -> frozenset[str]:
    asked = tuple(addresses)
    if not asked:
        return frozenset()
    return frozenset(connection.scalars(select(BURNT.c.address).where(BURNT.c.address.in_(asked))))
