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


def in_app(*, ignored: bool, foreign: bool, said_by_sdk: bool | None) -> bool:
    """The map's maker knows best (`ignoreList`), then the resolved path. The SDK saw only the bundle."""
    return not ignored and not foreign and said_by_sdk is not False


def is_foreign(filename: str, source: str) -> bool:
    """`filename` is the path for people, `source` the map's own name for it."""
    return "node_modules/" in source or _FOREIGN.search(filename) is not None
