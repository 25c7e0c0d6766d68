"""A real nginx before a server, configured as users configure it, rightly or not."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.clients.patience import until
from tests.clients.process import free_port

START_SECONDS = 20
DEPLOYED = Path(__file__).parents[2] / "deploy" / "nginx.conf"


@contextmanager
def nginx(folder: Path, upstream: str, *lines: str) -> Iterator[str]:
    """The origin of one that passes all on to `upstream`; `lines` stand in its `server` block."""
    port = free_port()
    here = f"listen 127.0.0.1:{port}; {' '.join(lines)}"
    with _running(folder, port, f"server {{ {here} location / {{ proxy_pass {upstream}; }} }}"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def deployed_nginx(folder: Path, one: str, two: str) -> Iterator[int]:
    """The port of one that is configured as `deploy/` has it, in front of two servers, `host:port`."""
    port = free_port()
    servers = DEPLOYED.read_text().replace("listen 8080;", f"listen 127.0.0.1:{port};")
    for name, its in (("one", one), ("two", two)):
        servers = servers.replace(f"server {name}:8080 ", f"server {its} ")
    with _running(folder, port, servers):
        yield port


@contextmanager
def _running(folder: Path, port: int, servers: str) -> Iterator[None]:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if program is None:
        pytest.skip("nginx is not installed")
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Started by root, its workers are nobody, who may not write to this folder.
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"""
        daemon off; {user} pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1;
        events {{}}
        http {{ access_log {folder}/access.log; {temporary} {servers} }}
        """
    )
    process = subprocess.Popen([program, "-c", str(configuration), "-p", str(folder)])
    try:
        until(lambda: _listens(port), START_SECONDS, "nginx listens")
        yield
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
