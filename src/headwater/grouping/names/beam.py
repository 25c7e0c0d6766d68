"""Functions of Elixir and Erlang, which number what has no name of its own."""

import re
from typing import Final

_ANONYMOUS: Final = re.compile(r"^anonymous fn/\d+ in ")
_LIFTED: Final = re.compile(r"^-(?P<name>[^/]{1,200}/\d{1,3})-.*$", re.DOTALL)


def beam_function(name: str) -> str:
    """`anonymous fn/1 in Cart.pay/2` and `-pay/2-fun-0-/1` are the function that holds them."""
    plain = _ANONYMOUS.sub("", name).replace('"-', "-")
    module, dot, last = plain.rpartition(".-")
    lifted = _LIFTED.match(f"-{last}" if dot else plain)
    if not lifted:
        return plain
    return f"{module}.{lifted['name']}" if dot else lifted["name"]
