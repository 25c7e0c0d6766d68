"""An issue's page, which is the page of one of its events: the latest, or the one asked for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from msgspec import Struct, structs
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.protocol.circumstances import Circumstances, Field, Section, parse_circumstances
from headwater.protocol.event import Event
from headwater.protocol.event_json import parse_event
from headwater.server.errors import NothingThere
from headwater.server.markdown.event import event_markdown
from headwater.server.web.event.links import ANY_COMMIT, Links, commit_of
from headwater.server.web.event.spread import spread
from headwater.server.web.event.view import EventView, event_view
from headwater.server.web.gate import Gate
from headwater.server.web.issues.aside import ALL_ACTIVITY, LATEST_ACTIVITY, Aside, Asides
from headwater.server.web.issues.shelves import event_path, existing_issue, state_of
from headwater.server.web.look import Look
from headwater.server.web.moments import exact
from headwater.server.web.projects.project_pages import REFUSALS_SINCE, existing
from headwater.server.web.visit import Visit
from headwater.storage.events.events import Events, StoredEvent
from headwater.storage.events.healings import Healings, Kind
from headwater.storage.events.spread import Spread
from headwater.storage.events.user_reports import UserReports
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.issues import Issues
from headwater.storage.projects import Project, Projects
from headwater.storage.uploads.refusals import KeptRefusal, Refusals
from headwater.storage.uploads.releases import Releases
from headwater.symbolicate.remedies.place import Place
from headwater.symbolicate.resolution import Resolution, ResolvedFrame, read_resolution
from headwater.symbolicate.verdicts import Verdict

_NOT_UPLOADED: Final = (
    Verdict.PENDING_UPLOAD,
    Verdict.DEBUG_ID_NOT_UPLOADED,
    Verdict.RELEASE_NOT_UPLOADED,
    Verdict.URL_NOT_UPLOADED,
)
"""The verdicts that a refused upload would explain."""


class Beside(Struct, frozen=True):
    """What is shown beside an event."""

    healings: Healings
    refusals: Refusals
    reports: UserReports
    asides: Asides
    spread: Spread
    releases: Releases


class EventPages:
    """`/issues/…`, `/issues/…/events/…`, and `/events/…`, which finds an event's issue."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        projects: Projects,
        issues: Issues,
        events: Events,
        beside: Beside,
        address: Callable[[Visit], str],
    ) -> None:
        """`address`: where users reach this server."""
        self._gate = gate
        self._look = look
        self._projects = projects
        self._issues = issues
        self._events = events
        self._beside = beside
        self._address = address

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.get("/issues/{issue}", self._latest),
            self._gate.get("/issues/{issue}/events/{event}.md", self._markdown),
            self._gate.get("/issues/{issue}/events/{event}", self._one),
            self._gate.get("/events/{event}", self._find),
        ]

    def _issue(self, visit: Visit) -> Issue:
        return visit.looked_up.issue or existing_issue(self._issues, visit.path("issue"))

    def _latest(self, visit: Visit) -> Response:
        issue = self._issue(visit)
        if str(issue.id) != visit.path("issue"):
            return RedirectResponse(f"/issues/{issue.id}", 303)
        stored = self._events.latest(issue.id)
        if stored is None:
            raise NothingThere(
                f"Issue {issue.id} has no event: they were removed, or are on their way from another"
                " issue that it was merged with. Counts and decisions are kept."
            )
        return self._page(visit, issue, stored)

    def _markdown(self, visit: Visit) -> Response:
        stored = self._asked_for(visit, self._issue(visit))
        address = f"{visit.origin}/events/{stored.event_id}"
        return PlainTextResponse(event_markdown(stored, address))

    def _asked_for(self, visit: Visit, issue: Issue) -> StoredEvent:
        stored = self._events.get(issue.project_id, visit.path("event").lower())
        if stored is None:
            raise NothingThere(f"There is no event {visit.path('event')} in this project.")
        return stored

    def _one(self, visit: Visit) -> Response:
        issue = self._issue(visit)
        stored = self._asked_for(visit, issue)
        home = issue
        if stored.issue_id != issue.id:
            home = existing_issue(self._issues, str(stored.issue_id))
        if str(home.id) != visit.path("issue"):
            # A late source map moved it, or a person merged the issue: the event is what was asked
            # for, the issue is where it is.
            return RedirectResponse(f"/issues/{home.id}/events/{stored.event_id}", 303)
        return self._page(visit, issue, stored)

    def _find(self, visit: Visit) -> Response:
        stored = self._events.get(visit.projects, visit.path("event").lower().replace("-", ""))
        if stored is None:
            raise NothingThere(f"There is no event {visit.path('event')} on this server.")
        return RedirectResponse(event_path(stored), 303)

    def _page(self, visit: Visit, issue: Issue, stored: StoredEvent) -> Response:
        event = parse_event(stored.payload, stored.received_at, event_id=stored.event_id)
        around = self._events.neighbours(stored)
        is_oldest, is_newest = around.older is None, around.newer is None
        seen = {each.id: each for each in self._look.seen(visit)}
        resolution = _named(read_resolution(stored.resolution), seen)
        # One that the doctor made is in no list.
        project = seen.get(issue.project_id) or existing(self._projects, str(issue.project_id))
        of_issue, of_event = (Kind.ISSUE, str(issue.id)), (Kind.EVENT, stored.event_id)
        healings = self._beside.healings.several(issue.project_id, (of_issue, of_event))
        place = Place(self._address(visit), project.slug)
        view = event_view(event, resolution, parse_circumstances(stored.payload), place)
        return self._look.page(
            visit,
            "event.html",
            project=project,
            projects=tuple(seen.values()),
            issue=issue,
            state=state_of(issue),
            aside=self._aside(visit, issue),
            all_activity=ALL_ACTIVITY,
            heading=stored.title,
            event=event,
            view=view,
            links=self._links(visit, project, stored.release),
            reports=self._beside.reports.of_event(issue.project_id, stored.event_id),
            healing=healings.get(of_issue),
            event_healing=healings.get(of_event),
            refused=self._refused(visit, issue.project_id, resolution),
            sections=tuple(_sections(stored, event, view)),
            has_others=not (is_oldest and is_newest),
            differing=spread(event, self._beside.spread.of_issue(issue.id)),
            steps=(
                ("Oldest", None if is_oldest else around.oldest),
                ("Previous", around.older),
                ("Next", around.newer),
                ("Newest", None if is_newest else around.newest),
            ),
        )

    def _aside(self, visit: Visit, issue: Issue) -> Aside:
        visitor = visit.user.email if visit.user else ""
        shown = ALL_ACTIVITY if visit.query("activity") == "all" else LATEST_ACTIVITY
        return self._beside.asides.of(issue, visit.now, visitor, shown)

    def _links(self, visit: Visit, project: Project, version: str | None) -> Links:
        choices = project.choices
        commit = ANY_COMMIT
        if version and choices.repository:
            announced = self._beside.releases.visible(project.id, version)
            commits = (commit_of(each.commits) for each in announced)
            commit = next((each for each in commits if each != ANY_COMMIT), ANY_COMMIT)
        return Links(choices.repository, choices.repository_folder, commit, visit.editor)

    def _refused(self, visit: Visit, project_id: int, resolution: Resolution) -> KeptRefusal | None:
        frames = (frame for each in resolution.stacktraces for frame in each.frames)
        if not any(frame.verdict in _NOT_UPLOADED for frame in frames):
            return None
        since = visit.now - REFUSALS_SINCE
        found = self._beside.refusals.concerning(project_id, since, 1, visit.projects)
        return found[0] if found else None


