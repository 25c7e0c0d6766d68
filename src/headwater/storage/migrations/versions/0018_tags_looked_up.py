"""issues can be found by a value of a tag without looking at each issue's"""

from alembic import op

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    folded = "lower(value)"
    if op.get_context().dialect.name == "postgresql":
        folded = '(lower(value) COLLATE "C")'
    op.execute(f"CREATE INDEX ix_issue_tags_key_folded ON issue_tags (key, {folded})")
