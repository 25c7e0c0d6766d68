"""An upload at other addresses than the events of its release name: the prefix was another."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from headwater.protocol.file_names import name_of
from headwater.server.seen_ids import SeenId
from headwater.storage.uploads.bundle_pages import ShownFile
from headwater.symbolicate.near_misses import Near, NearMiss
from headwater.symbolicate.remedies.place import prefix_of


class Misplaced(Struct, frozen=True):
    """A file as events name it, and as it was uploaded; `prefix` makes one of the other."""

    seen: str
    uploaded: str
    prefix: str


def misplaced(ids: Iterable[SeenId], files: Sequence[ShownFile]) -> Misplaced | None:
    """The first file that events look for elsewhere than where one of the same name lies."""
    by_name = {name_of(each.url): each.url for each in reversed(files)}
    for each in ids:
        url = by_name.get(name_of(each.seen.code_file))
        if url is not None and each.uploaded is None and each.at_address is None:
            near = NearMiss(Near.PREFIX_DIFFERS, "", url=url)
            prefix, _ = prefix_of(each.seen.code_file, (near,))
            return Misplaced(each.seen.code_file, url, prefix.rstrip("/") + "/")
    return None
