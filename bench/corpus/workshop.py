"""Where the corpus is made: the packages, the producers' scripts, and the apps that they build."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.corpus import shelf
from bench.corpus.recipes import Recipe

HERE = Path(__file__).parent
INSTALL_SECONDS = 1_200
STEP_SECONDS = 1_800
"""The webpack build of the large workload takes some two minutes on two cores."""

CHANGES = {
    "first": (
        "first.js",
        "item.price * item.amount",
        "item.price * item.amount * (1 - item.rebate)",
    ),
    "last": (
        "last.js",
        "order.weight * order.distance",
        "order.weight * Math.hypot(order.distance, 3)",
    ),
}


class StepFailed(Exception):
    """A step did not end well; its last words."""


def run(command: list[str], cwd: Path, seconds: int) -> None:
    """One program at a low priority; raises `StepFailed`."""
    try:
        subprocess.run(
            ["nice", "-n", "10", *command],
            cwd=cwd,
            check=True,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except subprocess.CalledProcessError as failed:
        raise StepFailed((failed.stdout + failed.stderr).strip()[-2_000:]) from None
    except subprocess.TimeoutExpired:
        raise StepFailed(f"took longer than {seconds} s") from None


def workshop() -> Path:
    """The folder with the packages, and beside them the producers and the apps."""
    shop = shelf.folder() / "npm"
    shop.mkdir(parents=True, exist_ok=True)
    stamp = shop / "installed"
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, shop / name)
        print("installing the packages")
        # Not `npm ci`: it refuses a lock that lacks other platforms' optional binaries, as ours does.
        run(
            ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"], shop, INSTALL_SECONDS
        )
        stamp.write_text(lock)
    for name in ("apps", "producers"):
        shutil.copytree(HERE / name, shop / name, dirs_exist_ok=True)
    return shop


@contextmanager
def changed(shop: Path, which: str) -> Iterator[None]:
    """The apps with one function of their first or last module changed, for a next release."""
    name, old, new = CHANGES[which]
    path = shop / "apps" / name
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new))
    try:
        yield
    finally:
        path.write_text(before)


def produce(shop: Path, recipe: Recipe, js: Path) -> None:
    package = recipe.entry.removeprefix("npm:")
    entry = shop / ("node_modules" if package != recipe.entry else "apps") / package
    js.parent.mkdir(parents=True, exist_ok=True)
    node(shop, recipe.script, {"entry": str(entry), "js": str(js), "options": recipe.options})


def node(shop: Path, script: str, order: Mapping[str, object]) -> None:
    """One of the producers' scripts."""
    path = shop / "producers" / f"{script}.mjs"
    # Node's own default would end the largest builds half way.
    run(["node", "--max-old-space-size=8192", str(path), json.dumps(order)], shop, STEP_SECONDS)
