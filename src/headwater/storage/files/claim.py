"""Whose a storage is: its mark has the id of the installation that keeps its files there.

What no row of a database names is deleted from its storage, sooner or later. In a storage of another
database that would be everything.
"""

from typing import Final

from headwater.storage.files.folder import MARK
from headwater.storage.files.store import BlobStore, Root
from headwater.storage.files.stores import PARTS, any_file

MAX_MARK: Final = 100
"""Bytes that are read of a mark; an id has 32."""


class ForeignStorage(Exception):
    """The storage is another database's, or may be; the message says what to do."""


def owner_of(root: BlobStore) -> str | None:
    """The id in the mark, empty if none was written yet; None where there is no mark. Raises OSError."""
    try:
        with root.open(MARK) as file:
            return file.read(MAX_MARK).decode(errors="replace").strip()
    except FileNotFoundError:
        return None


def set_owner(root: BlobStore, owner: str) -> None:
    """From now on the storage is this installation's, and a folder without the mark is not the storage.
    Raises OSError."""
    temporary = root.temporary()
    try:
        temporary.write_text(f"{owner}\n")
        root.adopt(temporary, MARK)
    finally:
        temporary.unlink(missing_ok=True)


def check_owner(root: BlobStore, owner: str) -> str | None:
    """What the mark says, if that is not another installation. Raises ForeignStorage, OSError."""
    said = owner_of(root)
    if said and said != owner:
        raise ForeignStorage(
            f"{root.place} has the files of another database of Headwater's: are DATABASE_URL and"
            " HEADWATER_DATA_DIR those of its server? A copy of a database needs a copy of the files, or an"
            " empty place of its own for them; a database that was lost comes back by `headwater restore`;"
            f" and if these are the files of this one all the same, delete {MARK} there"
        )
    return said


def claim(root: Root, owner: str, *, expects_uploads: bool, knows_files: bool) -> None:
    """Make sure that the storage is this installation's; one without an owner becomes it.

    `expects_uploads`: its database knows of some; `knows_files`: or of files that are on their way in or
    out. Raises ForeignStorage, OSError.
    """
    said = check_owner(root, owner)
    if said:
        return
    are_here = any_file(root.below(part) for part in PARTS)
    if are_here and not (expects_uploads or knows_files):
        raise ForeignStorage(
            f"{root.place} has files, and the database knows of no upload: are DATABASE_URL and"
            " HEADWATER_DATA_DIR those of the server that stored them? A new database needs an empty place;"
            " one that was lost comes back by `headwater restore`; and if these may go, write"
            f" {owner} into {MARK} there"
        )
    if expects_uploads and not are_here and said is None:
        raise ForeignStorage(
            f"{root.place} has no uploads, and files were uploaded: is its volume mounted, are bucket and"
            " prefix right, were the files copied there? If they are lost for good, put an empty file"
            f" {MARK} there and upload them again"
        )
    set_owner(root, owner)
