"""Whether a frame is the user's own code, by where it really comes from."""

import re
from typing import Final

_FOREIGN: Final = re.compile(
    r"""(?:^|/)node_modules/ | (?:^|/)bower_components/ | (?:^|/)\.yarn/(?:cache|__virtual__)/
      | ^webpack/(?:bootstrap|runtime|universalModuleDefinition|before-startup|startup)
      | (?:^|/)external[ ] | ^ignored\| | ^\[turbopack\]/ | ^\[next\]/ | ^\[externals\]/
      | ^(?:rolldown|rollup|vite|commonjs-?helpers)[:/] | ^\.next-internal/ | ^<define: | ^node:
      | ^(?:core-js|regenerator-runtime|tslib|@babel/runtime|@swc/helpers)/ """,
    re.VERBOSE,
)


def in_app(filename: str, source: str, *, ignored: bool, said_by_sdk: bool | None) -> bool:
    """`filename` is the path for people, `source` the map's own name for it.

    The map's maker knows best (`ignoreList`), then the resolved path. The SDK saw only the bundle.
    """
    if ignored or "node_modules/" in source or _FOREIGN.search(filename):
        return False
    return said_by_sdk is not False
