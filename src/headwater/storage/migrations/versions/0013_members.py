"""roles of members, invitations, second factors, where sessions and tokens are used from"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_USERS = sa.table(
    "users",
    sa.column("id", sa.BigInteger),
    sa.column("is_admin", sa.Boolean),
    sa.column("role", sa.String),
)


def upgrade() -> None:
    _roles()
    _uses()
    op.create_table(
        "project_roles",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        _reference("project_roles", "user_id", "users", "CASCADE"),
        _reference("project_roles", "project_id", "projects", "CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "project_id", name="pk_project_roles"),
    )
    op.create_index("ix_project_roles_project_id", "project_roles", ["project_id"])
    _invitations()
    _second_factors()


def _roles() -> None:
    op.add_column(
        "users", sa.Column("role", sa.String(16), nullable=False, server_default="member")
    )
    op.add_column(
        "users", sa.Column("all_projects", sa.Boolean, nullable=False, server_default=sa.true())
    )
    admins = _USERS.c.is_admin.is_(sa.true())
    first = sa.select(sa.func.min(_USERS.c.id)).where(admins).scalar_subquery()
    op.execute(_USERS.update().where(admins).values(role="admin"))
    op.execute(_USERS.update().where(_USERS.c.id == first).values(role="owner"))
    op.drop_column("users", "is_admin")


def _uses() -> None:
    op.add_column("sessions", sa.Column("last_used_at", _MOMENT))
    for name, length in (("address", 64), ("user_agent", 300)):
        op.add_column(
            "sessions", sa.Column(name, sa.String(length), nullable=False, server_default="")
        )
    op.add_column(
        "sessions", sa.Column("is_pending", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("api_tokens", sa.Column("last_used_from", sa.String(64)))
    op.add_column("api_tokens", sa.Column("expires_at", _MOMENT))


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", _ID, nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("all_projects", sa.Boolean, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("invited_by", _ID),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        _reference("invitations", "invited_by", "users", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
    )
    op.create_table(
        "invitation_projects",
        sa.Column("invitation_id", _ID, nullable=False),
        sa.Column("project_id", _ID, nullable=False),
        _reference("invitation_projects", "invitation_id", "invitations", "CASCADE"),
        _reference("invitation_projects", "project_id", "projects", "CASCADE"),
        sa.PrimaryKeyConstraint("invitation_id", "project_id", name="pk_invitation_projects"),
    )
    op.create_index("ix_invitation_projects_project_id", "invitation_projects", ["project_id"])


def _second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("confirmed_at", _MOMENT),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        _reference("second_factors", "user_id", "users", "CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factors"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        _reference("recovery_codes", "user_id", "users", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
    )
    op.create_index("ix_recovery_codes_user_id", "recovery_codes", ["user_id"])


def _reference(table: str, column: str, to: str, when_gone: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}_{to}"
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=when_gone)
