"""Hash chains over what is kept, and by which rules was decided."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA

revision = "0003"
down_revision = "0001"

TEXT = sa.Text(collation="C")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "links",
        sa.Column("chain", sa.Uuid, nullable=False, comment="one for each writing connection"),
        sa.Column("number", sa.BigInteger, nullable=False, comment="from 1, without gaps"),
        sa.Column("previous", BYTEA, nullable=False, comment="digest of the link before"),
        sa.Column("sealed_at", sa.BigInteger, nullable=False, comment="ns since the epoch"),
        sa.Column("rows", BYTEA, nullable=False, comment="seq and SHA-256 of each"),
        sa.Column("results", BYTEA, nullable=False, comment="id, revision and SHA-256"),
        sa.Column("note", TEXT, nullable=False, comment="JSON about the journal; usually empty"),
        sa.Column("digest", BYTEA, nullable=False, comment="SHA-256; see chain.py"),
        sa.Column("signature", BYTEA, nullable=False, comment="Ed25519; empty: none"),
        sa.PrimaryKeyConstraint("chain", "number"),
    )
    # Digests cannot be compressed.
    for column in ("rows", "results"):
        op.execute(f"ALTER TABLE links ALTER COLUMN {column} SET STORAGE EXTERNAL")
    op.create_table(
        "rulesets",
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("digest", TEXT, nullable=False, comment="of its meaning"),
        sa.PrimaryKeyConstraint("kind", "version", "digest"),
    )
