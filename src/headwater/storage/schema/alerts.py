"""Who is told of what: rules, channels, what was sent, and the counts that rules are measured by."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from headwater.storage.schema.columns import Id, Utc, metadata, partial_index

alert_channels = Table(
    "alert_channels",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(16), nullable=False),  # storage.alert_channels.ChannelKind
    Column("address", Text, nullable=False),  # a secret, as far as it holds one
    Column("signing_key", String(64), nullable=False),  # of webhooks
    Column("created_at", Utc, nullable=False),
    Column("failures", Integer, nullable=False),  # in a row
    Column("rests_until", Utc),  # after a failure
    Column("claimed_by", String(32)),  # the one process that sends to it
    Column("claimed_until", Utc),
)

alert_rules = Table(
    "alert_rules",
    metadata,
    Column("id", Id, primary_key=True),
    # NULL: all of them.
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), index=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(16), nullable=False),  # storage.alert_rules.RuleKind
    Column("threshold", Integer, nullable=False),  # events, users, percent or points; 0: none
    Column("minutes", Integer, nullable=False),  # 0: no window
    Column("environment", String(64), nullable=False),  # "": any
    Column("min_level", String(16), nullable=False),  # "": any
    Column("is_on", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("last_fired_at", Utc),
)

alert_rule_channels = Table(
    "alert_rule_channels",
    metadata,
    Column("rule_id", Id, ForeignKey("alert_rules.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "channel_id",
        Id,
        ForeignKey("alert_channels.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)

# Of what a rule has told lately, so that it does not say it again with every event.
alert_firings = Table(
    "alert_firings",
    metadata,
    Column("rule_id", Id, ForeignKey("alert_rules.id", ondelete="CASCADE"), primary_key=True),
    Column("subject", String(300), primary_key=True),  # an issue's id; a project's, and a release
    Column("fired_at", Utc, nullable=False, index=True),
)

# Messages on their way, and the log of those that have arrived, or have not.
alert_deliveries = Table(
    "alert_deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    # No foreign keys: the log outlives what it is about.
    Column("channel_id", Id, nullable=False),
    Column("channel_name", String(200), nullable=False),
    Column("rule_id", Id),
    Column("rule_name", String(200), nullable=False),
    Column("project_id", Id),
    Column("issue_id", Id),
    Column("occasion", String(400), nullable=False),  # what a channel is told of once
    Column("message", LargeBinary, nullable=False),  # JSON of storage.alert_message.Message
    Column("state", String(16), nullable=False),  # storage.deliveries.State
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("finished_at", Utc),
    Column("tries", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("folded_into", Id),  # the digest message that it is part of
    UniqueConstraint("channel_id", "occasion"),
)
partial_index(
    "ix_alert_deliveries_waiting",
    alert_deliveries.c.channel_id,
    alert_deliveries.c.id,
    where=alert_deliveries.c.state == "waiting",
)
Index(
    "ix_alert_deliveries_finished",
    alert_deliveries.c.channel_id,
    alert_deliveries.c.finished_at,
)
Index("ix_alert_deliveries_project", alert_deliveries.c.project_id, alert_deliveries.c.id)

# Events of each issue by the minute of their coming, as long as a rule looks back. No foreign keys:
# rows go within a day, and the digest writes them all the time.
alert_minutes = Table(
    "alert_minutes",
    metadata,
    Column("issue_id", Id, primary_key=True),
    Column("minute", Integer, primary_key=True),  # since 1970
    Column("environment", String(64), primary_key=True),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_alert_minutes_minute", alert_minutes.c.minute)

# The users that an issue's events had, and when each was seen last.
alert_users = Table(
    "alert_users",
    metadata,
    Column("issue_id", Id, primary_key=True),
    Column("environment", String(64), primary_key=True),
    Column("user_hash", LargeBinary, primary_key=True),  # BLAKE2 of what tells users apart, 8 bytes
    Column("minute", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_alert_users_minute", alert_users.c.minute)

# Issues whose counts have changed since somebody looked.
alert_marks = Table(
    "alert_marks",
    metadata,
    Column("issue_id", Id, primary_key=True),
    Column("since", Integer, nullable=False),  # the first minute that has changed
    Column("stamp", Utc, nullable=False),  # of the last change
)
