"""a project can be deleted, and its number is never given to another, on SQLite either"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_IS_DELETED = sa.text("deleted_at IS NOT NULL")


def upgrade() -> None:
    deleted_at = sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True)
    if op.get_context().dialect.name == "sqlite":
        # SQLite remembers the highest number only of a table that was made to.
        with op.batch_alter_table(
            "projects", recreate="always", table_kwargs={"sqlite_autoincrement": True}
        ) as batch:
            batch.add_column(deleted_at)
    else:
        op.add_column("projects", deleted_at)
    op.create_index(
        "ix_projects_deleted_at",
        "projects",
        ["deleted_at"],
        sqlite_where=_IS_DELETED,
        postgresql_where=_IS_DELETED,
    )
