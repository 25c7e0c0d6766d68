"""What kind of disk a folder is on: data on some of them is gone after a restart."""

from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
"""Linux only; elsewhere nothing is said."""

FLEETING = {
    "tmpfs": "is in memory (tmpfs)",
    "ramfs": "is in memory (ramfs)",
    "overlay": "is inside the container's own layer (overlay)",
}


def why_not_persistent(folder: Path) -> str | None:
    """A sentence if what is written to `folder` won't survive a restart; None if all seems well."""
    kind = filesystem(folder, MOUNTS.read_text(errors="replace") if MOUNTS.exists() else "")
    if kind not in FLEETING:
        return None
    return (
        f"{folder} {FLEETING[kind]}: what is stored there is lost with a restart. "
        "Mount a volume there, or point HEADWATER_DATA_DIR and SOURCEMAP_STORAGE_PATH at one."
    )


def filesystem(folder: Path, mounts: str) -> str | None:
    """The type of the file system that `folder` is on, by a table as in /proc/self/mounts."""
    path = folder.resolve()
    best, kind = -1, None
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:  # noqa: PLR2004  # device, mount point, type
            continue
        point = Path(fields[1].encode().decode("unicode_escape"))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind
