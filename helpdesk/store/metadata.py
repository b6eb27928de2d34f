"""The two sets that every table belongs to, and what tables have in common; `schema` has the tables."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, MetaData, String

from helpdesk.store.columns import Id

# Alembic's batch mode loses constraints without a name (MAIL_RULES 4)
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SPOOL = MetaData(naming_convention=NAMING)
DESK = MetaData(naming_convention=NAMING)

Name = String(40)
"""Names that the desk gives to nodes and settings."""


def ticket_column(*, nullable: bool = False) -> Column[int]:
    """The ticket that a row belongs to."""
    return Column("ticket", Id, ForeignKey("ticket.number"), nullable=nullable, index=True)
