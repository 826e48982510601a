"""Decisions, their idempotency keys, and the dictionaries their bodies are compressed with."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    _decisions()
    _keys()
    _dictionaries()
    _drift()


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("seq", sa.Integer, primary_key=True, comment="order of commit"),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("id", sa.LargeBinary, nullable=False, comment="UUIDv7, 16 bytes"),
        sa.Column("decided_at", sa.Integer, nullable=False, comment="ns since the epoch"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("entity", sa.Text, nullable=False, comment="type, slash, id"),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("dictionary", sa.Integer, comment="of the body; null: none"),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="zstd; see record.py"),
        sqlite_strict=True,
    )
    # The only index on the hot file that grows for ever: UUIDv7s come in order, so it appends.
    op.create_index("decisions_by_id", "decisions", ["tenant", "id"], unique=True)


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("seq", sa.Integer, primary_key=True, comment="of the first decision"),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("body_hash", sa.LargeBinary, nullable=False),
        sa.Column("decided_at", sa.Integer, nullable=False, comment="ns since the epoch"),
        sqlite_strict=True,
    )
    op.create_index("keys_by_key", "keys", ["tenant", "key"], unique=True)


def _dictionaries() -> None:
    op.create_table(
        "dictionaries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("trained_at", sa.Integer, nullable=False, comment="last seq it was trained on"),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )


def _drift() -> None:
    op.create_table(
        "drift",
        sa.Column("milliseconds", sa.Integer, primary_key=True),
        comment="bounds on how far an id's time is from its decided_at; the largest counts",
        sqlite_strict=True,
    )
