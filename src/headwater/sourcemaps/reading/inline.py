"""The source map that is inside of a minified file."""

from typing import Final

from headwater.sourcemaps.reading.document import MalformedSourceMap
from headwater.sourcemaps.urls import decode_data_url, source_mapping_url

MAX_TAIL: Final = 64 * 1024**2
"""Characters at the end of a minified file that are searched for an inline map."""


def inline_map(script: str) -> bytes:
    """The map in the file's last `sourceMappingURL`. Raises MalformedSourceMap."""
    data = decode_data_url(source_mapping_url(script[-MAX_TAIL:]) or "")
    if data is None:
        raise MalformedSourceMap("the map inside of the minified file can't be decoded")
    return data
