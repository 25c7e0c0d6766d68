"""What is to be resolved again, and why; and what is to be told of issues."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from headwater.storage.schema.columns import Id, Utc, metadata, partial_index

# What the events that share a resolution would be resolved better with.
wants = Table(
    "wants",
    metadata,
    Column(
        "resolution_digest",
        LargeBinary,
        ForeignKey("resolutions.digest", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("key", LargeBinary, primary_key=True),  # symbolicate.wants.Want, 16 bytes
    Column("since", Utc, nullable=False),
    Column("tried_at", Utc),  # of wants that time may fulfil
    sqlite_with_rowid=False,
)
Index("ix_wants_project_id_key", wants.c.project_id, wants.c.key)

# Bundles that came, and whose wants were not looked for yet.
arrivals = Table(
    "arrivals",
    metadata,
    Column(
        "artifact_bundle_id",
        Id,
        ForeignKey("artifact_bundles.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("number", BigInteger, nullable=False),  # of its coming, by artifact_changes
)

# Stored events that are resolved again, from the newest to the oldest.
healings = Table(
    "healings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),  # storage.healings.Kind
    Column("subject", String(250), nullable=False),
    Column("cursor", BigInteger, nullable=False),  # events with lower ids are yet to come
    Column("total", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("claimed_until", Utc),
    Column("finished_at", Utc),
    UniqueConstraint("project_id", "kind", "subject"),
)
partial_index(
    "ix_healings_cursor",
    healings.c.cursor,
    where=healings.c.finished_at.is_(None),
)

# With which version of the resolver a project's events were resolved, or asked to be.
resolver_versions = Table(
    "resolver_versions",
    metadata,
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, nullable=False),
)

# What is to be told of issues, and was not yet.
announcements = Table(
    "announcements",
    metadata,
    Column("issue_id", Id, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("reason", String(16), nullable=False),  # storage.announcements.Reason
    Column("since", Utc, nullable=False),
    Column("due_at", Utc, nullable=False, index=True),
)
