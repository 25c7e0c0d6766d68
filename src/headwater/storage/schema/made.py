"""What is made from uploads.

Files made from uploaded ones share what they have in common: each text, function table or piece is
in one of them, its holder, and the others use that one. A holder that is used can't be deleted.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
)

from headwater.storage.schema.columns import Id, Utc, metadata, partial_index


def _holders(name: str, *columns: Column[Any]) -> Table:
    """Files that hold something for one another. Their bytes are durable before their rows."""
    return Table(
        name,
        metadata,
        Column("id", Id, primary_key=True),
        Column("name", String(128), nullable=False, unique=True),
        Column("sha256", String(64), nullable=False, index=True),  # of what it was made from
        Column("size", BigInteger, nullable=False),
        Column("made_at", Utc, nullable=False),
        # Since when it holds nothing for new files, and look-ups prefer another; NULL: it does.
        Column("retired_at", Utc, index=True),
        *columns,
    )


def _uses(name: str, holders: Table) -> Table:
    return Table(
        name,
        metadata,
        Column("user_id", Id, ForeignKey(holders.c.id, ondelete="CASCADE"), primary_key=True),
        Column("holder_id", Id, ForeignKey(holders.c.id), primary_key=True, index=True),
    )


def _places(name: str, holders: Table) -> Table:
    """Where in which file something is: `offset` and `length` as that kind of file counts them."""
    return Table(
        name,
        metadata,
        Column("version", Integer, primary_key=True),
        Column("digest", LargeBinary, primary_key=True),  # SHA-256
        Column("holder_id", Id, ForeignKey(holders.c.id), nullable=False, index=True),
        Column("offset", BigInteger, nullable=False),
        Column("length", BigInteger, nullable=False),
        sqlite_with_rowid=False,  # a table that is its own index takes half the space
    )


compiled_files = _holders(
    "compiled_files",
    Column("version", Integer, nullable=False),  # of the format
    Column("kind", String(24), nullable=False),  # headwater.storage.files.compiled.Kind
    # When the file of the second stage may be made; NULL: it is there, or there is none.
    Column("due_at", Utc, index=True),
    Column("attempts", Integer, nullable=False),
)
partial_index(
    "uq_compiled_files_live",
    compiled_files.c.sha256,
    compiled_files.c.kind,
    compiled_files.c.version,
    unique=True,
    where=compiled_files.c.retired_at.is_(None),
)
compiled_uses = _uses("compiled_uses", compiled_files)
text_places = _places("text_places", compiled_files)
function_places = _places("function_places", compiled_files)

packs = _holders(
    "packs",
    Column("original_size", BigInteger, nullable=False),  # bytes of the uploaded file
)
partial_index(
    "uq_packs_live",
    packs.c.sha256,
    unique=True,
    where=packs.c.retired_at.is_(None),
)
pack_uses = _uses("pack_uses", packs)
piece_places = _places("piece_places", packs)
