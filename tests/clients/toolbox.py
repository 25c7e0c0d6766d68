"""The real clients: npm packages, installed from their lock file once and kept."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parent
SHOP = CLIENTS / "apps/shop"
DEMO = CLIENTS / "apps/demo"
ERRORS = CLIENTS / "apps/errors"
REACT = CLIENTS / "apps/react"

NODE_MAJOR = 20
"""What Vite 8 and npm's `sentry` ask for."""

INSTALL_SECONDS = 480
RUN_SECONDS = 420
"""A build takes a few seconds; Next.js on two busy cores takes a minute."""

QUIET = {
    "DO_NOT_TRACK": "1",
    "NEXT_TELEMETRY_DISABLED": "1",
    "NO_COLOR": "1",
    "SENTRY_CLI_NO_TELEMETRY": "1",
    "SENTRY_DISABLE_UPDATE_CHECK": "true",
    "SENTRY_TELEMETRY": "0",
    "SENTRYCLI_SKIP_DOWNLOAD": "1",
}
"""No client calls home, and none fetches a program from outside npm."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that ran to its end; `output` is all it said, on both streams."""

    code: int
    output: str


@dataclass(frozen=True, slots=True)
class Toolbox:
    """A folder with installed packages, and a home in which their programs leave their traces."""

    node: str
    packages: Path
    home: Path

    def run(
        self, script: str | Path, *arguments: str, cwd: Path, env: Mapping[str, str]
    ) -> Finished:
        """Run a script with Node; relative paths are those of installed packages."""
        return run([self.node, str(self.packages / script), *arguments], cwd, self.environ(env))

    def environ(self, env: Mapping[str, str]) -> dict[str, str]:
        """Nothing of the caller's environment but PATH: a CI variable would become a release."""
        home = str(self.home)
        own = {"PATH": os.environ["PATH"], "HOME": home, "SENTRY_CONFIG_DIR": f"{home}/.sentry"}
        return {**own, **QUIET, **env}


def run(command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Finished:
    """Run a program to its end."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=RUN_SECONDS,
    )
    return Finished(done.returncode, done.stdout)


def install(folder: Path, home: Path) -> Toolbox:
    """The packages of a lock file; those that are there already are taken as they are."""
    node = _node()
    packages = folder / "node_modules"
    lock = (folder / "package-lock.json").read_bytes()
    digest = sha256(lock + node.encode()).hexdigest()
    packages.mkdir(exist_ok=True)
    # Workers that run in parallel wait for the one who installs.
    with (folder / ".install.lock").open("w") as only_one:
        fcntl.flock(only_one, fcntl.LOCK_EX)
        installed = packages / ".installed"
        if not installed.exists() or installed.read_text() != digest:
            _npm_ci(folder, home)
            installed.write_text(digest)
    return Toolbox(node, packages, home)


def _npm_ci(folder: Path, home: Path) -> None:
    command = ["npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit"]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **QUIET, "npm_config_cache": _npm_cache(home)},
        check=False,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
    )
    if done.returncode != 0:
        pytest.fail(f"npm ci in {folder.name}: {done.stderr}", pytrace=False)


def _npm_cache(home: Path) -> str:
    kept = Path.home() / ".npm"
    return str(kept if os.access(Path.home(), os.W_OK) else home / ".npm")


def _node() -> str:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        pytest.skip("Node.js and npm are not installed, so no real client can run")
    version = subprocess.run([node, "--version"], check=True, capture_output=True, text=True)
    if int(version.stdout.removeprefix("v").partition(".")[0]) < NODE_MAJOR:
        pytest.skip(f"the clients need Node.js {NODE_MAJOR}, this is {version.stdout.strip()}")
    return node
