"""How many bytes uploads take, by what the database knows of their files."""

from collections.abc import Mapping

from sqlalchemy import func, select

from headwater.storage.database import Database
from headwater.storage.schema import artifact_bundles, chunks, compiled_files, packs
from headwater.storage.sums import whole_sum


def stored_bytes(database: Database) -> Mapping[str, int]:
    """Of bundles as they came, and of packed files, compiled files and chunks as they are."""
    parts = {
        "bundles": artifact_bundles.c.size,
        "packed": packs.c.size,
        "compiled": compiled_files.c.size,
        "chunks": chunks.c.size,
    }
    with database.read() as connection:
        return {
            name: connection.execute(select(func.coalesce(whole_sum(size), 0))).scalar_one()
            for name, size in parts.items()
        }
