"""Tickets are found by their customer however the address is spelt."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.drop_index(op.f("ix_ticket_customer_address"), "ticket")
    op.create_index("ix_ticket_customer_address", "ticket", [sa.text("lower(customer_address)")])
