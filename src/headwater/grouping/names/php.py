"""Functions of PHP and of the templates that its frameworks compile."""

import re
from typing import Final

_CLOSURE: Final = re.compile(r"\{closure:[^}]*\}")
_ANONYMOUS: Final = re.compile(r"@anonymous[\x00 :/][^\x00]*?(?=::|$)", re.DOTALL)
_GENERATED: Final = re.compile(
    r"(?<=__TwigTemplate_)[0-9a-f]{32,}(?:_+\d+)?|(?<=Container)\w{7}(?=\\)"
)


def php_function(name: str) -> str:
    """`{closure:Cart::pay():12}` is `{closure}`, and anonymous classes lose their file and line."""
    plain = _ANONYMOUS.sub("@anonymous", _CLOSURE.sub("{closure}", name))
    return _GENERATED.sub("", plain)
