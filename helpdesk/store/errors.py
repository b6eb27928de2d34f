"""What can be wrong with a database, in words that name it and the remedy."""

from __future__ import annotations


class StoreError(Exception):
    """The database could not do what was asked; the message names the file or url and the remedy."""


class AlreadyRunning(StoreError):
    """Another daemon works on the same database (P13)."""


class DatabaseFromTheFuture(StoreError):
    """A newer helpdesk has upgraded this database."""


class DatabaseBroken(StoreError):
    """The file is no database, it is damaged, or the server's database cannot hold people's mail."""


class DatabaseUnreachable(StoreError):
    """The file or the server cannot be opened now."""


class DiskUnsure(StoreError):
    """The disk did not confirm a write; nobody knows what is on it now. Look at the disk; start the desk again."""


class NeedsUpgrade(StoreError):
    """The database is older than this helpdesk."""


class StaleTicket(StoreError):
    """Somebody else changed the ticket since it was read; read it again and repeat."""
