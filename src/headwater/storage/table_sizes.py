"""How many bytes of the database each family of tables takes, with its indexes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, text
from sqlalchemy.exc import OperationalError

from headwater.storage import schema
from headwater.storage.database import Database

FAMILIES: Final[Mapping[str, frozenset[str]]] = {
    "Events": frozenset({"events", "payload_dictionaries", "removed_events", "user_reports"}),
    "Resolutions": frozenset(
        {"healings", "resolution_bundles", "resolutions", "resolver_versions", "wants"}
    ),
    "Issues": frozenset(
        {
            "announcements",
            "issue_activity",
            "issue_hashes",
            "issue_hours",
            "issue_places",
            "issue_tags",
            "issues",
            "merges",
            "places",
            "saved_searches",
            "tag_values",
        }
    ),
    "Counts": frozenset({"outcomes", "project_hours", "seen_debug_ids", "seen_releases"}),
    "Uploads": frozenset(
        {
            "arrivals",
            "artifact_bundles",
            "artifact_changes",
            "artifact_files",
            "bundle_releases",
            "bundle_reports",
            "chunks",
            "deploys",
            "former_files",
            "releases",
            "upload_refusals",
        }
    ),
    "Files made from uploads": frozenset(
        {
            "compiled_files",
            "compiled_uses",
            "function_places",
            "pack_uses",
            "packs",
            "piece_places",
            "text_places",
        }
    ),
    "Queue and dead letters": frozenset({"dead_letters", "journal_positions", "queue"}),
    "Alerts": frozenset(each for each in schema.metadata.tables if each.startswith("alert_")),
}
"""Of every table but those of REST."""

REST: Final = "Projects, people and the rest"


class TableSizes:
    """Reads of the database about itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def total(self) -> int:
        """Bytes on the disk: of SQLite's file and its log, or of the database as PostgreSQL tells it.

        Raises DatabaseError, OSError.
        """
        if self._database.is_sqlite:
            return sum(map(_size, self._files()))
        with self._database.read() as connection:
            return int(
                connection.execute(
                    select(func.pg_database_size(func.current_database()))
                ).scalar_one()
            )

    def log(self) -> int:
        """Bytes of SQLite's log, which are in the total, and in no family; 0 on PostgreSQL."""
        return sum(map(_size, self._files()[1:])) if self._database.is_sqlite else 0

    def by_family(self) -> Mapping[str, int] | None:
        """Family → bytes; None if this build of SQLite can't tell.

        On SQLite every page is read, each table in a transaction of its own: some seconds for
        gigabytes. Raises DatabaseError.
        """
        sizes = self._of_sqlite() if self._database.is_sqlite else self._of_postgresql()
        if sizes is None:
            return None
        found = dict.fromkeys((*FAMILIES, REST), 0)
        for table, size in sizes.items():
            found[_family(table)] += size
        return found

    def _of_sqlite(self) -> dict[str, int] | None:
        with self._database.read() as connection:
            names = connection.execute(
                text("SELECT name, tbl_name FROM sqlite_schema WHERE rootpage > 0")
            ).all()
        found: dict[str, int] = {}
        for name, table in names:
            # One after the other: the log could not be emptied past a reader that goes on for long.
            with self._database.read() as connection:
                try:
                    found[table] = found.get(table, 0) + _pages(connection, name)
                except OperationalError:
                    return None
        return found

    def _of_postgresql(self) -> dict[str, int]:
        wanted = text(
            "SELECT relname, pg_total_relation_size(pg_class.oid) FROM pg_class"
            " JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " WHERE relkind IN ('r', 'p') AND nspname = current_schema()"
        )
        with self._database.read() as connection:
            return {row[0]: int(row[1]) for row in connection.execute(wanted)}

    def _files(self) -> list[Path]:
        file = self._database.engine.url.database or ""
        return [Path(file), Path(f"{file}-wal"), Path(f"{file}-shm")]


def _pages(connection: Connection, name: str) -> int:
    wanted = text("SELECT sum(pgsize) FROM dbstat WHERE name = :name AND aggregate = TRUE")
    return int(connection.execute(wanted.bindparams(bindparam("name", name))).scalar() or 0)


def _family(table: str) -> str:
    return next((name for name, tables in FAMILIES.items() if table in tables), REST)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
