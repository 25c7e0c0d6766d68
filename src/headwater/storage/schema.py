"""Every table, in one place. Alembic's migrations bring a database to this shape."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    func,
    true,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in a column that is an INTEGER to the letter."""


class Utc(TypeDecorator[datetime]):
    """A moment in UTC, aware on both databases (SQLite itself stores no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"a time without a zone can't be stored: {value!r}")
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
)

projects = Table(
    "projects",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", String(100), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("platform", String(64)),
    Column("created_at", Utc, nullable=False),
    # headwater.grouping.versions: the project's own until somebody moves it on.
    Column("grouping", String(32), nullable=False, server_default="1"),
    Column("earlier_grouping", String(32)),  # that its older issues were made with; NULL: the same
    Column("scrubs_secrets", Boolean, nullable=False, server_default=true()),
    Column("sensitive_fields", Text, nullable=False, server_default=""),  # one name a line
    # NULL in these: as the instance's settings say.
    Column("events_per_minute", Integer),
    Column("max_events", BigInteger),
    Column("max_age_days", Integer),
)

project_keys = Table(
    "project_keys",
    metadata,
    Column("id", Id, primary_key=True),
    Column(
        "project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("public_key", String(32), nullable=False, unique=True),
    Column("created_at", Utc, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("prefix", String(16), nullable=False),
    # NULL: the whole instance.
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), index=True),
    Column("scope", String(16), nullable=False),  # upload, full
    Column("created_by", Id, ForeignKey("users.id", ondelete="SET NULL")),
    Column("created_at", Utc, nullable=False),
    Column("last_used_at", Utc),
    Column("revoked_at", Utc),
)

# --- uploads -------------------------------------------------------------------------------------
# `project_id` is an upload's home: NULL is the whole instance, a number is one project only.

chunks = Table(
    "chunks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE")),
    Column("sha1", String(40), nullable=False),
    Column("size", Integer, nullable=False),
    Column("touched_at", Utc, nullable=False, index=True),
)
Index("uq_chunks_home_sha1", func.coalesce(chunks.c.project_id, 0), chunks.c.sha1, unique=True)

artifact_bundles = Table(
    "artifact_bundles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE")),
    Column("checksum", String(40), nullable=False),  # SHA-1 of the whole bundle
    Column("bundle_id", String(64)),  # the manifest's own debug_id
    Column("size", BigInteger, nullable=False),
    Column("uploaded_at", Utc, nullable=False),
    Column("token_id", Id, ForeignKey("api_tokens.id", ondelete="SET NULL")),
)
Index(
    "uq_artifact_bundles_home_checksum",
    func.coalesce(artifact_bundles.c.project_id, 0),
    artifact_bundles.c.checksum,
    unique=True,
)

artifact_files = Table(
    "artifact_files",
    metadata,
    Column("id", Id, primary_key=True),
    Column(
        "artifact_bundle_id",
        Id,
        ForeignKey("artifact_bundles.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("type", String(32), nullable=False),
    Column("url", Text, nullable=False, index=True),
    Column("debug_id", String(64), index=True),
    Column("source_map_reference", Text),
    # "": the content was not kept, and `fault` says why.
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("fault", Text),  # why this file can't be used
    Column("sha1", String(40)),  # of files that were uploaded one by one, to a release
)

bundle_releases = Table(
    "bundle_releases",
    metadata,
    Column("id", Id, primary_key=True),
    Column(
        "artifact_bundle_id",
        Id,
        ForeignKey("artifact_bundles.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("version", String(250), nullable=False, index=True),
    Column("dist", String(64), nullable=False, server_default=""),  # "": none
    UniqueConstraint("artifact_bundle_id", "version", "dist"),
)

upload_refusals = Table(
    "upload_refusals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("first_at", Utc, nullable=False),
    Column("last_at", Utc, nullable=False, index=True),
    Column("count", BigInteger, nullable=False),
    Column("status", Integer, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("token_prefix", String(16), nullable=False),  # "": none was sent
    Column("token_name", String(200)),  # NULL: no token of ours
    Column("project_id", Id),  # the token's; NULL: the whole instance, or nobody knows
    Column("method", String(16), nullable=False),
    Column("path", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
)

# One row: counts the changes to what events may see of uploads.
artifact_changes = Table(
    "artifact_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", BigInteger, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE")),
    Column("version", String(250), nullable=False),
    Column("url", Text),
    Column("created_at", Utc, nullable=False),
    Column("released_at", Utc),
    Column("commits", Text),  # JSON, as the client sent it
    Column("status", String(16), nullable=False, server_default="open"),  # open, archived
)
Index(
    "uq_releases_home_version",
    func.coalesce(releases.c.project_id, 0),
    releases.c.version,
    unique=True,
)

deploys = Table(
    "deploys",
    metadata,
    Column("id", Id, primary_key=True),
    Column(
        "release_id", Id, ForeignKey("releases.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("environment", String(64), nullable=False),
    Column("name", String(64)),
    Column("url", Text),
    Column("started_at", Utc),
    Column("finished_at", Utc),
)

# --- what is made from uploads ------------------------------------------------------------------
# Files made from uploaded ones share what they have in common: each text, function table or piece is
# in one of them, its holder, and the others use that one. A holder that is used can't be deleted.


def _holders(name: str, *columns: Column[Any]) -> Table:
    """Files that hold something for one another. Their bytes are durable before their rows."""
    return Table(
        name,
        metadata,
        Column("id", Id, primary_key=True),
        Column("name", String(128), nullable=False, unique=True),
        Column("sha256", String(64), nullable=False, index=True),  # of what it was made from
        Column("size", BigInteger, nullable=False),
        Column("made_at", Utc, nullable=False),
        # Since when it holds nothing for new files, and look-ups prefer another; NULL: it does.
        Column("retired_at", Utc, index=True),
        *columns,
    )


def _uses(name: str, holders: Table) -> Table:
    return Table(
        name,
        metadata,
        Column("user_id", Id, ForeignKey(holders.c.id, ondelete="CASCADE"), primary_key=True),
        Column("holder_id", Id, ForeignKey(holders.c.id), primary_key=True, index=True),
    )


def _places(name: str, holders: Table) -> Table:
    """Where in which file something is: `offset` and `length` as that kind of file counts them."""
    return Table(
        name,
        metadata,
        Column("version", Integer, primary_key=True),
        Column("digest", LargeBinary, primary_key=True),  # SHA-256
        Column("holder_id", Id, ForeignKey(holders.c.id), nullable=False, index=True),
        Column("offset", BigInteger, nullable=False),
        Column("length", BigInteger, nullable=False),
        sqlite_with_rowid=False,  # a table that is its own index takes half the space
    )


compiled_files = _holders(
    "compiled_files",
    Column("version", Integer, nullable=False),  # of the format
    Column("kind", String(24), nullable=False),  # headwater.storage.compiled.Kind
    # When the file of the second stage may be made; NULL: it is there, or there is none.
    Column("due_at", Utc, index=True),
    Column("attempts", Integer, nullable=False),
)
Index(
    "uq_compiled_files_live",
    compiled_files.c.sha256,
    compiled_files.c.kind,
    compiled_files.c.version,
    unique=True,
    sqlite_where=compiled_files.c.retired_at.is_(None),
    postgresql_where=compiled_files.c.retired_at.is_(None),
)
compiled_uses = _uses("compiled_uses", compiled_files)
text_places = _places("text_places", compiled_files)
function_places = _places("function_places", compiled_files)

packs = _holders(
    "packs",
    Column("original_size", BigInteger, nullable=False),  # bytes of the uploaded file
)
Index(
    "uq_packs_live",
    packs.c.sha256,
    unique=True,
    sqlite_where=packs.c.retired_at.is_(None),
    postgresql_where=packs.c.retired_at.is_(None),
)
pack_uses = _uses("pack_uses", packs)
piece_places = _places("piece_places", packs)

# --- events --------------------------------------------------------------------------------------

queue = Table(
    "queue",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("event_id", String(32), nullable=False, server_default=""),  # what the client was told
    Column(
        "encoding", String(64), nullable=False, server_default=""
    ),  # the Content-Encoding of the envelope
    Column("envelope", LargeBinary, nullable=False),  # as it came
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_until", Utc),  # NULL: free; a worker that died holds it no longer than this
)

# How far the digest has read in each segment of the journal, which is SQLite's companion; written in
# the transaction that saves what was read, so that nothing is read twice or not at all.
journal_positions = Table(
    "journal_positions",
    metadata,
    Column("segment", String(64), primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),  # at the record that begins there
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, nullable=False, index=True),
    Column("received_at", Utc, nullable=False),
    Column("failed_at", Utc, nullable=False),
    Column("error", Text, nullable=False),
    Column("event_id", String(32), nullable=False, server_default=""),
    Column("encoding", String(64), nullable=False, server_default=""),
    Column("envelope", LargeBinary, nullable=False),
)

issues = Table(
    "issues",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("title", Text, nullable=False),  # `Error: Invoice not found`
    Column("culprit", Text, nullable=False),  # `getPostedInvoice · src/lib/actions/invoices.ts:84`
    Column("level", String(16), nullable=False),
    Column("platform", String(64), nullable=False),
    Column("status", String(16), nullable=False, server_default="unresolved"),
    Column("event_count", BigInteger, nullable=False),
    Column("first_seen", Utc, nullable=False),
    Column("last_seen", Utc, nullable=False),
    Column("latest_event_id", String(32)),
    # A tombstone: this issue's events are now that one's.
    Column("merged_into", Id, ForeignKey("issues.id", ondelete="SET NULL")),
)
Index("ix_issues_project_last_seen", issues.c.project_id, issues.c.status, issues.c.last_seen)
# Who deletes an issue looks for those that were merged into it.
Index(
    "ix_issues_merged_into",
    issues.c.merged_into,
    sqlite_where=issues.c.merged_into.is_not(None),
    postgresql_where=issues.c.merged_into.is_not(None),
)

# How many of an issue's events retention has taken away: `issues.event_count` less this are stored.
# Not a column of `issues`, whose rows the digest locks all the time.
removed_events = Table(
    "removed_events",
    metadata,
    Column("issue_id", Id, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("count", BigInteger, nullable=False),
)

issue_hours = Table(
    "issue_hours",
    metadata,
    Column("issue_id", Id, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("hour", Utc, primary_key=True),  # of the events' own timestamps
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

issue_tags = Table(
    "issue_tags",
    metadata,
    Column("issue_id", Id, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("value", String(250), primary_key=True),  # "": all values beyond the limit
    Column("count", BigInteger, nullable=False),
    Column("last_seen", Utc, nullable=False),
    sqlite_with_rowid=False,
)

issue_hashes = Table(
    "issue_hashes",
    metadata,
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", String(32), primary_key=True),
    Column("issue_id", Id, ForeignKey("issues.id", ondelete="CASCADE"), nullable=False, index=True),
    # False: made from minified frames, so that different errors may share it.
    Column("is_final", Boolean, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", String(32), nullable=False),
    Column("issue_id", Id, ForeignKey("issues.id", ondelete="CASCADE"), nullable=False),
    Column("timestamp", Utc, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("title", Text, nullable=False),
    Column("level", String(16), nullable=False),
    Column("platform", String(64), nullable=False),
    Column("release", String(250)),
    Column("dist", String(64)),
    Column("environment", String(64)),
    Column("provisional_hash", String(32), nullable=False),
    Column("final_hash", String(32), nullable=False),
    # zstd of the event's JSON, as it came but for secrets and what exceeds limits; with a
    # dictionary, if the frame names one.
    Column("payload", LargeBinary, nullable=False),
    Column("resolution", LargeBinary, nullable=False),  # zstd of symbolicate.resolution.Resolution
    UniqueConstraint("project_id", "event_id"),
)
Index("ix_events_issue_id_id", events.c.issue_id, events.c.id)
Index("ix_events_project_id_id", events.c.project_id, events.c.id)

payload_dictionaries = Table(
    "payload_dictionaries",
    metadata,
    Column("id", Integer, primary_key=True),  # as zstd's frames name it
    Column("made_at", Utc, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

user_reports = Table(
    "user_reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", String(32), nullable=False),  # that it is about; it may come later, or never
    Column("received_at", Utc, nullable=False),
    Column("name", String(250), nullable=False),
    Column("email", String(320), nullable=False),
    Column("comments", Text, nullable=False),
)
Index("ix_user_reports_project_event", user_reports.c.project_id, user_reports.c.event_id)

outcomes = Table(
    "outcomes",
    metadata,
    Column("project_id", Id, primary_key=True),  # 0: no project, such as an unknown API path
    Column("hour", Utc, primary_key=True),
    Column("category", String(32), primary_key=True),  # error, transaction, session, api …
    Column("reason", String(64), primary_key=True),  # accepted, duplicate, not_kept:transaction …
    Column("count", BigInteger, nullable=False),
)
