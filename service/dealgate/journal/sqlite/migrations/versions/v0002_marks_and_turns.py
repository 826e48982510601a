"""What decisions are found by besides id and entity, and the turns of series."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "marks",
        sa.Column("tenant", sa.Text, primary_key=True, nullable=False),
        sa.Column("mark", sa.Text, primary_key=True, nullable=False),
        sa.Column("seq", sa.Integer, primary_key=True, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "turns",
        sa.Column("tenant", sa.Text, primary_key=True, nullable=False),
        sa.Column("series", sa.Text, primary_key=True, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, comment="of the last turn given"),
        sa.Column("seq", sa.Integer, nullable=False, comment="of the decision that took it"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
