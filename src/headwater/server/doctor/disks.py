"""Whether a folder takes what is to be stored, keeps it, and has room for more."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from headwater.server.doctor.check import Check, failed, passed, skipped, warned
from headwater.storage.disk import FreeSpace
from headwater.storage.probe import write_to_folder
from headwater.storage.volume import MOUNTS, why_not_persistent

PROBE: Final = ".headwater-doctor"

AMPLE: Final = 3
"""Times the reserve: with less than that free, events begin to leave before their time."""


def disk_checks(
    name: str, folder: Path, variable: str, reserve: int | None, *, lasts: bool = True
) -> Iterator[Check]:
    """Three sentences about `folder`, which the setting `variable` names; two, if it need not last."""
    try:
        write_to_folder(folder, PROBE)
    except OSError as error:
        yield failed(
            name,
            f"{folder} can't be written: {error.strerror}.",
            f"Give the server's user a folder that it may write: `{variable}=…`, or `chown` it.",
        )
        return
    yield passed(name, f"{folder} can be written.")
    if lasts:
        yield _persistence(f"{name}: kept", folder)
    yield _space(f"{name}: room", folder, reserve)


def _persistence(name: str, folder: Path) -> Check:
    if not MOUNTS.exists():
        return skipped(name, f"What kind of disk {folder} is on can't be told on {sys.platform}.")
    reason = why_not_persistent(folder)
    if reason is None:
        return passed(name, "It is on a disk that survives a restart.")
    said, _, remedy = reason.partition(". ")
    return warned(name, f"{said}.", remedy)


def _space(name: str, folder: Path, reserve: int | None) -> Check:
    free = shutil.disk_usage(folder).free
    said = f"{free / 1e9:,.1f} GB are free"
    space = FreeSpace(folder, reserve)
    remedy = (
        "Make room, enlarge the disk, or keep less: HEADWATER_MAX_AGE_DAYS, HEADWATER_MAX_DATABASE."
    )
    if space.missing():
        return failed(name, f"{said}, less than what must stay free: events are refused.", remedy)
    if space.missing(AMPLE):
        return warned(name, f"{said}, and events will soon leave before their time.", remedy)
    return passed(name, f"{said}.")
