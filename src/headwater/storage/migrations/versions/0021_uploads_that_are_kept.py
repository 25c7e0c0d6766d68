"""a project may choose how long its uploads are kept, what stored events were resolved with is known, and
processes tell what they have counted"""

import re
from collections.abc import Iterator

import sqlalchemy as sa
import zstandard
from alembic import op

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")

_PORTION = 500
"""Resolutions that are read at a time."""

_MAX_TEXT = 256 * 1024**2
_BUNDLE = re.compile(rb'"bundle":(\d{1,18})')
"""Of near misses as well: those bundles stay a little longer than they must."""


_FOREIGN_KEY = "fk_resolution_bundles_resolution_digest_resolutions"


def upgrade() -> None:
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    made = op.create_table(
        "resolution_bundles",
        sa.Column("resolution_digest", sa.LargeBinary(), nullable=False),
        sa.Column("artifact_bundle_id", _ID, nullable=False),
        sa.PrimaryKeyConstraint(
            "resolution_digest", "artifact_bundle_id", name="pk_resolution_bundles"
        ),
        *([_foreign_key()] if is_sqlite else []),
        sqlite_with_rowid=False,
    )
    for rows in _named(connection):
        if rows:
            connection.execute(made.insert(), rows)
    op.create_index(
        "ix_resolution_bundles_artifact_bundle_id", "resolution_bundles", ["artifact_bundle_id"]
    )
    if not is_sqlite:
        _refer()
    op.add_column("instances", sa.Column("counts", sa.Text(), server_default="[]", nullable=False))
    # Last: on PostgreSQL it locks the table for everybody until the end.
    for name, kind in (
        ("max_artifact_age_days", sa.Integer()),
        ("max_releases", sa.Integer()),
        ("max_artifacts", sa.BigInteger()),
    ):
        op.add_column("projects", sa.Column(name, kind, nullable=True))


def _foreign_key() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["resolution_digest"], ["resolutions.digest"], name=_FOREIGN_KEY, ondelete="CASCADE"
    )


def _refer() -> None:
    """Only now, since it locks resolutions, which a running server writes; some of them went meanwhile."""
    op.execute("LOCK TABLE resolutions IN SHARE ROW EXCLUSIVE MODE")
    op.execute(
        "DELETE FROM resolution_bundles WHERE NOT EXISTS"
        " (SELECT 1 FROM resolutions WHERE digest = resolution_digest)"
    )
    op.create_foreign_key(
        _FOREIGN_KEY,
        "resolution_bundles",
        "resolutions",
        ["resolution_digest"],
        ["digest"],
        ondelete="CASCADE",
    )


def _named(connection: sa.Connection) -> Iterator[list[dict[str, object]]]:
    """What the resolutions name that are there already."""
    dictionaries = connection.execute(sa.text("SELECT id, content FROM payload_dictionaries")).all()
    decompressors = {0: zstandard.ZstdDecompressor()}
    for number, content in dictionaries:
        plain = bytes(content)
        if plain.startswith(zstandard.FRAME_HEADER):
            plain = zstandard.decompress(plain, max_output_size=_MAX_TEXT)
        trained = zstandard.ZstdCompressionDict(plain)
        decompressors[number] = zstandard.ZstdDecompressor(dict_data=trained)
    resolutions = sa.table("resolutions", sa.column("digest"), sa.column("content"))
    wanted = sa.select(resolutions).order_by(resolutions.c.digest).limit(_PORTION)
    last = b""
    while some := connection.execute(wanted.where(resolutions.c.digest > last)).all():
        last = some[-1].digest
        yield [
            {"resolution_digest": row.digest, "artifact_bundle_id": int(each)}
            for row in some
            for each in set(_BUNDLE.findall(_text(bytes(row.content), decompressors)))
        ]


def _text(packed: bytes, decompressors: dict[int, zstandard.ZstdDecompressor]) -> bytes:
    try:
        number = zstandard.get_frame_parameters(packed).dict_id
        return decompressors[number].decompress(packed, max_output_size=_MAX_TEXT)
    except (zstandard.ZstdError, KeyError):  # it can't be shown either
        return b""
