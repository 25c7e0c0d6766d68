"""values of tags, apart from issues: what a search with a `*` in it looks through"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tag_values",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("value", sa.String(250), nullable=False),
        sa.PrimaryKeyConstraint("key", "value", name="pk_tag_values"),
        sqlite_with_rowid=False,
    )
    # What an older process counts from now on is noted by the first look of a digest of this version.
    is_sqlite = op.get_context().dialect.name == "sqlite"
    folded = "lower(value)" if is_sqlite else 'lower(value COLLATE "C")'
    op.execute(
        f"INSERT INTO tag_values (key, value) SELECT DISTINCT key, {folded} FROM issue_tags"  # noqa: S608 # of ours
    )
