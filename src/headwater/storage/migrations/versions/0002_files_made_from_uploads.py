"""files made from uploads"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "compiled_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_compiled_files"),
        sa.UniqueConstraint("name", name="uq_compiled_files_name"),
    )
    op.create_index("ix_compiled_files_due_at", "compiled_files", ["due_at"], unique=False)
    op.create_index("ix_compiled_files_retired_at", "compiled_files", ["retired_at"], unique=False)
    op.create_index("ix_compiled_files_sha256", "compiled_files", ["sha256"], unique=False)
    op.create_index(
        "uq_compiled_files_live",
        "compiled_files",
        ["sha256", "kind", "version"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "packs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("original_size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_packs"),
        sa.UniqueConstraint("name", name="uq_packs_name"),
    )
    op.create_index("ix_packs_retired_at", "packs", ["retired_at"], unique=False)
    op.create_index("ix_packs_sha256", "packs", ["sha256"], unique=False)
    op.create_index(
        "uq_packs_live",
        "packs",
        ["sha256"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "compiled_uses",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "holder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["compiled_files.id"], name="fk_compiled_uses_holder_id_compiled_files"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["compiled_files.id"],
            name="fk_compiled_uses_user_id_compiled_files",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "holder_id", name="pk_compiled_uses"),
    )
    op.create_index("ix_compiled_uses_holder_id", "compiled_uses", ["holder_id"], unique=False)
    op.create_table(
        "function_places",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "holder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["compiled_files.id"], name="fk_function_places_holder_id_compiled_files"
        ),
        sa.PrimaryKeyConstraint("version", "digest", name="pk_function_places"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_function_places_holder_id", "function_places", ["holder_id"], unique=False)
    op.create_table(
        "pack_uses",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "holder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(["holder_id"], ["packs.id"], name="fk_pack_uses_holder_id_packs"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["packs.id"], name="fk_pack_uses_user_id_packs", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "holder_id", name="pk_pack_uses"),
    )
    op.create_index("ix_pack_uses_holder_id", "pack_uses", ["holder_id"], unique=False)
    op.create_table(
        "piece_places",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "holder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["packs.id"], name="fk_piece_places_holder_id_packs"
        ),
        sa.PrimaryKeyConstraint("version", "digest", name="pk_piece_places"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_piece_places_holder_id", "piece_places", ["holder_id"], unique=False)
    op.create_table(
        "text_places",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "holder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["compiled_files.id"], name="fk_text_places_holder_id_compiled_files"
        ),
        sa.PrimaryKeyConstraint("version", "digest", name="pk_text_places"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_text_places_holder_id", "text_places", ["holder_id"], unique=False)
