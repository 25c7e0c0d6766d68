"""file names without hashes, to find near misses by; and what was removed"""

import sqlalchemy as sa
from alembic import op

from headwater.protocol.file_names import stem_of

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FILES = sa.table(
    "artifact_files", sa.column("id", _ID), sa.column("url", sa.Text), sa.column("stem", sa.String)
)
_AT_ONCE = 5_000


def upgrade() -> None:
    op.add_column(
        "artifact_files",
        sa.Column("stem", sa.String(length=200), server_default="", nullable=False),
    )
    _name_all()
    op.create_index("ix_artifact_files_stem_id", "artifact_files", ["stem", "id"], unique=False)
    op.create_table(
        "former_files",
        sa.Column("id", _ID, nullable=False),
        sa.Column("project_id", _ID, nullable=True),
        sa.Column("debug_id", sa.String(length=64), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=250), nullable=False),
        sa.Column("dist", sa.String(length=64), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name="fk_former_files_project_id_projects",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_former_files"),
    )
    op.create_index("ix_former_files_debug_id", "former_files", ["debug_id"], unique=False)
    op.create_index("ix_former_files_url", "former_files", ["url"], unique=False)


def _name_all() -> None:
    connection, last = op.get_bind(), 0
    while True:
        wanted = sa.select(_FILES.c.id, _FILES.c.url).where(_FILES.c.id > last)
        rows = connection.execute(wanted.order_by(_FILES.c.id).limit(_AT_ONCE)).all()
        if not rows:
            return
        connection.execute(
            _FILES.update()
            .where(_FILES.c.id == sa.bindparam("of"))
            .values(stem=sa.bindparam("is_now")),
            [{"of": row.id, "is_now": stem_of(row.url)} for row in rows],
        )
        last = rows[-1].id
