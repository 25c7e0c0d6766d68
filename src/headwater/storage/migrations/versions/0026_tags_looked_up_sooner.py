"""PostgreSQL's index of tags is of the function that it works out sooner"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        folded = 'lower(value COLLATE "C")'
        # While it is made, tags can be read; only the exchange of the two keeps readers waiting.
        op.execute(f"CREATE INDEX ix_issue_tags_key_lower ON issue_tags (key, ({folded}))")
        op.execute("ANALYZE issue_tags")
        op.execute("DROP INDEX ix_issue_tags_key_folded")
        op.execute("ALTER INDEX ix_issue_tags_key_lower RENAME TO ix_issue_tags_key_folded")
