"""How fast a map is compiled, into memory, beside Python's own reading of its JSON.

Needs no corpus; `compile.py` has real maps.
"""

import json
import random
import time
from collections.abc import Callable

from headwater.sourcemaps.compiling.compile import compile_map

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
PASSES = 5


def vlq(number: int) -> str:
    """One base64 VLQ number, as ECMA-426 writes it."""
    value = (abs(number) << 1) | (number < 0)
    digits = ""
    while True:
        value, digit = value >> 5, value & 31
        digits += DIGITS[digit | (32 if value else 0)]
        if not value:
            return digits


def source_map(tokens: int, seed: int = 7) -> bytes:
    """A map of one long line with `tokens` mappings and a source's text of 20 bytes for each."""
    chance = random.Random(seed)  # noqa: S311  # a corpus, not a secret
    segments = [
        vlq(chance.randrange(1, 20))
        + "A"
        + vlq(chance.randrange(-1, 3))
        + vlq(chance.randrange(-8, 20))
        for _ in range(tokens)
    ]
    text = "const total = items.reduce((sum, item) => sum + item.price, 0);\n" * (tokens // 3)
    document = {
        "version": 3,
        "sources": ["src/a.ts"],
        "sourcesContent": [text],
        "names": [],
        "mappings": ",".join(segments),
    }
    return json.dumps(document).encode()


def best(work: Callable[[], object]) -> float:
    """Seconds of the quickest of some passes."""
    seconds = []
    for _ in range(PASSES):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def main() -> None:
    """Print a table: compiling, and its ratio to json.loads of the same bytes."""
    print(
        f"{'map MB':>8} {'mappings':>10} {'compile ms':>10} {'json ms':>9} {'compile : json':>14}"
    )
    for tokens in (10_000, 100_000, 400_000):
        content = source_map(tokens)
        compiling = best(lambda content=content: compile_map(content, len, "bench"))  # type: ignore[misc]
        read = best(lambda content=content: json.loads(content))  # type: ignore[misc]
        print(
            f"{len(content) / 1e6:8.1f} {tokens:10,} {compiling * 1e3:10.1f} {read * 1e3:9.1f} {compiling / read:14.2f}"
        )


if __name__ == "__main__":
    main()
