"""former files are found by the last part of their addresses"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_sqlite = op.get_context().dialect.name == "sqlite"
    last_part = (
        "substr(url, length(rtrim(url, replace(url, '/', ''))) + 1)"
        if is_sqlite
        else "\"substring\"(url, '[^/]*$')"
    )
    # Of MAX_FORMER rows at most: a moment.
    op.execute(f"CREATE INDEX ix_former_files_last_part ON former_files (({last_part}))")
