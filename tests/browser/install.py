"""Find a Chromium for the browser tests; fetch Debian's where we may."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def browser() -> str | None:
    """Path of a Chromium or Chrome on this machine, or None."""
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), MAC if os.path.exists(MAC) else None)  # noqa: PTH110


def install() -> None:
    """Install Debian's package, if this is Debian and we are root; else say what is missing."""
    if browser() is not None:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print("No Chromium or Chrome: the browser tests will be skipped. Install one to run them.")
        return
    # Ubuntu has Chromium as a snap only, so this may fail there; that costs the browser tests.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", "chromium"],
    ):
        subprocess.run(["apt-get", *command], check=False, stdout=sys.stderr, env=environment)
    if browser() is None:
        print("Chromium can't be installed here: the browser tests will be skipped.")


if __name__ == "__main__":
    install()
