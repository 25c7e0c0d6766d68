"""events of projects by the hour, level and release, and when bundles were used last"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "project_hours",
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("release", sa.String(length=250), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("resolved", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name="fk_project_hours_project_id_projects",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "hour", "level", "release", name="pk_project_hours"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_project_hours_release_hour", "project_hours", ["release", "hour"])
    op.create_index("ix_issue_activity_kind_at", "issue_activity", ["kind", "at"])
    op.add_column(
        "artifact_bundles", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True)
    )
