"""Methods of Ruby, and of the templates that Rails compiles."""

import re
from typing import Final

_AROUND: Final = re.compile(r"^(?:(?:block|rescue|ensure|eval)(?: \(\d+ levels\))? in )+")
_TEMPLATE: Final = re.compile(r"_{1,3}-?\d{4,}_\d+$")
_OWNER: Final = re.compile(r"^[\w:]+[#.](?=[^#.]+$)")


def ruby_function(name: str) -> str:
    """`block (2 levels) in Cart#pay` is `pay`: Ruby before 3.4 did not name the class."""
    return _OWNER.sub("", _TEMPLATE.sub("", _AROUND.sub("", name)))
