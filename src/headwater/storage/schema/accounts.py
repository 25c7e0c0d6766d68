"""Who may do what: users and their sessions, projects, keys and tokens."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    false,
    true,
)

from headwater.storage.schema.columns import Id, Utc, metadata, partial_index

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", String(16), nullable=False),  # owner, admin, member, viewer
    # False: only the projects of project_roles are seen.
    Column("all_projects", Boolean, nullable=False, server_default=true()),
    Column("created_at", Utc, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("last_used_at", Utc),  # NULL: of a version that did not write it down
    Column("address", String(64), nullable=False, server_default=""),
    Column("user_agent", String(300), nullable=False, server_default=""),
    # The password was right, and the second factor is still asked for.
    Column("is_pending", Boolean, nullable=False, server_default=false()),
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
    Column("max_artifact_age_days", Integer),
    Column("max_releases", Integer),
    Column("max_artifacts", BigInteger),  # bytes
    # Where frames lead to: an address, or a pattern of one; and the project's folder in it.
    Column("repository", Text, nullable=False, server_default=""),
    Column("repository_folder", Text, nullable=False, server_default=""),
    # Nobody sees it from then on; what is left of it goes in steps, and this row last.
    Column("deleted_at", Utc),
    # Events on their way, logs and links name projects by their number, which is not given again.
    sqlite_autoincrement=True,
)
# Every list asks which those are, and they are few.
partial_index(
    "ix_projects_deleted_at",
    projects.c.deleted_at,
    where=projects.c.deleted_at.is_not(None),
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
    Column("last_used_from", String(64)),  # the client's address
    Column("expires_at", Utc),  # NULL: never
    Column("revoked_at", Utc),
)
