"""an envelope that waits compressed says how long it was"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queue", sa.Column("plain_size", sa.Integer(), nullable=True))