def _named(resolution: Resolution, seen: Mapping[int, Project]) -> Resolution:
    """With the names of the other projects that the visitor sees."""
    frames = [frame for each in resolution.stacktraces for frame in each.frames]
    if all(frame.evidence.other_project is None for frame in frames):
        return resolution
    traces = (
        structs.replace(each, frames=tuple(_with_name(frame, seen) for frame in each.frames))
        for each in resolution.stacktraces
    )
    return structs.replace(resolution, stacktraces=tuple(traces))


def _with_name(frame: ResolvedFrame, seen: Mapping[int, Project]) -> ResolvedFrame:
    other = frame.evidence.other_project
    if other is None or other not in seen:
        return frame
    return structs.replace(frame, evidence=structs.replace(frame.evidence, detail=seen[other].name))


def _sections(stored: StoredEvent, event: Event, view: EventView) -> Iterator[Section]:
    around: Circumstances = view.circumstances
    said = (
        ("Event id", stored.event_id),
        ("Happened", exact(stored.timestamp)),
        ("Received", exact(stored.received_at)),
        ("Release", stored.release),
        ("Dist", stored.dist),
        ("Environment", stored.environment),
        ("Transaction", event.transaction),
        ("Logger", event.logger),
        ("Platform", stored.platform),
    )
    tables = (
        around.tags,
        around.request,
        around.user,
        *around.contexts,
        around.extra,
        Section("Event", tuple(Field(name, value) for name, value in said if value)),
        around.sdk,
    )
    yield from (table for table in tables if table.fields)
