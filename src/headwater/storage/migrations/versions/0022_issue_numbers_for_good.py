"""the number of a deleted issue is never given to another, on SQLite either"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name != "sqlite":
        return
    # SQLite remembers the highest number only of a table that was made to.
    with op.batch_alter_table(
        "issues", recreate="always", table_kwargs={"sqlite_autoincrement": True}
    ):
        pass
