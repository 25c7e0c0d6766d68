"""What uses the disk, what a clean-up would free, and how."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from msgspec import Struct
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.artifacts.upload import UploadedChunks
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.storage.records import FOLDERS, UNUSED_AFTER, StorageRecords, Use
from headwater.server.web.visit import Visit

IDLE_CHUNK: Final = timedelta(hours=1)
"""A chunk that nobody has touched for so long belongs to no upload that goes on."""

_PLACE: Final = "/settings/storage"


class Row(Struct, frozen=True):
    """What uses the disk. `share`: of everything, in percent; `is_part`: of the row before it."""

    name: str
    size: int
    share: float
    said: str = ""
    is_part: bool = False


class StoragePage:
    """`/settings/storage`, for administrators."""

    def __init__(
        self, gate: Gate, look: Look, records: StorageRecords, chunks: UploadedChunks
    ) -> None:
        self._gate = gate
        self._look = look
        self._records = records
        self._chunks = chunks

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.get(_PLACE, self._show),
            self._gate.post(_PLACE + "/measure", self._measure),
            self._gate.post(_PLACE + "/give-back", self._give_back),
            self._gate.post(_PLACE + "/chunks", self._drop_chunks),
        ]

    def _show(self, visit: Visit) -> Response:
        records = self._records
        found = records.measured.latest(visit.now)
        use = found.answer if found else None
        return self._look.page(
            visit,
            "storage.html",
            limits=records.limits,
            disks=records.disks(),
            found=found,
            is_asking=records.measured.is_asking,
            use=use,
            rows=list(_rows(use, is_sqlite=records.is_sqlite)) if use else [],
            space=records.space(),
            chunks=records.unused.chunks(),
            idle=records.unused.chunks(visit.now - IDLE_CHUNK),
            unused_days=UNUSED_AFTER.days,
        )

    def _measure(self, _visit: Visit) -> Response:
        self._records.measured.ask_again()
        return RedirectResponse(_PLACE, 303)

    def _give_back(self, _visit: Visit) -> Response:
        self._records.give_back()
        self._records.measured.ask_again()
        return RedirectResponse(_PLACE, 303)

    def _drop_chunks(self, visit: Visit) -> Response:
        self._chunks.expire(visit.now - IDLE_CHUNK)
        self._records.measured.ask_again()
        return RedirectResponse(_PLACE, 303)


def _rows(use: Use, *, is_sqlite: bool) -> Iterator[Row]:
    def row(name: str, size: int, said: str = "", *, is_part: bool = False) -> Row:
        return Row(name, size, round(100 * size / max(1, use.all), 2), said, is_part)

    kind = "SQLite" if is_sqlite else "PostgreSQL"
    yield row("Database", use.total, kind)
    if use.families is not None:
        for name, size in sorted(use.families.items(), key=lambda each: -each[1]):
            yield row(name, size, is_part=True)
        if is_sqlite:
            yield row("Log", use.log, "empties itself", is_part=True)
            yield row("Empty pages", use.empty, is_part=True)
        own = use.total - sum(use.families.values()) - use.log - use.empty
        yield row(f"{kind}'s own", max(0, own), is_part=True)
    if is_sqlite:
        yield row("Journal", use.queue.size, _files(use.queue.files))
    yield row("Source maps", use.maps, use.bucket)
    for name, said in FOLDERS.items():
        folder = use.folders.get(name)
        if folder is not None:
            yield row(said, folder.size, _files(folder.files), is_part=True)


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number:,} files"
