"""what ends a mute, who has taken an issue on, what was said and done about it, and saved searches"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("issues", sa.Column("muted_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("issues", sa.Column("muted_events", sa.BigInteger(), nullable=True))
    op.add_column("issues", sa.Column("muted_users", sa.Integer(), nullable=True))
    op.execute(
        "ALTER TABLE issues ADD COLUMN assignee_id BIGINT"
        " CONSTRAINT fk_issues_assignee_id_users REFERENCES users (id) ON DELETE SET NULL"
    )
    for name in ("repository", "repository_folder"):
        op.add_column("projects", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.create_table(
        "issue_activity",
        sa.Column("id", _ID, nullable=False),
        sa.Column("issue_id", _ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", _ID, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"],
            ["issues.id"],
            name="fk_issue_activity_issue_id_issues",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_issue_activity_user_id_users", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_issue_activity"),
    )
    op.create_index("ix_issue_activity_issue_id", "issue_activity", ["issue_id"], unique=False)
    op.create_table(
        "merges",
        sa.Column("origin", _ID, nullable=False),
        sa.Column("target", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["origin"], ["issues.id"], name="fk_merges_origin_issues", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target"], ["issues.id"], name="fk_merges_target_issues", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("origin", name="pk_merges"),
    )
    op.create_index("ix_merges_target", "merges", ["target"], unique=False)
    op.create_table(
        "saved_searches",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("order", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_saved_searches_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_saved_searches"),
    )
    op.create_index("ix_saved_searches_user_id", "saved_searches", ["user_id"], unique=False)
