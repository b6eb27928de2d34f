"""${message}."""

import sqlalchemy as sa
from alembic import op

from helpdesk.store import columns

revision = ${'"%s"' % up_revision}
down_revision = ${'"%s"' % down_revision if down_revision else None}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
