"""`headwater demo` keeps the promise of the README's first screen."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TRUTH = ROOT / "src/headwater/cli/demo_bundle/truth.json"


def shown(line: str) -> str:
    return " ".join(line.split())


def test_the_trace_comes_out_as_it_was_written(tmp_path: Path) -> None:
    truth = json.loads(TRUTH.read_text())

    demo = subprocess.run(
        [sys.executable, "-m", "headwater", "demo", "--no-stay"],
        capture_output=True,
        text=True,
        check=True,
        # As beside a server, whose files are not the demo's.
        env={
            **os.environ,
            "SOURCEMAP_STORAGE_PATH": str(tmp_path),
            "HEADWATER_DATA_DIR": str(tmp_path),
        },
    )

    before, _, after = demo.stdout.partition("Headwater shows")
    lines = [shown(line) for line in after.splitlines()]
    for frame in truth["frames"]:
        place = f"{frame['file']}:{frame['line']}" if "line" in frame else frame["file"]
        assert any(f"{frame['function']} {place}" in line for line in lines), frame
        assert "line" not in frame or f"{frame['function']} {place}" not in shown(before)
    assert list(tmp_path.iterdir()) == []


def test_the_picture_in_the_readme_is_what_the_demo_shows() -> None:
    truth = json.loads(TRUTH.read_text())

    picture = shown((ROOT / "README.md").read_text().partition("what Headwater shows")[2])

    for number, frame in zip("4321", truth["frames"], strict=True):
        place = f"{frame['file']}:{frame['line']}" if "line" in frame else frame["file"]
        assert f"0{number} {frame['function']} {place}" in picture
