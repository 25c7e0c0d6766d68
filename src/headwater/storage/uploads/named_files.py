"""Which files uploads name, all of them."""

from collections.abc import Mapping

from sqlalchemy import func, literal, select

from headwater.storage.database import Database
from headwater.storage.schema import (
    artifact_bundles,
    artifact_files,
    chunks,
    compiled_files,
    packs,
)

_HAS_CONTENT = artifact_files.c.sha256 != ""


class NamedFiles:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def are_any(self) -> bool:
        """Whether there is one."""
        wanted = select(artifact_files.c.id).where(_HAS_CONTENT).limit(1)
        with self._database.read() as connection:
            return connection.execute(wanted).first() is not None

    def knows_files(self) -> bool:
        """Whether there is a file of any kind, also one that no upload names."""
        with self._database.read() as connection:
            return any(
                connection.execute(select(literal(1)).select_from(table).limit(1)).first()
                for table in (artifact_bundles, chunks, packs, compiled_files)
            )

    def sizes(self) -> Mapping[str, int]:
        """Bytes of each, by SHA-256."""
        columns = artifact_files.c
        wanted = (
            select(columns.sha256, func.max(columns.size))
            .where(_HAS_CONTENT)
            .group_by(columns.sha256)
        )
        with self._database.read() as connection:
            return {name: size for name, size in connection.execute(wanted)}  # noqa: C416 - rows are no pairs to mypy
