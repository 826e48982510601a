"""A hash chain over what is kept, and by which rules was decided."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "links",
        sa.Column("number", sa.Integer, primary_key=True, comment="from 1, without gaps"),
        sa.Column("previous", sa.LargeBinary, nullable=False, comment="digest of the link before"),
        sa.Column("sealed_at", sa.Integer, nullable=False, comment="ns since the epoch"),
        sa.Column("rows", sa.LargeBinary, nullable=False, comment="seq and SHA-256 of each"),
        sa.Column("results", sa.LargeBinary, nullable=False, comment="id, revision and SHA-256"),
        sa.Column("note", sa.Text, nullable=False, comment="JSON about the journal; usually empty"),
        sa.Column("digest", sa.LargeBinary, nullable=False, comment="SHA-256; see chain.py"),
        sa.Column("signature", sa.LargeBinary, nullable=False, comment="Ed25519; empty: none"),
        sqlite_strict=True,
    )
    op.create_table(
        "rulesets",
        sa.Column("kind", sa.Text, primary_key=True, nullable=False),
        sa.Column("version", sa.Integer, primary_key=True, nullable=False),
        sa.Column("digest", sa.Text, primary_key=True, nullable=False, comment="of its meaning"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
