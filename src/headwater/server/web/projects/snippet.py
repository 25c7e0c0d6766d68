"""Lines for people to paste into their own code."""

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from headwater.server.web.source import coloured


class Snippet(Struct, frozen=True):
    """Lines to paste. `file` says where, `install` what to run before; both may be empty."""

    title: str
    file: str
    code: str
    install: str = ""
    platform: str = ""
    """The platform of the projects that this is first for; empty for a second file of the same."""
    is_open: bool = False

    @property
    def markup(self) -> Markup:
        """The code in colours."""
        name = self.file if "." in self.file else "shell"
        return Markup("\n").join(coloured(name, self.code.split("\n")))


def opened(snippets: tuple[Snippet, ...], platform: str | None) -> tuple[Snippet, ...]:
    """The same, with the one for this platform open, or else the first."""
    fitting = [each for each in snippets if platform and each.platform == platform]
    first = (fitting or snippets)[0]
    return tuple(replace(each, is_open=each is first) for each in snippets)
