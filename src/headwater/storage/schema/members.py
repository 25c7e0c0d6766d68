"""What people were given beside an account: roles in projects, invitations, second factors."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, String, Table

from headwater.storage.schema.columns import Id, Utc, metadata

project_roles = Table(
    "project_roles",
    metadata,
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "project_id",
        Id,
        ForeignKey("projects.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    Column("role", String(16), nullable=False),  # admin, member, viewer
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(320), nullable=False),
    Column("role", String(16), nullable=False),
    Column("all_projects", Boolean, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("invited_by", Id, ForeignKey("users.id", ondelete="SET NULL")),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
)

invitation_projects = Table(
    "invitation_projects",
    metadata,
    Column("invitation_id", Id, ForeignKey("invitations.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "project_id",
        Id,
        ForeignKey("projects.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("secret", String(64), nullable=False),  # base32; every code is made from it
    Column("created_at", Utc, nullable=False),
    Column("confirmed_at", Utc),  # NULL: not asked for yet
    Column("last_step", BigInteger, nullable=False),  # of the last code that was taken, in 30 s
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("code_hash", String(64), nullable=False),
)
