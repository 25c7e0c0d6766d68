"""retention: how many events it took from each issue, and a project's events in the order of storing"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "removed_events",
        sa.Column("issue_id", _ID, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name="fk_removed_events_issue_id_issues",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issue_id", name="pk_removed_events"),
    )
    op.create_index("ix_events_project_id_id", "events", ["project_id", "id"], unique=False)
    op.create_index(
        "ix_issues_merged_into",
        "issues",
        ["merged_into"],
        unique=False,
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
