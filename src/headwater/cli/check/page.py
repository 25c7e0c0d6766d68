"""The scripts that a page names."""

from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

MAX_SCRIPTS: Final = 100
"""Scripts of a page that are read; large applications name 40 in their HTML."""

_PRELOADS: Final = ("modulepreload", "preload", "prefetch")


def scripts_of(html: str, url: str) -> tuple[str, ...]:
    """Their addresses, each once, in the page's order; also those that it asks to be loaded ahead."""
    reader = _Reader(url)
    reader.feed(html)
    reader.close()
    return tuple(reader.found)


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self._base = url
        self.found: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "base" and named.get("href"):
            self._base = urljoin(self._base, named["href"])
        elif tag == "script":
            self._add(named.get("src", ""))
        elif tag == "link" and self._is_script(named):
            self._add(named.get("href", ""))

    def _is_script(self, named: dict[str, str]) -> bool:
        kinds = named.get("rel", "").lower().split()
        if "modulepreload" in kinds:
            return True
        return any(kind in _PRELOADS for kind in kinds) and named.get("as") == "script"

    def _add(self, reference: str) -> None:
        if not reference.strip():
            return
        try:
            address = urljoin(self._base, reference.strip()).partition("#")[0]
            scheme = urlsplit(address).scheme
        except ValueError:  # a bracket that is no address's
            return
        if scheme in ("http", "https"):
            self.found.setdefault(address)
