"""What is installed from a built wheel is the whole product: migrations, templates and static files inside."""

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import httpx
import pytest

from tests.clients.live_server import INHERITED
from tests.clients.patience import until
from tests.clients.process import START_SECONDS, STOP_SECONDS, free_port

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`headwater`, installed from its wheel in an environment of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT], check=True)
    (wheel,) = folder.glob("headwater-*.whl")
    venv.create(folder / "environment", with_pip=True)
    python = folder / "environment/bin/python"
    constraints = ["--constraint", str(ROOT / "constraints.txt")]
    subprocess.run([str(python), *pip[1:], "install", *constraints, str(wheel)], check=True)
    return folder / "environment/bin/headwater"


def test_a_server_from_the_wheel_shows_its_pages(program: Path, tmp_path: Path) -> None:
    port = free_port()
    environment = {
        **{name: os.environ[name] for name in INHERITED if name in os.environ},
        "PORT": str(port),
        "HEADWATER_DATA_DIR": str(tmp_path / "data"),
        "CREATE_SUPERUSER": "ada@example.com:correct horse battery",
    }
    log = tmp_path / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [program, "serve"], env=environment, stdout=output, stderr=output, cwd=tmp_path
        )
    try:
        origin = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=origin, headers={"Origin": origin}) as client:
            until(lambda: _is_ready(client), START_SECONDS, f"it is ready; see {log}")
            page = client.get("/sign-in")
            files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)

            assert files
            assert {client.get(file).status_code for file in files} == {200}
    finally:
        server.terminate()
        server.wait(STOP_SECONDS)


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/health/ready").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
