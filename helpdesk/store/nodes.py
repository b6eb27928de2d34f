"""Who works on this desk: nodes that live, and which of them leads a mailbox (P12).

A node lives until its time runs out or it says goodbye. Work in hand and leases name their node and are free
when that node does not live; so a node that dies needs nobody to find out what it had in hand. Times are the
server's, that the clocks of the nodes need not agree. On SQLite there is one node, alone by the file's lock:
whoever asks is the one that lives.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Interval,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)

from helpdesk.store.columns import UtcTime
from helpdesk.store.schema import LEASE, NODE
from helpdesk.store.session import StoreError, is_server
from helpdesk.store.statements import insert_unless_there


class TakenOver(StoreError):
    """What this node had in hand is in other hands by now: it must not go on with it."""


class Buried(TakenOver):
    """This node was silent for longer than its lease; another has taken over its work. Start it again."""


def register(connection: Connection, node: str, name: str, now: datetime, lease: timedelta) -> None:
    """A node begins to work; `name` is for people."""
    row = {
        "id": node,
        "name": name,
        "started_at": _after(connection, now),
        "until": _after(connection, now, lease),
    }
    connection.execute(insert(NODE).values(row))


def renew(connection: Connection, node: str, now: datetime, lease: timedelta) -> None:
    """The node lives for another `lease`. Raises Buried."""
    renewed = update(NODE).where(NODE.c.id == node).values(until=_after(connection, now, lease))
    if connection.execute(renewed).rowcount != 1:
        raise Buried(f"node {node} was silent for longer than {lease}: another node has taken over its work.")


def resign(connection: Connection, node: str) -> None:
    """The node ends; what it still has in hand is free at once."""
    connection.execute(delete(NODE).where(NODE.c.id == node))


def bury(connection: Connection, node: str, now: datetime) -> list[str]:
    """Nodes that were silent for too long live no more; return them. On SQLite: all but `node`."""
    silent = NODE.c.until < _after(connection, now) if is_server(connection) else literal(value=True)
    dead = delete(NODE).where(NODE.c.id != node, silent).returning(NODE.c.id)
    return list(connection.scalars(dead))


def require_alive(connection: Connection, node: str) -> None:
    """Until this transaction ends nobody buries `node`. Raises Buried where that has been done."""
    alive = select(NODE.c.id).where(NODE.c.id == node).with_for_update(read=True)
    if is_server(connection) and connection.scalar(alive) is None:
        raise Buried(f"node {node} was silent for too long: another node has taken over its work.")


def is_alone(connection: Connection, node: str) -> bool:
    """Does no other node work on this desk? One that begins at this very instant is not seen."""
    return not (is_server(connection) and connection.scalar(_OTHERS, {"node": node}))


_OTHERS = select(exists().where(NODE.c.id != bindparam("node")))


def is_free(connection: Connection, owner: ColumnElement[Any], node: str) -> ColumnElement[bool]:
    """Does the `owner` of some work not live? On SQLite everybody but `node` is long gone."""
    return free_from(owner, literal(node), server=is_server(connection))


def free_from(owner: ColumnElement[Any], node: ColumnElement[Any], *, server: bool) -> ColumnElement[bool]:
    """The same for statements that are built once."""
    if server:
        return and_(owner.is_not(None), owner.not_in(select(NODE.c.id)))
    return and_(owner.is_not(None), owner != node)


def lead(connection: Connection, name: str, node: str) -> bool:
    """Lead `name`, if nobody else who lives does. The token grows with every change of hands."""
    held = select(LEASE).where(LEASE.c.name == name).with_for_update()
    lease = connection.execute(held).first()
    if lease is None:
        return _first_to_lead(connection, name, node)
    if lease.node == node:
        return True
    taken = update(LEASE).where(LEASE.c.name == name, is_free(connection, LEASE.c.node, node))
    return connection.execute(taken.values(node=node, token=lease.token + 1)).rowcount == 1


def _first_to_lead(connection: Connection, name: str, node: str) -> bool:
    # two nodes at once: the second waits for the first's commit here, and then inserts nothing
    return insert_unless_there(connection, LEASE, {"name": name, "node": node, "token": 1})


def require_lead(connection: Connection, name: str, node: str) -> None:
    """Until this transaction ends `node` leads `name`. Raises Buried where it does not."""
    if not is_server(connection):
        return
    require_alive(connection, node)
    leads = select(LEASE.c.node).where(LEASE.c.name == name).with_for_update(read=True)
    if connection.scalar(leads) != node:
        raise Buried(f"node {node} does not lead {name} any more: another node does.")


def _after(connection: Connection, now: datetime, span: timedelta = timedelta()) -> ColumnElement[Any]:
    """`span` from now: by the server's clock where there is a server."""
    if is_server(connection):
        return func.clock_timestamp(type_=DateTime(timezone=True)) + literal(span, Interval())
    return literal(now + span, UtcTime())
