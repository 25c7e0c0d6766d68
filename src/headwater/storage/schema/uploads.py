"""What was uploaded. `project_id` is an upload's home: NULL is the whole instance, a number is one
project only.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
)

from headwater.storage.schema.columns import Id, Utc, last_part, metadata

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
    Column("user_id", Id, ForeignKey("users.id", ondelete="SET NULL")),  # who uploaded it by hand
    Column("last_used_at", Utc),  # to resolve a frame, to the hour; NULL: never
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
    Column("stem", String(200), nullable=False, server_default=""),  # its name without a hash
    Column("debug_id", String(64), index=True),
    Column("source_map_reference", Text),
    # "": the content was not kept, and `fault` says why.
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("fault", Text),  # why this file can't be used
    Column("sha1", String(40)),  # of files that were uploaded one by one, to a release
    # What the bundler called a minified file whose address tells only its debug id, as plugins have it.
    Column("built_as", String(250)),
)

Index("ix_artifact_files_stem_id", artifact_files.c.stem, artifact_files.c.id)

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

# What was found wrong with a bundle when it was assembled.
bundle_reports = Table(
    "bundle_reports",
    metadata,
    Column(
        "artifact_bundle_id",
        Id,
        ForeignKey("artifact_bundles.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("errors", Integer, nullable=False),
    Column("warnings", Integer, nullable=False),
    Column("notes", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),  # zstd of the findings' JSON
)

# What stored events were resolved with: such a bundle stays. No foreign key to bundles: one may be
# deleted while an event is saved.
resolution_bundles = Table(
    "resolution_bundles",
    metadata,
    Column(
        "resolution_digest",
        LargeBinary,
        ForeignKey("resolutions.digest", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("artifact_bundle_id", Id, primary_key=True, index=True),
    sqlite_with_rowid=False,
)

# Minified files and maps that were removed, the latest of them.
former_files = Table(
    "former_files",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE")),
    Column("debug_id", String(64), index=True),
    Column("url", Text, nullable=False, index=True),
    Column("version", String(250), nullable=False, index=True),  # "": none
    Column("dist", String(64), nullable=False),  # "": none
    Column("removed_at", Utc, nullable=False),
    Column("removed_by", String(200), nullable=False),
    Column("reason", String(16), nullable=False),
)

Index("ix_former_files_last_part", last_part(former_files.c.url))

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
