"""From a template and its facts to a page, in the frame that all pages share."""

from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from headwater.server.web.assets import Assets
from headwater.server.web.done import Done, forget_done
from headwater.server.web.moments import counted, exact, last_day, relative, sized
from headwater.server.web.visit import Visit
from headwater.storage.projects import Project, Projects

_HEADINGS: Final[Mapping[int, str]] = {
    400: "That could not be read",
    403: "That was not done",
    404: "There is no such page",
    409: "That exists already",
    413: "That is too large",
    503: "The server is busy",
}


class Look:
    """Renders templates. Everything is escaped unless it was made as markup on purpose."""

    def __init__(self, assets: Assets, projects: Projects) -> None:
        self._projects = projects
        self._environment = Environment(
            loader=PackageLoader("headwater.server.web", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["counted"] = counted
        self._environment.filters["exact"] = exact
        self._environment.filters["last_day"] = last_day
        self._environment.filters["relative"] = relative
        self._environment.filters["segment"] = segment
        self._environment.filters["sized"] = sized
        self._environment.filters["prose"] = prose
        self._environment.globals["asset"] = assets.path

    def page(
        self,
        visit: Visit,
        template: str,
        *,
        project: Project | None = None,
        projects: Collection[Project] | None = None,
        status: int = 200,
        **facts: object,
    ) -> HTMLResponse:
        """`project` is the one that the rail marks; `projects` those that `seen` gave, if a page has
        asked already; `facts` are what the template names."""
        done = Done.of(visit)
        text = self._environment.get_template(template).render(
            visit=visit,
            just_done=done,
            here=visit.request.url.path,
            project=project,
            projects=self.seen(visit) if projects is None else projects,
            **facts,
        )
        # Half of a surrogate pair is a character in JSON, and none in UTF-8.
        response = HTMLResponse(text.encode("utf-8", "replace"), status)
        if done is not None:
            forget_done(response, visit)
        return response

    def seen(self, visit: Visit) -> tuple[Project, ...]:
        """The projects that the rail names."""
        # Visitors who are not signed in learn nothing, not even which projects there are.
        if visit.user is None:
            return ()
        every = visit.looked_up.projects
        if every is None:
            every = self._projects.all()
        return tuple(each for each in every if visit.may_see(each.id))

    def wrong(self, visit: Visit, status: int, sentence: str) -> HTMLResponse:
        """What happened and what to do; never a code alone."""
        heading = _HEADINGS.get(status, "That did not work")
        if status == HTTPStatus.FORBIDDEN and visit.request.method in ("GET", "HEAD"):
            heading = "You may not see this"
        return self.page(visit, "wrong.html", status=status, heading=heading, sentence=sentence)


def segment(text: str) -> str:
    """As one segment of an address, whatever is in it: a release may be called `../../settings`."""
    return quote(text, safe="")


def prose(sentence: str) -> Markup:
    """A sentence of ours with `code` between backticks."""
    parts = sentence.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else part
        for index, part in enumerate(parts)
    )
