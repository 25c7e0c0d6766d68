"""Names without what stands in their brackets."""

from typing import Final

_PAIRS: Final = {"(": ")", "[": "]", "<": ">", "{": "}"}


def without(name: str, opening: str) -> str:
    """`name` without what is between the brackets that begin with one of `opening`.

    Nested ones and ones that are never closed go as well: `Map[string, []int].Get` is `Map.Get`.
    """
    if not any(each in name for each in opening):
        return name
    closing = {_PAIRS[each] for each in opening}
    kept: list[str] = []
    depth = 0
    for character in name:
        if character in opening:
            depth += 1
        elif character in closing:
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(character)
    return "".join(kept)
