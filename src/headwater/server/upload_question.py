"""What somebody who asks 'was this uploaded?' means: a debug id, a file or a release."""

import re
from typing import Final

from msgspec import Struct

from headwater.protocol.debug_id import DebugId, parse_debug_id
from headwater.protocol.file_names import name_of, stem_of
from headwater.symbolicate.addresses import addresses_of, without_query

MAX_QUESTION: Final = 2_000
"""Characters that are looked at: no address of a file is longer."""

_ID: Final = re.compile(
    r"(?<![0-9a-z])[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?:-?[0-9a-f]{1,8})?(?![0-9a-z])",
    re.IGNORECASE,
)
"""A debug id in whatever it was copied with: braces, `//# debugId=`, the name of a plugin's file."""

_PLUGINS_FILE: Final = re.compile(r"-\d{1,4}\.js(?:\.map)?$")
"""Plugins call files `<debug id>-0.js`: the number is no part of the id."""

_PLACE: Final = re.compile(r"(?::\d+){1,2}\)?$")
"""Line and column behind an address, as in a stack trace."""

_IN_BRACKETS: Final = re.compile(r"\(([^()\s]+)\)?$")
"""Of `at f (https://h/app.js:1:234)`."""


class UploadQuestion(Struct, frozen=True):
    """What to look for. A text that holds a debug id is that, any other one a file or a release."""

    text: str
    debug_id: DebugId | None = None
    file: str = ""
    """A name or an address, without line and column."""
    urls: tuple[str, ...] = ()
    """Where such a file, or its map, may have been uploaded to."""

    @property
    def name(self) -> str:
        """What the minified file is called."""
        # `%00` in an address: no file is called so, and PostgreSQL refuses to be asked for it.
        return name_of(self.file).removesuffix(".map").replace("\x00", "\ufffd")

    @property
    def stem(self) -> str:
        """The name without a hash."""
        return stem_of(self.file)

    @property
    def is_bare_name(self) -> bool:
        """Nobody said in which folder."""
        return "/" not in self.file and "\\" not in self.file


def upload_question(text: str) -> UploadQuestion:
    """From what was typed or pasted."""
    text = " ".join(text[:MAX_QUESTION].split())
    if found := _ID.search(_PLUGINS_FILE.sub("", text)):
        return UploadQuestion(text, parse_debug_id(found[0]))
    in_brackets = _IN_BRACKETS.search(text)
    file = in_brackets[1] if in_brackets else re.sub(r"^at ", "", text)
    file = _PLACE.sub("", file)
    minified = re.sub(r"\.map(?=$|[?#])", "", file)
    urls = [
        each for one in (minified, f"{without_query(minified)}.map") for each in addresses_of(one)
    ]
    return UploadQuestion(text, None, file, tuple(urls))
