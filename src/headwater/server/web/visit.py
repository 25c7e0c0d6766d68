"""One request for a page, as the pages want it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from headwater.server.numbers import number_in
from headwater.server.web.form import Form, storable
from headwater.storage.choices import InvalidChoice, parse_editor
from headwater.storage.issues.issue import Issue
from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.sessions import Client
from headwater.storage.people.users import User
from headwater.storage.projects import Project

THEME_COOKIE: Final = "headwater_theme"
EDITOR_COOKIE: Final = "headwater_editor"
KEYS_COOKIE: Final = "headwater_keys"
KEYS_OFF: Final = "off"

THEMES: Final[Mapping[str, str]] = {"": "As the system says", "light": "Light", "dark": "Dark"}
"""Word in forms and style sheets, and words for people."""

_NOBODYS = Rights(Role.VIEWER, all_projects=False)


@dataclass(slots=True)
class LookedUp:
    """What the check of rights had to look up, so that neither the page nor its frame asks again; None:
    nobody has looked."""

    projects: tuple[Project, ...] | None = None
    """All that there are."""
    project: Project | None = None
    """The one that the address names."""
    issue: Issue | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for what, and when."""

    request: Request
    now: datetime
    user: User | None
    """Who is signed in; None only on the pages that let anybody in."""
    form: Form
    """What was posted; empty for a GET."""
    origin: str
    """This server's address as the visitor reaches it, without a slash at the end."""
    address: str
    """The visitor's own address, as far as it is known."""
    session: str = ""
    """The secret of the session that they are signed in with; empty without one."""
    looked_up: LookedUp = field(default_factory=LookedUp)

    @property
    def is_secure(self) -> bool:
        """Whether the visitor came over https, so that cookies can insist on it."""
        return self.origin.startswith("https://")

    @property
    def theme(self) -> str:
        """One of THEMES."""
        chosen = self.request.cookies.get(THEME_COOKIE, "")
        return chosen if chosen in THEMES else ""

    @property
    def editor(self) -> str:
        """The pattern that opens a line in the visitor's editor; empty: none."""
        try:
            return parse_editor(self.request.cookies.get(EDITOR_COOKIE, ""))
        except InvalidChoice:
            return ""

    @property
    def has_keys(self) -> bool:
        """Whether single letters do something; WCAG 2.1.4 wants a way to switch them off."""
        return self.request.cookies.get(KEYS_COOKIE, "") != KEYS_OFF

    @property
    def rights(self) -> Rights:
        """What the visitor may. Who is not signed in sees no project, and is asked for nothing else."""
        return _NOBODYS if self.user is None else self.user.rights

    @property
    def projects(self) -> frozenset[int] | None:
        """The projects that the visitor sees; None: all there are."""
        return self.rights.projects

    def may_see(self, project_id: int) -> bool:
        """Whether the project exists, as far as the visitor can tell."""
        return self.rights.may_see(project_id)

    def may_change(self, project: Project | int | None) -> bool:
        """Whether the visitor's role in the project, or (None) on the instance, is a member's at least."""
        if project is None:
            return self.rights.role.reaches(Role.MEMBER)
        return self.rights.reach_in(
            Role.MEMBER, project if isinstance(project, int) else project.id
        )

    def may_lead(self, project: Project) -> bool:
        """Whether the visitor may say who else sees the project."""
        return self.rights.reach_in(Role.ADMIN, project.id)

    @property
    def signed_in(self) -> User:
        """Who is visiting, on pages that let nobody else in."""
        if self.user is None:
            raise AssertionError("the gate let a stranger in")
        return self.user

    @property
    def client(self) -> Client:
        """Where the visitor comes from."""
        return Client(self.address, storable(self.request.headers.get("user-agent", "")))

    def path(self, name: str) -> str:
        """A part of the address that the route names."""
        return storable(str(self.request.path_params[name]))

    def query(self, name: str, default: str = "") -> str:
        """A field of the query string."""
        return storable(self.request.query_params.get(name, default))

    @property
    def page_number(self) -> int:
        """The page of a list that is asked for, from 1."""
        return max(1, number_in(self.query("page", "1")))


Page = Callable[[Visit], Response]
"""A page: runs in a thread, may ask the database."""
