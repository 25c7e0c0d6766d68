"""From a frame to where its line can be read and changed: the repository, and the visitor's editor."""

from typing import Final
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from headwater.server.web.event.frame import FrameCard
from headwater.storage.choices import PLACEHOLDER

ANY_COMMIT: Final = "HEAD"
"""Where a release says nothing of its commits: the newest one, where the line may have moved."""

_KNOWN: Final = (
    ("bitbucket", "/src/{commit}/{path}#lines-{line}"),
    ("gitlab", "/-/blob/{commit}/{path}#L{line}"),
    ("codeberg", "/src/{commit}/{path}#L{line}"),
    ("gitea", "/src/{commit}/{path}#L{line}"),
    ("forgejo", "/src/{commit}/{path}#L{line}"),
    ("", "/blob/{commit}/{path}#L{line}"),  # GitHub, its Enterprise, and who does as it does
)
"""What follows a repository's address, by a word in its host."""


class Links(Struct, frozen=True):
    """`repository`: its address, or a pattern with `{path}`; `folder`: of the project within it.

    `editor`: a pattern. Each is empty where there is none.
    """

    repository: str = ""
    folder: str = ""
    commit: str = ANY_COMMIT
    editor: str = ""

    def to_repository(self, card: FrameCard) -> str:
        """The line in the repository; empty for what is not the user's own source."""
        path = _path(card)
        if not path or not self.repository:
            return ""
        inside = f"{self.folder.strip('/')}/{path}".lstrip("/")
        return _filled(_pattern(self.repository), inside, card, self.commit)

    def to_editor(self, card: FrameCard) -> str:
        """The line in the editor; as `to_repository`."""
        path = _path(card)
        return _filled(self.editor, path, card, self.commit) if path and self.editor else ""


def commit_of(commits: str | None) -> str:
    """The newest of a release's commits, of which the JSON is as a client sent it."""
    try:
        listed = msgspec.json.decode(commits or "[]")
    except msgspec.DecodeError:
        return ANY_COMMIT
    first = listed[0] if isinstance(listed, list) and listed else None
    found = (first.get("id") or first.get("commit")) if isinstance(first, dict) else None
    return found if isinstance(found, str) and found.isalnum() else ANY_COMMIT


def _path(card: FrameCard) -> str:
    """Of an own source, from the root of the project; empty for anything else."""
    if not card.in_app or not card.is_original or card.lineno is None:
        return ""
    path = card.file.partition("?")[0]
    _, is_address, rest = path.partition("://")
    parts = [each for each in (rest if is_address else path).split("/") if each not in ("", ".")]
    while parts and parts[0] in ("..", "~"):
        parts = parts[1:]
    return "" if ".." in parts else "/".join(parts)


def _pattern(repository: str) -> str:
    if PLACEHOLDER in repository:
        return repository
    host = urlsplit(repository).hostname or ""
    end = next(end for word, end in _KNOWN if word in host)
    return repository.rstrip("/").removesuffix(".git") + end


def _filled(pattern: str, path: str, card: FrameCard, commit: str) -> str:
    values = {
        "path": quote(path),
        "line": str(card.lineno or 1),
        "column": str(card.colno or 1),
        "commit": quote(commit, safe=""),
    }
    for name, value in values.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return pattern
