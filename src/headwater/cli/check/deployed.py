"""What the deployed scripts say of themselves: their debug ids, and whether their maps are public."""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from headwater.artifacts.facts.of_script import script_facts
from headwater.cli.check.fetch import Fetched, Fetcher, NotFetched
from headwater.cli.check.page import MAX_SCRIPTS, scripts_of
from headwater.protocol.code_digest import code_digest

MAX_PAGE: Final = 4 * 1024**2
"""Bytes of the page's HTML; frameworks write their data into it."""

MAX_SCRIPT: Final = 32 * 1024**2
"""Bytes of one script; the largest of large applications have 10 MB."""

MAX_MAP: Final = 512 * 1024
"""Bytes of a public map in which its sources are looked for: they come before its mappings, mostly."""

_REFERENCE: Final = re.compile(rb"//[#@][ \t]?sourceMappingURL=([^\s'\"]{1,2000})\s*\Z")
_ENDING: Final = 4_096
"""Bytes at a script's end in which the reference is looked for."""

_OK: Final = 200


class Script(Struct, frozen=True):
    """One script as it is deployed."""

    url: str
    debug_ids: tuple[str, ...] = ()
    """Those that it tells the SDK while it runs: the snippet's."""
    comment_ids: tuple[str, ...] = ()
    """Those that stand only in its comment, which no event carries."""
    is_foreign: bool = False
    """Of another host than the page's, and without a debug id: somebody else's."""
    public_map: str | None = None
    """Address at which everybody can read its sources."""
    code: str | None = None
    """Its `code_digest`."""
    trouble: str | None = None
    """Why it could not be read."""


class Page(Struct, frozen=True):
    """A page with the scripts that were read; `named` counts those that it names."""

    url: str
    named: int
    scripts: tuple[Script, ...]


def deployed(url: str, fetcher: Fetcher) -> Page:
    """Read the page and its scripts. Raises NotFetched if there is no page."""
    page = fetcher.get(url, MAX_PAGE)
    if page.status != _OK:
        raise NotFetched(f"{page.url} answered {page.status}")
    named = scripts_of(page.body.decode("utf-8", "replace"), page.url)
    scripts = _scripts(named[:MAX_SCRIPTS], page.url, fetcher)
    return Page(page.url, len(named), tuple(scripts))


def _scripts(named: Sequence[str], page: str, fetcher: Fetcher) -> Iterator[Script]:
    for url in named:
        try:
            found = _whole(fetcher.get(url, MAX_SCRIPT))
        except NotFetched as error:
            yield Script(url, is_foreign=_host(url) != _host(page), trouble=str(error))
        else:
            yield _script(url, page, found, fetcher)


def _whole(found: Fetched) -> Fetched:
    if found.status != _OK:
        raise NotFetched(f"it answered {found.status}")
    if not found.is_whole:
        raise NotFetched(f"it has more than {MAX_SCRIPT:,} bytes")
    return found


def _script(url: str, page: str, found: Fetched, fetcher: Fetcher) -> Script:
    facts = script_facts(memoryview(found.body))
    ids = tuple(facts.snippet_ids)
    comments = tuple(each for each in facts.comment_ids if each not in ids)
    is_foreign = _host(url) != _host(page) and not ids and not comments
    public = None if is_foreign else _public_map(found, fetcher)
    code = code_digest(found.body.decode("utf-8", "replace"))
    return Script(url, ids, comments, is_foreign, public, code)


def _public_map(script: Fetched, fetcher: Fetcher) -> str | None:
    reference = script.headers.get("sourcemap") or script.headers.get("x-sourcemap")
    comment = _REFERENCE.search(script.body[-_ENDING:])
    if reference is None and comment is not None:
        reference = comment[1].decode("utf-8", "replace")
    if not reference or reference.startswith("data:"):
        return None
    try:
        found = fetcher.get(urljoin(script.url, reference), MAX_MAP)
    except (NotFetched, ValueError):
        return None
    is_map = found.status == _OK and found.body.lstrip()[:1] in (b"{", b")")
    return found.url if is_map and b'"sourcesContent"' in found.body else None


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()
