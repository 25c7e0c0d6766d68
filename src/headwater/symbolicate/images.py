"""Which debug ids an event claims for a frame's file."""

from collections.abc import Sequence
from urllib.parse import unquote

from headwater.protocol.event import DebugImage
from headwater.symbolicate.addresses import without_query


class DebugImages:
    """The debug images of one event."""

    def __init__(self, images: Sequence[DebugImage]) -> None:
        self._exact: dict[str, list[DebugImage]] = {}
        self._loose: dict[str, list[DebugImage]] = {}
        for image in reversed(images):
            self._exact.setdefault(image.code_file, []).append(image)
            self._loose.setdefault(_loose(image.code_file), []).append(image)

    def of(self, path: str) -> tuple[DebugImage, ...]:
        """Images whose file is the frame's, the last of the event first, each debug id once.

        SDKs write both from the same stack trace, so they are equal to the letter, unless
        something rewrote one of the two: then query, fragment and percent-encoding are ignored.
        """
        found = self._exact.get(path) or self._loose.get(_loose(path)) or ()
        return tuple({image.debug_id: image for image in found}.values())


def _loose(path: str) -> str:
    return unquote(without_query(path))
