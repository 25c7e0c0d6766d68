"""What the tests of the whole run against: one machine with SQLite and local files, unless
HEADWATER_TEST_INSTALLATION says another.

`several`: two instances behind nginx, configured as `deploy/` has it, on one PostgreSQL and one folder
of source maps. `bucket`: the same two on one PostgreSQL and an S3 server.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.clients.nginx import deployed_nginx
from tests.clients.process import free_port
from tests.databases import postgresql_address
from tests.s3_server import SECRET, make_bucket, s3_server

INSTALLATION: Final = os.environ.get("HEADWATER_TEST_INSTALLATION", "one")
if INSTALLATION not in ("one", "several", "bucket"):
    raise ValueError(f"HEADWATER_TEST_INSTALLATION is one, several or bucket, not {INSTALLATION!r}")

_BUCKET: Final = "source-maps"


@dataclass(frozen=True, slots=True)
class Installation:
    """`instances`: the ports that they listen on, by their data folders. `port`: what users see."""

    port: int
    instances: Mapping[Path, int]
    settings: Mapping[str, str] = field(default_factory=dict)
    """Environment variables of every instance."""


@contextmanager
def installation(data_dir: Path) -> Iterator[Installation]:
    """Everything but the instances; their folders begin with `data_dir`."""
    if INSTALLATION == "one":
        port = free_port()
        yield Installation(port, {data_dir: port})
        return
    around = data_dir.with_name(f"{data_dir.name}-around")
    around.mkdir(parents=True)
    one, two = free_port(), free_port()
    with ExitStack() as running:
        settings = {"DATABASE_URL": postgresql_address()}
        if INSTALLATION == "bucket":
            store = running.enter_context(s3_server(around / "s3.log"))
            make_bucket(store, _BUCKET)
            settings |= {
                "SOURCEMAP_STORAGE_URL": f"s3://{_BUCKET}/maps",
                "AWS_ACCESS_KEY_ID": "a-key",
                "AWS_SECRET_ACCESS_KEY": SECRET,
                "AWS_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": store,
            }
        else:
            settings["SOURCEMAP_STORAGE_PATH"] = str(around / "sourcemaps")
        servers = (f"127.0.0.1:{each}" for each in (one, two))
        port = running.enter_context(deployed_nginx(around, *servers))
        folders = {data_dir: one, around / "two": two}
        yield Installation(port, folders, settings)
