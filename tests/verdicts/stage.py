"""A shop that is deployed and fails, told in few words; everything goes through the server's doors."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from headwater.back_ends import stores_of
from headwater.cli.client import Client
from headwater.protocol.debug_id import DebugId
from headwater.settings import Settings
from headwater.storage.database import Database
from headwater.storage.schema import artifact_bundles
from headwater.storage.uploads.artifacts import Artifacts
from headwater.upload_side import UploadSide
from tests.clients.live_server import LiveServer, Project
from tests.clients.reader import Reader
from tests.symbolicate.world import SCRIPT, THROWN_COLUMN, map_of
from tests.upload_side import bundle_of, manifest_of

HOST = "https://shop.example"
KEPT_DAYS = 30
"""How long this server keeps uploads."""
MAX_MAP = 100_000
"""Bytes of a file that this server accepts."""
LONG_AGO = timedelta(hours=1)
"""Before an event for which no upload is waited any more."""


@dataclass(frozen=True, slots=True)
class Build:
    """One file and its map, as they are uploaded. Empty texts are left out."""

    name: str
    script: str = SCRIPT
    source_map: str = field(default_factory=map_of)
    has_id: bool = True
    refers: bool = True
    prefix: str = "~/assets"
    variant: str = ""
    """Of two builds of one file: what makes their debug ids two."""

    @property
    def debug_id(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, self.name + self.variant))

    def bundle(self, **named: str) -> bytes:
        """With a second file that is as it should be: a bundle without one is refused."""
        members: dict[str, tuple[str, str, dict[str, str]]] = {}
        own = {"debug-id": self.debug_id} if self.has_id else {}
        file = f"{self.name}.js"
        refers = {"sourcemap": f"{file}.map"} if self.refers else {}
        if self.script:
            members[file] = (self.script, "minified_source", own | refers)
        if self.source_map:
            members[f"{file}.map"] = (self.source_map, "source_map", own)
        sound = {"debug-id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.name} is sound"))}
        members["sound.js"] = (SCRIPT, "minified_source", sound | {"sourcemap": "sound.js.map"})
        members["sound.js.map"] = (map_of(), "source_map", sound)
        return bundle_of(
            {path: content.encode() for path, (content, _, _) in members.items()},
            manifest_of(
                {
                    path: {"type": kind, "url": f"{self.prefix}/{path}", "headers": headers}
                    for path, (_, kind, headers) in members.items()
                },
                **named,
            ),
        )


@dataclass(frozen=True, slots=True)
class Stage:
    """A server with two projects, and whoever looks at its pages."""

    server: LiveServer
    shop: Project
    blog: Project
    reader: Reader

    def upload(
        self, build: Build, release: str = "", dist: str = "", project: Project | None = None
    ) -> Build:
        """With the token of the shop, or of another project."""
        target = project or self.shop
        client = Client(self.server.origin, target.upload_token)
        named = {"release": release, "dist": dist}
        bundle = build.bundle(**{name: value for name, value in named.items() if value})
        assert client.upload(bundle, target.slug) == "ok"
        return build

    def throw(self, build: Build, ago: timedelta = LONG_AGO, **more: Any) -> str:
        """The deployed file fails at its `throw`; the event's id."""
        frame = frame_of(build, **more.pop("frame", {}))
        image = {"type": "sourcemap", "code_file": frame["abs_path"], "debug_id": build.debug_id}
        return self.send(frame, [image] if build.has_id else [], ago, **more)

    def send(
        self, frame: dict[str, Any], images: list[Any], ago: timedelta = LONG_AGO, **more: Any
    ) -> str:
        """An event of one frame; its id."""
        error = {"type": "Error", "value": "nothing to pay", "stacktrace": {"frames": [frame]}}
        event = {
            "event_id": uuid.uuid4().hex,
            "platform": "javascript",
            "timestamp": (datetime.now(UTC) - ago).timestamp(),
            "exception": {"values": [error | more.pop("error", {})]},
            "debug_meta": {"images": images},
            **more,
        }
        Client(self.server.origin, "").send_event(self.shop.dsn, event)
        return str(event["event_id"])

    def frame(self, event_id: str) -> dict[str, Any]:
        """What the API says of the event's frame."""
        self.shop.event(event_id)
        answer = self.shop.verdicts(event_id)
        found: dict[str, Any] = answer["stacktraces"][-1]["frames"][-1]
        return found

    def delete_release(self, release: str) -> None:
        """By the API, with the shop's own token."""
        token = self.server.token(self.shop.slug, "full")
        answer = httpx.delete(
            f"{self.server.origin}/api/0/projects/any/any/files/source-maps/",
            params={"name": release},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == httpx.codes.NO_CONTENT

    @property
    def settings(self) -> Settings:
        """Of the running server."""
        folder = Path(self.server.environment["HEADWATER_DATA_DIR"])
        return Settings(data_dir=folder, max_artifact_age_days=KEPT_DAYS)

    def grow_old(self, build: Build) -> None:
        """The upload was long ago, and the hourly look for what is too old comes by."""
        database = Database(self.settings.database)
        [bundle, *_] = {each.bundle for each in self._files(database, build)}
        then = datetime.now(UTC) - timedelta(days=KEPT_DAYS + 1)
        with database.write() as connection:
            connection.execute(
                artifact_bundles.update()
                .where(artifact_bundles.c.id == bundle)
                .values(uploaded_at=then)
            )
        UploadSide.of(self.settings, database, stores_of(self.settings)).tidy.expiry.expire(
            datetime.now(UTC)
        )
        database.close()

    def lose(self, build: Build) -> None:
        """The storage is not there any more: neither what was uploaded nor what was made of it."""
        database = Database(self.settings.database)
        lost = {each.sha256 for each in self._files(database, build)}
        database.close()
        for path in self.settings.sourcemaps.rglob("*"):
            if path.is_file() and any(each in str(path).replace("/", "") for each in lost):
                path.unlink()

    def _files(self, database: Database, build: Build) -> tuple[Any, ...]:
        found = Artifacts(database).with_debug_id(1, DebugId(build.debug_id))
        assert found
        return found


def frame_of(build: Build, **more: Any) -> dict[str, Any]:
    """A frame at the `throw` of the deployed file."""
    address = f"{HOST}/assets/{build.name}.js"
    frame = {
        "abs_path": address,
        "filename": address,
        "function": "t",
        "lineno": 1,
        "colno": THROWN_COLUMN,
        "in_app": True,
        **more,
    }
    return {name: value for name, value in frame.items() if value is not None}
