"""Hydration errors: what the server rendered is not what the client expects.

Frameworks say it in many wordings, of a build for development or for production, with the page's own
text in them; what matters is which kind of thing differs.
"""

import re
from typing import Final

_KINDS: Final = (
    # The order matters: the first that fits.
    (
        "text",
        re.compile(
            r"Minified React error #425\b|Minified React error #418\b.{0,200}args\[\]=text\b"
            r"|text content (?:does|did) not match|server rendered text didn't match"
            r"|hydration text(?: content)? mismatch",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
    (
        "attribute",
        re.compile(
            r"prop `[^`]{1,200}` did not match|hydration (?:attribute|class|style) mismatch"
            r"|some attributes of the server rendered HTML",
            re.IGNORECASE,
        ),
    ),
    (
        "nesting",
        re.compile(
            r"validateDOMNesting|cannot (?:be a descendant of|contain a nested|appear as a (?:child|descendant))"
            r"|This will cause a hydration error",
            re.IGNORECASE,
        ),
    ),
    (
        "markup",
        re.compile(
            r"Minified React error #418\b|initial UI does not match|server rendered HTML didn't match"
            r"|Hydration failed because|expected server HTML to contain|did not expect server HTML to contain"
            r"|hydration (?:node|children) mismatch|hydration completed but contains mismatches"
            r"|hydration_mismatch|Hydration Mismatch\. Unable to find DOM nodes|Failed to hydrate the application"
            r"|NG0?50[0-3]\b",
            re.IGNORECASE,
        ),
    ),
    (
        "recovered",
        re.compile(
            r"Minified React error #42[1-3]\b|error while hydrating"
            r"|received an update before it finished hydrating",
            re.IGNORECASE,
        ),
    ),
)  # fmt: skip


def hydration_kind(message: str) -> str | None:
    """`text`, `attribute`, `nesting`, `markup`, or `recovered`: the client rendered it all again."""
    return next((kind for kind, wording in _KINDS if wording.search(message)), None)
