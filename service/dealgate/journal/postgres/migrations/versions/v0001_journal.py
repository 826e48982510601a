"""Decisions, their keys, marks, turns and results.

Texts of callers are bytes: PostgreSQL's text cannot hold every character that a message can.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA

revision = "0001"
down_revision = None

TEXT = sa.Text(collation="C")


def upgrade() -> None:
    """Create the tables."""
    op.execute("CREATE SEQUENCE decisions_seq")
    _decisions()
    _beside()
    _results()
    op.create_table("drift", sa.Column("milliseconds", sa.BigInteger, primary_key=True))


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("seq", sa.BigInteger, nullable=False, comment="about the order of commit"),
        sa.Column("id", sa.Uuid, nullable=False, comment="UUIDv7"),
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=False, comment="ns since the epoch"),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("entity", BYTEA, nullable=False, comment="type, slash, id; UTF-8"),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("dictionary", sa.BigInteger, comment="of the body; null: none"),
        sa.Column("body", BYTEA, nullable=False, comment="zstd; see record.py"),
        sa.PrimaryKeyConstraint("tenant", "id"),
    )
    # Bodies are compressed already.
    op.execute("ALTER TABLE decisions ALTER COLUMN body SET STORAGE EXTERNAL")
    op.create_index("decisions_by_entity", "decisions", ["tenant", "entity", "id"])
    op.create_index("decisions_by_seq", "decisions", ["seq"], unique=True)


def _beside() -> None:
    op.create_table(
        "keys",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("body_hash", BYTEA, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False, comment="of the first decision"),
        sa.Column("decided_at", sa.BigInteger, nullable=False, comment="ns since the epoch"),
        sa.PrimaryKeyConstraint("tenant", "key"),
    )
    op.create_index("keys_by_age", "keys", ["decided_at"])
    op.create_table(
        "marks",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "mark", "seq"),
    )
    op.create_table(
        "turns",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("series", TEXT, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False, comment="of the last turn given"),
        sa.Column("id", sa.Uuid, nullable=False, comment="of the decision that took it"),
        sa.PrimaryKeyConstraint("tenant", "series"),
    )


def _results() -> None:
    op.create_table(
        "results",
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("decision", sa.Uuid, nullable=False, comment="its id"),
        sa.Column("revision", sa.BigInteger, nullable=False, comment="from 1"),
        sa.Column("type", TEXT, nullable=False, comment="ResultType without its prefix"),
        sa.Column("happened_at", sa.BigInteger, nullable=False, comment="ns since the epoch"),
        sa.Column("recorded_at", sa.BigInteger, nullable=False, comment="ns since the epoch"),
        sa.Column("amount", sa.BigInteger, comment="minor units; null: not known"),
        sa.Column("currency", TEXT, nullable=False, comment="ISO 4217; empty: no amount"),
        sa.Column("reason", BYTEA, nullable=False),
        sa.Column("recorded_by", BYTEA, nullable=False),
        sa.Column("because", BYTEA, nullable=False, comment="empty: the first revision"),
        sa.PrimaryKeyConstraint("tenant", "decision", "revision"),
    )
