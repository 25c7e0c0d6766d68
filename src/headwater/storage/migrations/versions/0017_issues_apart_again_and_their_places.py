"""what was merged can be taken apart, issues resolved in a release, places of all frames"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("issues", sa.Column("resolved_in", sa.String(length=250), nullable=True))
    op.add_column("issues", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("issue_hashes", sa.Column("merged_from", _ID, nullable=True))
    op.add_column("events", sa.Column("merged_from", _ID, nullable=True))
    is_merged = sa.text("merged_from IS NOT NULL")
    op.create_index(
        "ix_events_merged_from",
        "events",
        ["merged_from", "issue_id", "id"],
        unique=False,
        sqlite_where=is_merged,
        postgresql_where=is_merged,
    )
    op.add_column(
        "merges", sa.Column("state", sa.String(length=16), server_default="moving", nullable=False)
    )
    op.add_column("merges", sa.Column("at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "ALTER TABLE merges ADD COLUMN user_id BIGINT"
        " CONSTRAINT fk_merges_user_id_users REFERENCES users (id) ON DELETE SET NULL"
    )
    for name in ("event_count", "last_event"):
        op.add_column(
            "merges", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        )
    op.create_index("ix_merges_state", "merges", ["state"], unique=False)
    _create_places()


def _create_places() -> None:
    op.create_table(
        "places",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("function", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name="fk_places_project_id_projects",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_places"),
    )
    op.create_index("ix_places_project_id", "places", ["project_id"], unique=False)
    op.create_table(
        "issue_places",
        sa.Column("issue_id", _ID, nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name="fk_issue_places_issue_id_issues",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["place_id"],
            ["places.id"],
            name="fk_issue_places_place_id_places",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issue_id", "place_id", name="pk_issue_places"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_issue_places_place_id", "issue_places", ["place_id"], unique=False)
