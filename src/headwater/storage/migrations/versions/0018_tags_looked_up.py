"""issues can be found by a value of a tag without looking at each issue's"""

import string

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    folded = "lower(value)"
    if op.get_context().dialect.name == "postgresql":
        letters = f"'{string.ascii_uppercase}', '{string.ascii_lowercase}'"
        folded = f'(translate(value, {letters}) COLLATE "C")'
    op.execute(f"CREATE INDEX ix_issue_tags_key_folded ON issue_tags (key, {folded})")
