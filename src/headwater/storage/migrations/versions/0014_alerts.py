"""rules, the channels that they tell, what was told, and the counts that they are measured by"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UTC = sa.DateTime(timezone=True)
_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    _channels()
    _rules()
    _deliveries()
    _counts()


def _of(column: str, table: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}", ondelete="CASCADE"
    )


def _channels() -> None:
    op.create_table(
        "alert_channels",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("signing_key", sa.String(length=64), nullable=False),
        sa.Column("created_at", _UTC, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", _UTC, nullable=True),
        sa.Column("claimed_by", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", _UTC, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alert_channels"),
    )


def _rules() -> None:
    op.create_table(
        "alert_rules",
        sa.Column("id", _ID, nullable=False),
        sa.Column("project_id", _ID, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("min_level", sa.String(length=16), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("created_at", _UTC, nullable=False),
        sa.Column("last_fired_at", _UTC, nullable=True),
        _of("project_id", "alert_rules", "projects"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_rules"),
    )
    op.create_index("ix_alert_rules_project_id", "alert_rules", ["project_id"])
    op.create_table(
        "alert_rule_channels",
        sa.Column("rule_id", _ID, nullable=False),
        sa.Column("channel_id", _ID, nullable=False),
        _of("rule_id", "alert_rule_channels", "alert_rules"),
        _of("channel_id", "alert_rule_channels", "alert_channels"),
        sa.PrimaryKeyConstraint("rule_id", "channel_id", name="pk_alert_rule_channels"),
    )
    op.create_index("ix_alert_rule_channels_channel_id", "alert_rule_channels", ["channel_id"])
    op.create_table(
        "alert_firings",
        sa.Column("rule_id", _ID, nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("fired_at", _UTC, nullable=False),
        _of("rule_id", "alert_firings", "alert_rules"),
        sa.PrimaryKeyConstraint("rule_id", "subject", name="pk_alert_firings"),
    )
    op.create_index("ix_alert_firings_fired_at", "alert_firings", ["fired_at"])


def _deliveries() -> None:
    table = "alert_deliveries"
    op.create_table(
        table,
        sa.Column("id", _ID, nullable=False),
        sa.Column("channel_id", _ID, nullable=False),
        sa.Column("channel_name", sa.String(length=200), nullable=False),
        sa.Column("rule_id", _ID, nullable=True),
        sa.Column("rule_name", sa.String(length=200), nullable=False),
        sa.Column("project_id", _ID, nullable=True),
        sa.Column("issue_id", _ID, nullable=True),
        sa.Column("occasion", sa.String(length=400), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", _UTC, nullable=False),
        sa.Column("due_at", _UTC, nullable=False),
        sa.Column("finished_at", _UTC, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("folded_into", _ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alert_deliveries"),
        sa.UniqueConstraint(
            "channel_id", "occasion", name="uq_alert_deliveries_channel_id_occasion"
        ),
    )
    op.create_index(
        "ix_alert_deliveries_waiting",
        table,
        ["channel_id", "id"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_index("ix_alert_deliveries_finished", table, ["channel_id", "finished_at"])
    op.create_index("ix_alert_deliveries_project", table, ["project_id", "id"])


def _counts() -> None:
    op.create_table(
        "alert_minutes",
        sa.Column("issue_id", _ID, nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issue_id", "minute", "environment", name="pk_alert_minutes"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alert_minutes_minute", "alert_minutes", ["minute"])
    op.create_table(
        "alert_users",
        sa.Column("issue_id", _ID, nullable=False),
        sa.Column("environment", sa.String(length=64), nullable=False),
        sa.Column("user_hash", sa.LargeBinary(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("issue_id", "environment", "user_hash", name="pk_alert_users"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alert_users_minute", "alert_users", ["minute"])
    op.create_table(
        "alert_marks",
        sa.Column("issue_id", _ID, nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("stamp", _UTC, nullable=False),
        sa.PrimaryKeyConstraint("issue_id", name="pk_alert_marks"),
    )
