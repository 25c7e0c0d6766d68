"""Which releases events came from, which files of them they named, and how many came in each hour."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from headwater.storage.schema.columns import Id, Utc, metadata

seen_releases = Table(
    "seen_releases",
    metadata,
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("version", String(250), primary_key=True),
    Column("first_seen", Utc, nullable=False),
    Column("last_seen", Utc, nullable=False),
    Column("events", BigInteger, nullable=False),
    # Frames of the project's own minified files that came out as they were written, and that did not.
    Column("resolved", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index(
    "ix_seen_releases_project_id_first_seen",
    seen_releases.c.project_id,
    seen_releases.c.first_seen,
)

seen_debug_ids = Table(
    "seen_debug_ids",
    metadata,
    Column("project_id", Id, primary_key=True),
    Column("version", String(250), primary_key=True),
    Column("debug_id", String(64), primary_key=True, index=True),
    Column("code_file", Text, nullable=False),  # of the image that named it first
    Column("first_seen", Utc, nullable=False),
    Column("last_seen", Utc, nullable=False),  # to the hour
    ForeignKeyConstraint(
        ["project_id", "version"],
        [seen_releases.c.project_id, seen_releases.c.version],
        ondelete="CASCADE",
        name="fk_seen_debug_ids_project_id_seen_releases",
    ),
    sqlite_with_rowid=False,
)

# Events that came within an hour, and how the frames of the project's own minified files came out.
project_hours = Table(
    "project_hours",
    metadata,
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("hour", Integer, primary_key=True),  # since 1970, of receiving
    Column("level", String(16), primary_key=True),
    # "": none; storage.events.project_hours.OTHER: all beyond the limit.
    Column("release", String(250), primary_key=True),
    Column("events", BigInteger, nullable=False),
    Column("resolved", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_project_hours_release_hour", project_hours.c.release, project_hours.c.hour)
