"""A tiny write that reaches the disk, to learn whether the database can take any."""

import os
from pathlib import Path
from typing import Final

from headwater.storage.database import Database

PROBE_BYTES: Final = 64 * 1024
"""Bytes written to a folder: more than a file system finds in the corners of a full disk."""


def write_to_database(database: Database) -> None:
    """Commit something that changes nothing. Raises SQLAlchemyError."""
    with database.write() as connection:
        if database.is_sqlite:
            # Writes the first page anew. An UPDATE to the same value would write nothing.
            connection.exec_driver_sql("PRAGMA user_version = 0")
        else:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")


def write_to_folder(folder: Path, name: str) -> None:
    """Write a file through to the disk, and delete it. Raises OSError."""
    probe = folder / name
    try:
        with probe.open("wb") as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    finally:
        probe.unlink(missing_ok=True)
