"""What was written on tickets and its words are packed with lz4, as letters are."""

from alembic import op

revision = "0006"
down_revision = "0005"

_LZ4 = """
DO $$ BEGIN
    EXECUTE 'ALTER TABLE {} ALTER COLUMN {} SET COMPRESSION lz4';
EXCEPTION WHEN feature_not_supported OR syntax_error THEN NULL;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, column in (("entry", "text"), ("words", "words"), ("words", "lexemes")):
            op.execute(_LZ4.format(table, column))
