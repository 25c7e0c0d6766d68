"""debug ids of events and former files by their release can be looked up, and who uploaded by hand"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE artifact_bundles ADD COLUMN user_id BIGINT"
        " CONSTRAINT fk_artifact_bundles_user_id_users REFERENCES users (id) ON DELETE SET NULL"
    )
    op.create_index("ix_seen_debug_ids_debug_id", "seen_debug_ids", ["debug_id"], unique=False)
    op.create_index("ix_former_files_version", "former_files", ["version"], unique=False)
