"""The product writes nowhere but into its own folders and the one for temporary files."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ALONE = """
set -e
mount --bind "$1" "$1"
mount -o remount,bind,ro /
for each in /var /home /root /opt /srv /usr /etc; do
    mountpoint -q "$each" && mount -o remount,bind,ro "$each" || true
done
if touch "$2/written" 2>/dev/null; then echo writable; exit 77; fi
cd /
exec env -i PATH="$PATH" HOME=/nowhere TMPDIR="$1" "$3" -m headwater demo --no-stay
"""
"""All is read-only but one folder."""


def can_mount() -> bool:
    """Whether somebody may have a view of the file system of his own here."""
    if shutil.which("unshare") is None:
        return False
    command = ["unshare", "--mount", "--map-root-user", "mount", "-o", "remount,bind,ro", "/"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="needs Linux, and the right to a mount namespace")
def test_uploads_and_events_work_where_all_else_is_read_only(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    site = Path(__file__).parents[2]
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", ALONE, "sh"]

    done = subprocess.run(
        [*command, str(own), str(site), sys.executable], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "src/lib/actions/invoices.ts" in done.stdout
    assert not (site / "written").exists()
    assert list(own.iterdir()) == []
