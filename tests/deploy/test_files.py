"""The files that deploy Headwater are read by their own rules, and name only what there is.

Containers are not run here.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from headwater.settings import Settings

ROOT: Final = Path(__file__).parents[2]
DEPLOY: Final = ROOT / "deploy"
VARIABLES: Final = {knob.metadata["variable"] for knob in fields(Settings)}


def _set_in(compose: str) -> Iterator[str]:
    for service in yaml.safe_load((DEPLOY / compose).read_text())["services"].values():
        yield from service.get("environment", {})


@pytest.mark.parametrize("compose", ["compose.yaml", "compose.postgresql.yaml"])
def test_compose_sets_only_settings_that_there_are(compose: str) -> None:
    ours = {name for name in _set_in(compose) if not name.startswith("POSTGRES_")}

    assert ours - VARIABLES == set()
    assert ours


@pytest.mark.parametrize("compose", ["compose.yaml", "compose.postgresql.yaml"])
def test_compose_names_only_files_and_volumes_that_there_are(compose: str) -> None:
    file = yaml.safe_load((DEPLOY / compose).read_text())

    for service in file["services"].values():
        for mounted in service.get("volumes", ()):
            source = mounted.partition(":")[0]
            there = (DEPLOY / source).exists() if source[0] in "./" else source in file["volumes"]
            assert there, mounted
        if build := service.get("build"):
            assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


def test_the_pods_have_settings_that_there_are_and_volumes_for_their_mounts() -> None:
    items: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "kubernetes.yaml").read_text())["items"]
    pods = [each["spec"]["template"]["spec"] for each in items if each["kind"] == "Deployment"]

    assert len(pods) == 2
    for pod in pods:
        volumes = {each["name"] for each in pod["volumes"]}
        for container in pod["containers"]:
            names = {each["name"].removesuffix("_FILE") for each in container["env"]}
            assert names - VARIABLES == set()
            assert {each["name"] for each in container["volumeMounts"]} == volumes
            assert container["args"][:2] == ["serve", "--role"]


def test_the_containerfile_copies_what_there_is_and_ends_as_nobody_in_particular() -> None:
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    copied = [line.split()[1:-1] for line in lines if re.match("COPY (?!--from)", line)]

    assert all((ROOT / name).exists() for names in copied for name in names)
    assert any(names for names in copied)
    assert "USER 10001" in lines


def test_the_container_has_the_newest_pg_dump_and_a_place_for_backups() -> None:
    lines = (DEPLOY / "Containerfile").read_text()
    newest = re.search(r"POSTGRESQL_VERSIONS := .*?(\d+)\n", (ROOT / "Makefile").read_text())
    compose = yaml.safe_load((DEPLOY / "compose.postgresql.yaml").read_text())

    assert newest is not None
    assert f"postgresql-client-{newest[1]} " in lines
    assert f":/usr/lib/postgresql/{newest[1]}/bin:" in lines
    assert "backups:/backups" in compose["services"]["one"]["volumes"]


@pytest.mark.parametrize("compose", ["compose.yaml", "compose.postgresql.yaml"])
def test_what_is_mounted_is_made_for_who_runs_in_the_container(compose: str) -> None:
    """A new volume on a folder that the image lacks belongs to root."""
    services = yaml.safe_load((DEPLOY / compose).read_text())["services"].values()
    made = re.search(
        "install -d -o headwater -g headwater (.*)", (DEPLOY / "Containerfile").read_text()
    )

    mounted = {
        volume.split(":")[1]
        for service in services
        if "build" in service
        for volume in service["volumes"]
    }

    assert made is not None
    assert mounted - set(made[1].split()) == set()
    assert mounted


def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if program is None:
        pytest.skip("nginx is not installed")
    servers = (DEPLOY / "nginx.conf").read_text()
    for name in ("one", "two"):
        servers = servers.replace(f"server {name}:", "server 127.0.0.1:")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}} http {{ {servers} }}"
    )

    answer = subprocess.run(
        [program, "-t", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stderr


def test_systemd_takes_the_unit() -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    unit = DEPLOY / "headwater.service"

    answer = subprocess.run(
        [program, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )

    ours = [line for line in answer.stderr.splitlines() if unit.name in line]
    assert [line for line in ours if "not executable" not in line] == []
