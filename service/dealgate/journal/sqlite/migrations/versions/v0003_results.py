"""What really happened after decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "results",
        sa.Column("tenant", sa.Text, primary_key=True, nullable=False),
        sa.Column("decision", sa.LargeBinary, primary_key=True, nullable=False, comment="its id"),
        sa.Column("revision", sa.Integer, primary_key=True, nullable=False, comment="from 1"),
        sa.Column("type", sa.Text, nullable=False, comment="ResultType without its prefix"),
        sa.Column("happened_at", sa.Integer, nullable=False, comment="ns since the epoch"),
        sa.Column("recorded_at", sa.Integer, nullable=False, comment="ns since the epoch"),
        sa.Column("amount", sa.Integer, comment="minor units; null: not known"),
        sa.Column("currency", sa.Text, nullable=False, comment="ISO 4217; empty: no amount"),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("recorded_by", sa.Text, nullable=False),
        sa.Column("because", sa.Text, nullable=False, comment="empty: the first revision"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
