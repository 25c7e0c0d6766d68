"""Runs in an environment of its own: resolves events as Sentry's library does, one for each line asked.

Arguments: minified file, map. In: a JSON list of (line, column) from 0. Out: seconds of it.
"""

import json
import sys
import time
from pathlib import Path

from symbolic.sourcemapcache import SourceMapCache  # type: ignore[import-not-found]

REACH = 5


def main() -> None:
    script, document = (Path(argument).read_bytes() for argument in sys.argv[1:])
    for line in sys.stdin:
        places = json.loads(line)
        began = time.perf_counter()
        cache = SourceMapCache.from_bytes(script, document)
        for row, column in places:
            token = cache.lookup(row + 1, column + 1, REACH)
            if token is not None:
                _ = token.src, token.line, token.col, token.name, token.context_line
                _ = token.pre_context, token.post_context
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main()
