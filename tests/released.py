"""Releases to look at: what was uploaded for them, and what their events said."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from headwater.artifacts.lint.findings import Finding, Report
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.protocol.debug_id import DebugId
from headwater.storage.database import Database
from headwater.storage.uploads.artifact import NewBundle, NewFile, ReleaseName
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.home import Home
from headwater.storage.uploads.sightings import ReleaseSighting, Sightings
from tests.upload_side import sha1_of


def debug_id(number: int) -> DebugId:
    """One of many."""
    return DebugId(f"8c0b638c-7772-4580-a988-{number:012x}")


class Released:
    """Fills a database."""

    def __init__(self, database: Database, now: datetime | None = None) -> None:
        self._database = database
        self._now = now or datetime.now(UTC)

    def upload(
        self,
        home: Home,
        version: str | None,
        files: Mapping[str, int],
        *findings: Finding,
        token_id: int | None = None,
        minutes_ago: int = 10,
        built_as: str | None = None,
    ) -> int:
        """A bundle of minified files with maps, `{url: number of its debug id}`; its id."""
        kept = [
            NewFile(kind, url + suffix, debug_id(number), None, "a" * 64, 1_234, built_as=built_as)
            for url, number in files.items()
            for kind, suffix in (
                (ArtifactType.MINIFIED_SOURCE, ""),
                (ArtifactType.SOURCE_MAP, ".map"),
            )
        ]
        checksum = Sha1(sha1_of(repr((version, files)).encode()))
        report = Report.of(findings).stored()
        bundle = NewBundle(home, checksum, None, 54_321, token_id, tuple(kept), report)
        release = None if version is None else ReleaseName(version)
        moment = self._now - timedelta(minutes=minutes_ago)
        return Artifacts(self._database).save(bundle, release, moment, lambda _: True)

    def see(
        self,
        project_id: int,
        version: str,
        files: Mapping[str, int],
        *,
        events: int = 10,
        frames: tuple[int, int] = (0, 10),
        minutes_ago: int = 5,
    ) -> None:
        """Events of a release, with frames resolved and failed; `files` as for `upload`."""
        moment = self._now - timedelta(minutes=minutes_ago)
        ids = {debug_id(number): url for url, number in files.items()}
        sighting = ReleaseSighting(moment, moment, events, *frames, ids)
        with self._database.write() as connection:
            Sightings().add(connection, {(project_id, version): sighting})
