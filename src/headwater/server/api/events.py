"""Events, for scripts: as Sentry's API has them, as stored, and with every frame's verdict."""

from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from headwater.protocol.event import Json
from headwater.protocol.event_id import parse_event_id
from headwater.protocol.event_json import parse_event
from headwater.protocol.json_text import decode_json
from headwater.server.answer import answer
from headwater.server.api.event_shape import event_shape
from headwater.server.api.frame_verdicts import verdicts_of
from headwater.server.api.visible import project_of
from headwater.server.auth import TokenGuard
from headwater.server.errors import NothingThere
from headwater.server.markdown.event import event_markdown
from headwater.server.origin import Origins
from headwater.server.paths import segment
from headwater.storage.events.events import Events, StoredEvent
from headwater.storage.people.tokens import Scope
from headwater.storage.projects import Projects
from headwater.symbolicate.overlay import overlay
from headwater.symbolicate.remedies.place import Place
from headwater.symbolicate.resolution import read_resolution

_EVENT: Final = "/api/0/projects/{org}/{project}/events/{event_id}/"
_MARKDOWN: Final = "/api/0/projects/{org}/{project}/events/{event_id}.md/"
_BY_ID: Final = "/api/0/organizations/{org}/eventids/{event_id}/"


class EventsDoor:
    """`{org}` may be any value; `{project}` is a slug or an id, or anything with a project's token."""

    def __init__(
        self, guard: TokenGuard, projects: Projects, events: Events, origins: Origins
    ) -> None:
        self._guard = guard
        self._origins = origins
        self._projects = projects
        self._events = events

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        return [
            Route(_MARKDOWN, self.show_markdown, methods=["GET"]),
            Route(_BY_ID, self.find, methods=["GET"]),
            Route(_EVENT, self.show, methods=["GET"]),
            Route(_EVENT + "json/", self.show_json, methods=["GET"]),
            Route(_EVENT + "sourcemaps/", self.show_verdicts, methods=["GET"]),
        ]

    def show(self, request: Request) -> Response:
        """The event in Sentry's shape."""
        event = self._event(request)
        return answer(event_shape(event, self._events.neighbours(event), _overlaid(event)))

    def show_json(self, request: Request) -> Response:
        """The event's own JSON with original frames in place of minified ones."""
        event = self._event(request)
        known = {"event_id": event.event_id, "project": event.project_id}
        return answer(_overlaid(event) | known)

    def show_verdicts(self, request: Request) -> Response:
        """Each frame's verdict with its evidence, cause and remedy."""
        stored = self._event(request)
        event = parse_event(stored.payload, stored.received_at, event_id=stored.event_id)
        project = self._projects.get(str(stored.project_id))
        place = Place(self._origins.of(request), project.slug if project else "any")
        return answer(verdicts_of(event, read_resolution(stored.resolution), place))

    def show_markdown(self, request: Request) -> Response:
        """The event for people and agents: resolved frames with their source, reasons where not."""
        event = self._event(request)
        address = f"{self._origins.of(request)}/events/{event.event_id}"
        return PlainTextResponse(event_markdown(event, address), media_type="text/markdown")

    def find(self, request: Request) -> Response:
        """Which project and issue an event id belongs to, as Sentry answers it."""
        token = self._guard.require(request, Scope.FULL)
        event = self._stored(request, token.project_id)
        project = self._projects.get(str(event.project_id))
        return answer(
            {
                "organizationSlug": segment(request, "org"),
                "projectSlug": project.slug if project else str(event.project_id),
                "groupId": str(event.issue_id),
                "eventId": event.event_id,
            }
        )

    def _event(self, request: Request) -> StoredEvent:
        token = self._guard.require(request, Scope.FULL)
        return self._stored(request, project_of(request, token, self._projects))

    def _stored(self, request: Request, project_id: int | None) -> StoredEvent:
        named = segment(request, "event_id")
        event_id = parse_event_id(named)
        event = self._events.get(project_id, event_id) if event_id else None
        if event is None:
            where = "on this server" if project_id is None else "in this project"
            raise NothingThere(
                f"There is no event {named[:40]!r} {where}. One that was sent just now appears within"
                " a second or two."
            )
        return event


def _overlaid(stored: StoredEvent) -> Json:
    return overlay(decode_json(stored.payload), read_resolution(stored.resolution))
