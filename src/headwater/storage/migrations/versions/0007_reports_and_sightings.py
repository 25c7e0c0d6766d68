"""what was found wrong with bundles, and which releases and debug ids events came from"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("artifact_files", sa.Column("built_as", sa.String(250), nullable=True))
    op.create_table(
        "bundle_reports",
        sa.Column("artifact_bundle_id", _ID, nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact_bundle_id"],
            ["artifact_bundles.id"],
            name="fk_bundle_reports_artifact_bundle_id_artifact_bundles",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("artifact_bundle_id", name="pk_bundle_reports"),
    )
    op.create_table(
        "seen_releases",
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("version", sa.String(250), nullable=False),
        sa.Column("first_seen", _MOMENT, nullable=False),
        sa.Column("last_seen", _MOMENT, nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("resolved", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name="fk_seen_releases_project_id_projects",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "version", name="pk_seen_releases"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_seen_releases_project_id_first_seen",
        "seen_releases",
        ["project_id", "first_seen"],
        unique=False,
    )
    op.create_table(
        "seen_debug_ids",
        sa.Column("project_id", _ID, nullable=False),
        sa.Column("version", sa.String(250), nullable=False),
        sa.Column("debug_id", sa.String(64), nullable=False),
        sa.Column("code_file", sa.Text(), nullable=False),
        sa.Column("first_seen", _MOMENT, nullable=False),
        sa.Column("last_seen", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "version"],
            ["seen_releases.project_id", "seen_releases.version"],
            name="fk_seen_debug_ids_project_id_seen_releases",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "version", "debug_id", name="pk_seen_debug_ids"),
        sqlite_with_rowid=False,
    )
