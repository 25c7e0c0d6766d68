"""what is to be resolved again, and what is to be told of issues"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UTC = sa.DateTime(timezone=True)
_SHARED = sa.text("resolution_digest IS NOT NULL")
_UNFINISHED = sa.text("finished_at IS NULL")
_RESOLVER = 2
"""The version of the resolver when this came: what is stored was resolved by it, or before."""


def upgrade() -> None:
    op.add_column("issues", sa.Column("shown_at", _UTC, nullable=True))
    op.drop_index("ix_events_resolution_digest", table_name="events")
    op.create_index(
        "ix_events_resolution_digest_id",
        "events",
        ["resolution_digest", "id"],
        unique=False,
        sqlite_where=_SHARED,
        postgresql_where=_SHARED,
    )
    _wants()
    _arrivals()
    _healings()
    _resolver_versions()
    _announcements()


def _of(column: str, table: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [target],
        name=f"fk_{table}_{column}_{target.split('.', maxsplit=1)[0]}",
        ondelete="CASCADE",
    )


def _wants() -> None:
    op.create_table(
        "wants",
        sa.Column("resolution_digest", sa.LargeBinary(), nullable=False),
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("since", _UTC, nullable=False),
        sa.Column("tried_at", _UTC, nullable=True),
        _of("resolution_digest", "wants", "resolutions.digest"),
        _of("project_id", "wants", "projects.id"),
        sa.PrimaryKeyConstraint("resolution_digest", "project_id", "key", name="pk_wants"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_wants_project_id_key", "wants", ["project_id", "key"], unique=False)


def _arrivals() -> None:
    op.create_table(
        "arrivals",
        sa.Column("artifact_bundle_id", _ID, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        _of("artifact_bundle_id", "arrivals", "artifact_bundles.id"),
        sa.PrimaryKeyConstraint("artifact_bundle_id", name="pk_arrivals"),
    )


def _healings() -> None:
    op.create_table(
        "healings",
        sa.Column("id", _ID, nullable=False),
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=250), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", _UTC, nullable=False),
        sa.Column("claimed_until", _UTC, nullable=True),
        sa.Column("finished_at", _UTC, nullable=True),
        _of("project_id", "healings", "projects.id"),
        sa.PrimaryKeyConstraint("id", name="pk_healings"),
        sa.UniqueConstraint(
            "project_id", "kind", "subject", name="uq_healings_project_id_kind_subject"
        ),
    )
    op.create_index(
        "ix_healings_cursor",
        "healings",
        ["cursor"],
        unique=False,
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )


def _resolver_versions() -> None:
    op.create_table(
        "resolver_versions",
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _of("project_id", "resolver_versions", "projects.id"),
        sa.PrimaryKeyConstraint("project_id", name="pk_resolver_versions"),
    )
    op.execute(
        f"INSERT INTO resolver_versions (project_id, version) SELECT id, {_RESOLVER} FROM projects"  # noqa: S608 # ours
    )


def _announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("issue_id", _ID, nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("since", _UTC, nullable=False),
        sa.Column("due_at", _UTC, nullable=False),
        _of("issue_id", "announcements", "issues.id"),
        sa.PrimaryKeyConstraint("issue_id", name="pk_announcements"),
    )
    op.create_index("ix_announcements_due_at", "announcements", ["due_at"], unique=False)
