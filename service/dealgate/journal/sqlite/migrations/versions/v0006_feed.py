"""The order in which results were recorded, and how far readers of the feed have come."""

import os

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

# Results of before come after the decisions of before, by the time they were recorded at.
PLACE = """
    INSERT INTO result_positions (after, number, tenant, decision, revision)
    SELECT (SELECT max(seq) FROM decisions),
        row_number() OVER (ORDER BY recorded_at, tenant, decision, revision),
        tenant, decision, revision
    FROM results
"""


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "result_positions",
        sa.Column("after", sa.Integer, primary_key=True, comment="the newest decision then"),
        sa.Column("number", sa.Integer, primary_key=True, comment="of the results since, from 1"),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("decision", sa.LargeBinary, nullable=False, comment="its id"),
        sa.Column("revision", sa.Integer, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(PLACE)
    feed = op.create_table(
        "feed",
        sa.Column("id", sa.LargeBinary, nullable=False, comment="of this journal alone"),
        sa.Column("pruned", sa.Integer, nullable=False, comment="the newest decision taken away"),
        sqlite_strict=True,
    )
    op.bulk_insert(feed, [{"id": os.urandom(8), "pruned": 0}])
    op.create_table(
        "bookmarks",
        sa.Column("name", sa.Text, primary_key=True, nullable=False),
        sa.Column("first", sa.Integer, nullable=False, comment="how far its reader has come"),
        sa.Column("second", sa.Integer, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
