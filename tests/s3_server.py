"""An S3 store that tests start for themselves: moto's, in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import obstore
from obstore.store import S3Store

from tests.clients.patience import until
from tests.clients.process import START_SECONDS, STOP_SECONDS, free_port
from tests.faulty_proxy import FaultyProxy

if TYPE_CHECKING:
    from obstore.store import ClientConfig

SECRET = "a-secret-that-nobody-may-see"


@dataclass(frozen=True, slots=True)
class Remote:
    """A bucket, behind a proxy."""

    bucket: str
    store: str
    """The store's own origin."""
    proxy: FaultyProxy

    @property
    def url(self) -> str:
        """For SOURCEMAP_STORAGE_URL."""
        return f"s3://{self.bucket}/maps"

    @property
    def environment(self) -> dict[str, str]:
        """What leads there."""
        return {
            "AWS_ACCESS_KEY_ID": "a-key",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.proxy.origin,
        }

    def listed(self) -> list[str]:
        """Of everything in the bucket."""
        return sorted(each["path"] for some in obstore.list(self._past_the_proxy) for each in some)

    def put(self, key: str, content: bytes) -> None:
        """Store something."""
        obstore.put(self._past_the_proxy, key, content)

    def delete(self, key: str) -> None:
        """Lose something."""
        obstore.delete(self._past_the_proxy, key)

    def lose_bucket(self) -> None:
        """All of it."""
        for key in self.listed():
            self.delete(key)
        assert httpx.delete(f"{self.store}/{self.bucket}").is_success

    @property
    def _past_the_proxy(self) -> S3Store:
        options: ClientConfig = {"allow_http": True}
        return S3Store(self.bucket, endpoint=self.store, client_options=options)


@contextmanager
def s3_server(log: Path, host: str = "127.0.0.1") -> Iterator[str]:
    """Its origin; what is in it goes with it."""
    port = free_port()
    origin = f"http://{host}:{port}"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", host, "-p", str(port)],
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
        )

    def is_there() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return httpx.get(origin).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    try:
        until(is_there, START_SECONDS, f"the store is there; see {log}")
        yield origin
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def make_bucket(origin: str, name: str) -> None:
    """A new one."""
    assert httpx.put(f"{origin}/{name}").status_code == httpx.codes.OK
