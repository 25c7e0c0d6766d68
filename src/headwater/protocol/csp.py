"""One violation of a Content-Security-Policy, in the words that Sentry has for it."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from headwater.protocol.json_value import as_text

MAX_FIELD: Final = 4_096
"""Characters of one value of a report; a longer one, which a policy may be, is cut and ends with an
ellipsis."""

MAX_NAME: Final = 24
"""Characters of a field's name that are looked at; no name that is known has more."""

MAX_HOST: Final = 253
"""Characters of a host, the most that one may have; a longer one is cut, for it is in a title."""

SELF: Final = "'self'"
"""How policies spell the page's own origin."""

_FIELDS: Final = (
    "effective_directive",
    "violated_directive",
    "blocked_uri",
    "document_uri",
    "referrer",
    "original_policy",
    "disposition",
    "status_code",
    "source_file",
    "line_number",
    "column_number",
    "script_sample",
)

_SPELLINGS: Final = {name.replace("_", ""): name for name in _FIELDS} | {
    "blockedurl": "blocked_uri",
    "documenturl": "document_uri",
    "sample": "script_sample",
}
"""`blocked-uri` of `report-uri`, `blockedURL` of the Reporting API, `blockedURI` of DOM events."""

_INLINE: Final = {
    "inline": "'unsafe-inline'",
    "eval": "'unsafe-eval'",
    "wasm-eval": "'unsafe-eval'",
}
"""What browsers of today say was blocked where there is no address; older ones say nothing."""

_DIRECTIVE: Final = re.compile(r"[a-z0-9-]{1,40}")

_NOUNS: Final = {
    **{
        f"{noun}-src": noun
        for noun in ("child", "connect", "font", "manifest", "media", "object", "script", "style")
    },
    "img-src": "image",
    "script-src-elem": "script",
    "style-src-elem": "style",
}

_LOCAL: Final = {
    "'unsafe-inline'": "Blocked unsafe inline 'script'",
    "'unsafe-eval'": "Blocked unsafe eval() 'script'",
    "script-src": "Blocked unsafe (eval() or inline) 'script'",
    "script-src-elem": "Blocked unsafe 'script' element",
    "script-src-attr": "Blocked inline script attribute",
    "style-src-elem": "Blocked 'style' or 'link' element",
    "style-src-attr": "Blocked inline style attribute",
}
_FROM: Final = {
    "form-action": "Blocked 'form' action to '{}'",
    "script-src-attr": "Blocked script attribute from '{}'",
    "style-src-attr": "Blocked style attribute from '{}'",
}


class Violation(Struct, frozen=True):
    """`directive` is the one that was violated, such as `script-src-elem`. `fields` has what else the
    report says, by Sentry's names; every value has MAX_FIELD characters at most."""

    directive: str
    fields: Mapping[str, str]

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> "Violation | None":
        """Read a report's inner object, in any of its spellings; None if it names no directive."""
        fields: dict[str, str] = {}
        for spelling, value in report.items():
            name = _SPELLINGS.get(_flat(spelling[:MAX_NAME]))
            text = as_text(value)
            if name and text is not None:
                fields.setdefault(name, _cut(text))
        said = fields.get("effective_directive") or fields.get("violated_directive") or ""
        directive = said.lower().partition(" ")[0]
        return cls(directive, fields) if _DIRECTIVE.fullmatch(directive) else None

    @property
    def blocked(self) -> str:
        """What was blocked: a host, a scheme, or `'self'` for what stands in the page itself."""
        uri = self.fields.get("blocked_uri", "").strip()
        return SELF if uri.lower() in ("", "self", SELF, *_INLINE) else _origin(uri)

    @property
    def message(self) -> str:
        """`Blocked 'script' from 'cdn.example.com'`."""
        blocked, noun = self.blocked, _NOUNS.get(self.directive, self.directive)
        if blocked == SELF:
            said = _LOCAL.get(self._unsafe or self.directive)
            return said or f"Blocked inline {noun!r}"
        return _FROM.get(self.directive, f"Blocked {noun!r} from '{{}}'").format(blocked)

    @property
    def culprit(self) -> str:
        """The violated directive with its sources, the page's own origin as `'self'`."""
        first, *sources = (self.fields.get("violated_directive") or self.directive).split()
        document = self.fields.get("document_uri", "")
        own = {document, _origin(document), document[: _end_of_origin(document)]} - {""}
        return " ".join([first, *(SELF if source in own else source for source in sources)])

    @property
    def fingerprint(self) -> list[str]:
        """By directive and blocked host; for scripts in the page, by what would have allowed them."""
        return ["csp", self.directive, self._unsafe or self.blocked]

    @property
    def _unsafe(self) -> str | None:
        """Which permission a script in the page itself lacked, as far as that is said."""
        if not self.directive.startswith("script-src") or self.blocked != SELF:
            return None
        if unsafe := _INLINE.get(self.fields.get("blocked_uri", "").lower()):
            return unsafe
        sources = self.fields.get("violated_directive", "")
        return next(
            (word for word in ("'unsafe-inline'", "'unsafe-eval'") if word in sources), None
        )


def _cut(text: str) -> str:
    return text if len(text) <= MAX_FIELD else text[: MAX_FIELD - 1] + "…"


def _flat(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()


def _origin(uri: str) -> str:
    """The host of a web address; of others the scheme too. Browsers shorten `data:…` to `data`."""
    if ":" not in uri:
        return f"{uri[:MAX_HOST]}:" if _DIRECTIVE.fullmatch(uri.lower()) else uri[:MAX_HOST]
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri[:MAX_HOST]
    host = parts.netloc.rpartition("@")[2][:MAX_HOST]
    if parts.scheme in ("http", "https"):
        return host
    return f"{parts.scheme}://{host}" if host else f"{parts.scheme}:"


def _end_of_origin(uri: str) -> int:
    _, separator, rest = uri.partition("://")
    path = rest.find("/")
    return len(uri) if path < 0 or not separator else len(uri) - len(rest) + path
