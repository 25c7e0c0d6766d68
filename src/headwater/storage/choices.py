"""What a person may choose for a project, read from text; `storage.projects.Choices` holds it."""

from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

MAX_SENSITIVE_FIELDS: Final = 100
"""Names of fields that a project scrubs besides the usual ones; each is looked for in every event."""

MAX_FIELD_NAME: Final = 100
"""Characters of such a name."""


MAX_ADDRESS: Final = 500
"""Characters of a repository's address, or of a pattern of one."""

PLACEHOLDER: Final = "{path}"
"""What makes an address a pattern: a source's path stands there."""

_RUNS: Final = frozenset(("javascript", "data", "vbscript", "blob"))
"""Addresses that are programs for the browser itself."""


class InvalidChoice(Exception):
    """What was given can't be chosen; the message says what was expected and what was there."""


class NumberChoice(Struct, frozen=True):
    """A whole number from 1 to `largest`, or nothing: then the instance's settings decide."""

    name: str
    largest: int

    def parse(self, text: str) -> int | None:
        """Raises InvalidChoice."""
        text = text.strip()
        if not text:
            return None
        is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(self.largest))
        if not is_number or not 1 <= int(text) <= self.largest:
            raise InvalidChoice(
                f"{self.name} must be a whole number from 1 to {self.largest:,}, or empty, so that the"
                f" instance decides; this is '{text[:40]}'."
            )
        return int(text)


EVENTS_PER_MINUTE: Final = NumberChoice("Events per minute", 1_000_000)
MAX_EVENTS: Final = NumberChoice("Events kept", 1_000_000_000)
MAX_AGE_DAYS: Final = NumberChoice("Days that events are kept", 3_650)
MAX_ARTIFACT_AGE_DAYS: Final = NumberChoice("Days that uploads are kept without use", 3_650)
MAX_RELEASES: Final = NumberChoice("Releases whose uploads are kept", 100_000)
MAX_ARTIFACTS: Final = NumberChoice("Bytes of uploads kept", 10**15)


def parse_field_names(text: str) -> tuple[str, ...]:
    """One name a line or between commas; each once, in order. Raises InvalidChoice."""
    lines = text.replace(",", "\n").split("\n")
    names = tuple(dict.fromkeys(name for line in lines if (name := " ".join(line.split()))))
    if len(names) > MAX_SENSITIVE_FIELDS:
        raise InvalidChoice(
            f"At most {MAX_SENSITIVE_FIELDS} names of fields can be scrubbed besides the usual ones;"
            f" these are {len(names)}."
        )
    for name in names:
        if len(name) > MAX_FIELD_NAME:
            raise InvalidChoice(
                f"The name of a field has at most {MAX_FIELD_NAME} characters; '{name[:40]}…' has"
                f" {len(name)}."
            )
    return names


def parse_repository(text: str) -> str:
    """The address of a repository, or a pattern of one with `{path}`; empty: none. Raises InvalidChoice."""
    text = text.strip()
    if not text:
        return ""
    parts = _split(text)
    is_plain = PLACEHOLDER in text or not set("?#") & set(text)
    is_address = (
        parts is not None and parts[0] in ("http", "https") and parts[1] and "@" not in parts[1]
    )
    if len(text) > MAX_ADDRESS or not is_address or not is_plain:
        raise InvalidChoice(
            "A repository is an address such as https://github.com/acme/shop, or a pattern with"
            f" {{commit}}, {{path}} and {{line}}; this is '{text[:80]}'."
        )
    return text


def parse_folder(text: str) -> str:
    """A folder within a repository, `apps/web`; empty: its root. Raises InvalidChoice."""
    text = text.strip().strip("/")
    if len(text) > MAX_ADDRESS or ".." in text.split("/"):
        raise InvalidChoice(f"A folder within the repository was expected; this is '{text[:80]}'.")
    return text


def parse_editor(text: str) -> str:
    """A pattern that opens a line in an editor; empty: none. Raises InvalidChoice."""
    text = text.strip()
    if not text:
        return ""
    parts = _split(text)
    if (
        len(text) > MAX_ADDRESS
        or not text.isascii()
        or PLACEHOLDER not in text
        or parts is None
        or parts[0] in _RUNS
    ):
        raise InvalidChoice(
            "An editor's address looks like vscode://file/home/me/shop/{path}:{line}:{column};"
            f" this is '{text[:80]}'."
        )
    return text


def _split(text: str) -> tuple[str, str] | None:
    """Scheme and host; None if it is no address."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return (parts.scheme.lower(), parts.netloc) if parts.scheme and "://" in text else None
