"""Types and methods of .NET, where compilers make classes of lambdas, iterators and async methods."""

import re
from typing import Final

from headwater.grouping.names.brackets import without

_ASSEMBLY: Final = re.compile(r", (?:Version|Culture|PublicKeyToken)=.*$", re.DOTALL)
_CLOSURE: Final = re.compile(r"[+.]?<>c(?:__DisplayClass\d+(?:_\d+)?)?(?=$|[+.(])")
_STATE_MACHINE: Final = re.compile(r"<(?P<method>\w+)>d(?:__\d+)?")
_LAMBDA: Final = re.compile(r"<(?P<method>\w*)>b__\d+(?:_\d+)*")
_LOCAL: Final = re.compile(r"<(?P<method>\w*)>g__(?P<local>\w+)\|\d+(?:_\d+)*")
_NUMBERED: Final = re.compile(r"`\d+|(?<=AnonymousType)\d+")


def dotnet_name(name: str) -> str:
    """`Cart+<PayAsync>d__5` is `Cart+PayAsync`, `<Pay>b__0_1(Int32 n)` is `Pay`."""
    plain = _ASSEMBLY.sub("", name)
    plain = _CLOSURE.sub("", plain)
    plain = _STATE_MACHINE.sub(r"\g<method>", plain)
    plain = _LOCAL.sub(r"\g<method>.\g<local>", _LAMBDA.sub(r"\g<method>", plain))
    return without(_NUMBERED.sub("", plain), "([<").strip("+.") or name
