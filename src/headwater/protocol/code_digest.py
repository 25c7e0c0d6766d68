"""Whether two minified files have the same code, whatever their comments for tools say."""

import hashlib
import re
from typing import Final

_FOR_TOOLS: Final = re.compile(r"//[#@][ \t]?(?:debugId|sourceMappingURL)=[^\r\n]*")
"""What bundlers' plugins put into the file that they upload, and what builds take out of the one that
they deploy. No frame lies in it."""


def code_digest(text: str) -> str:
    """The same for files in which all positions of code are the same."""
    code = _FOR_TOOLS.sub("", text.removeprefix("\ufeff")).rstrip()
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
