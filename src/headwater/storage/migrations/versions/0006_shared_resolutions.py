"""resolutions that events share"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resolutions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_resolutions"),
    )
    # SQLite adds a column with what it refers to in one statement only, and without a name for it.
    op.execute(
        "ALTER TABLE events ADD COLUMN resolution_digest "
        + ("BLOB" if op.get_bind().dialect.name == "sqlite" else "BYTEA")
        + " REFERENCES resolutions (digest)"
    )
    op.create_index(
        "ix_events_resolution_digest",
        "events",
        ["resolution_digest"],
        unique=False,
        sqlite_where=sa.text("resolution_digest IS NOT NULL"),
        postgresql_where=sa.text("resolution_digest IS NOT NULL"),
    )
