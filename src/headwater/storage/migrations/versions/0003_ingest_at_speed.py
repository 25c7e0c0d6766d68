"""ingest at speed: the journal's positions, hourly counts, tags, dictionaries, user reports"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("grouping", sa.String(length=32), server_default="1", nullable=False),
        sa.Column("earlier_grouping", sa.String(length=32), nullable=True),
        sa.Column("scrubs_secrets", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("sensitive_fields", sa.Text(), server_default="", nullable=False),
        sa.Column("events_per_minute", sa.Integer(), nullable=True),
        sa.Column("max_events", sa.BigInteger(), nullable=True),
        sa.Column("max_age_days", sa.Integer(), nullable=True),
    ):
        op.add_column("projects", column)
    for table in ("queue", "dead_letters"):
        op.add_column(
            table, sa.Column("event_id", sa.String(length=32), server_default="", nullable=False)
        )
        op.add_column(
            table, sa.Column("encoding", sa.String(length=64), server_default="", nullable=False)
        )
    op.create_table(
        "journal_positions",
        sa.Column("segment", sa.String(length=64), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("segment", name="pk_journal_positions"),
    )
    op.create_table(
        "issue_hours",
        sa.Column("issue_id", _ID, nullable=False),
        sa.Column("hour", _UTC, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name="fk_issue_hours_issue_id_issues", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issue_id", "hour", name="pk_issue_hours"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "issue_tags",
        sa.Column("issue_id", _ID, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=250), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", _UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name="fk_issue_tags_issue_id_issues", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("issue_id", "key", "value", name="pk_issue_tags"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "payload_dictionaries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", _UTC, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payload_dictionaries"),
    )
    op.create_table(
        "user_reports",
        sa.Column("id", _ID, nullable=False),
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("received_at", _UTC, nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("comments", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name="fk_user_reports_project_id_projects",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_user_reports"),
    )
    op.create_index(
        "ix_user_reports_project_event", "user_reports", ["project_id", "event_id"], unique=False
    )
