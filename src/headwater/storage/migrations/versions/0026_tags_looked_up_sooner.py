"""PostgreSQL's index of tags is of the function that it works out sooner

The former one stays, under another name, for older processes that search beside this version; and since to
drop it here would close a ring with a digest that has read the table and is about to write. A later
version may drop it."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        folded = 'lower(value COLLATE "C")'
        if op.get_bind().execute(sa.text("SELECT EXISTS (SELECT FROM issue_tags)")).scalar():
            op.execute(
                "ALTER INDEX ix_issue_tags_key_folded RENAME TO ix_issue_tags_key_translated"
            )
        else:  # a new database, which would carry it along for nothing
            op.execute("DROP INDEX ix_issue_tags_key_folded")
        op.execute(f"CREATE INDEX ix_issue_tags_key_folded ON issue_tags (key, ({folded}))")
        op.execute("ANALYZE issue_tags")
