"""What a remedy's lines are filled in with: this server, this project, this release."""

from dataclasses import dataclass, replace

from headwater.symbolicate.addresses import without_query

_UNKNOWN = "\ufffd"


@dataclass(frozen=True, slots=True)
class Place:
    """Where uploads go, and what the event says. Everything comes from others: it is quoted."""

    address: str = "https://errors.example.com"
    project: str = "any"
    release: str | None = None
    dist: str | None = None
    prefix: str = "~/"
    """What stands before the file's name in its address: `~/assets`."""

    def with_event(self, release: str | None, dist: str | None, prefix: str) -> "Place":
        """The same server and project, for what one event says."""
        return replace(self, release=release, dist=dist, prefix=prefix)

    @property
    def version(self) -> str:
        """The event's release in quotes, or what to put there."""
        return "process.env.RELEASE" if self.release is None else quoted(self.release)

    @property
    def naming(self) -> str:
        """`release: {…}` of a plugin's options."""
        dist = "" if self.dist is None else f", dist: {quoted(self.dist)}"
        return f"name: {self.version}{dist}"


def prefix_of(path: str) -> str:
    """`~/assets` of `https://shop.example/assets/app.js?v=1`: what uploads are named with."""
    plain = without_query(path)
    _, marker, rest = plain.partition("://")
    behind = rest.partition("/")[2] if marker else plain.lstrip("/")
    folder = behind.rpartition("/")[0]
    return f"~/{folder}"


def quoted(text: str) -> str:
    """A string in JavaScript: nothing gets out of it."""
    safe = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + _printable(safe) + "'"


def in_shell(text: str) -> str:
    """A word in a shell: nothing gets out of it."""
    return "'" + _printable(text).replace("'", "'\\''") + "'"


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else _UNKNOWN for each in text)
