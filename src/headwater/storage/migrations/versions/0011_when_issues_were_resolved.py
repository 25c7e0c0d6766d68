"""when issues were resolved; of those that are already, now will do: what comes later is a regression"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ISSUES = sa.table(
    "issues",
    sa.column("status", sa.String),
    sa.column("resolved_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.add_column("issues", sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True))
    resolved = _ISSUES.c.status == "resolved"
    op.execute(_ISSUES.update().where(resolved).values(resolved_at=datetime.now(UTC)))
