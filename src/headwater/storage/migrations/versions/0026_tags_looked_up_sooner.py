"""PostgreSQL's index of tags is of the function that it works out sooner"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        folded = 'lower(value COLLATE "C")'
        op.execute("DROP INDEX ix_issue_tags_key_folded")
        op.execute(f"CREATE INDEX ix_issue_tags_key_folded ON issue_tags (key, ({folded}))")
        op.execute("ANALYZE issue_tags")
