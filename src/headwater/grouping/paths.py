"""Files of code that runs as it was written, named relative to their project."""

import re
from typing import Final

MAX_PATH: Final = 1000
"""Characters of a path that count; the system's own limit is 4,096, real ones end at 300."""

_ROOT: Final = re.compile(
    r"""^(?:file://)?(?:/?[A-Za-z]:)?/(?:private/)?
      (?: home/runner/work/[^/]+/[^/]+ | home/circleci/project | (?:home|Users)/[^/]+
        | builds/[^/]+/[^/]+ | vercel/path\d | opt/build/repo | opt/render/project
        | codebuild/output/src\d+/src | usr/src/app | var/task | var/www/html | workspace | app )/""",
    re.VERBOSE,
)
_ABSOLUTE: Final = re.compile(r"(?:file://)?(?:/?[A-Za-z]:)?/")
_DEPLOYMENT: Final = re.compile(r"/(?:releases/[^/]+|current)/")
_PACKAGES: Final = ("/site-packages/", "/dist-packages/", "/gems/", "/pkg/mod/")
_ORIGIN: Final = re.compile(r"^(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?(?://[^/]*)?/*")
_EVALUATED: Final = re.compile(r"\(\d+\)(?: : .*)?$", re.DOTALL)
_NUMBERED: Final = re.compile(r"v?\d+(?:\.\d+)*|[0-9a-f]{16,64}|\.{1,2}|")
_VERSION: Final = re.compile(r"[-@]v?\d+(?:\.[\w+-]+)+$")
_HASH: Final = re.compile(r"^[0-9a-f]{16,64}(?=\.|$)|(?<=^Container)\w{7}$")
"""Compiled templates and containers are named by a hash of what they were made from."""


def without_root(path: str) -> str:
    """A path without the folder that a build or a host keeps projects in.

    `/home/runner/work/shop/shop/src/cart.ts` and `/app/src/cart.ts` are `src/cart.ts`.
    """
    if not _ABSOLUTE.match(path):
        return path
    deployed = _DEPLOYMENT.search(path) if "/releases/" in path or "/current/" in path else None
    return path[deployed.end() :] if deployed else _ROOT.sub("", path, count=1)


def project_path(path: str) -> str:
    """A file's path without host, root, versions and hashes.

    `/srv/shop/releases/20261101/app/cart.rb` is `app/cart.rb`, and
    `/usr/lib/python3.11/site-packages/x/y.py` is `x/y.py`.
    """
    plain = _EVALUATED.sub("", path[:MAX_PATH]).replace("\\", "/")
    for packages in _PACKAGES:
        plain = "/" + plain.rpartition(packages)[2] if packages in plain else plain
    plain = _ORIGIN.sub("", without_root(plain), count=1)
    *folders, name = plain.split("/")
    kept = [_VERSION.sub("", each) for each in folders if not _NUMBERED.fullmatch(each)]
    return "/".join([*kept, _HASH.sub("", name)])
