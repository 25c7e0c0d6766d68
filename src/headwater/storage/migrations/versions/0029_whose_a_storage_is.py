"""an installation has an id, which its storage carries as well; made when it first has one"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("number", sa.Integer(), autoincrement=False, primary_key=True),
        sa.Column("id", sa.String(32), nullable=False),
    )
