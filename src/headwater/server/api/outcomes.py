"""What was received and what became of it, for scripts."""

from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.server.answer import answer
from headwater.server.api.visible import project_of
from headwater.server.auth import TokenGuard
from headwater.server.received import Group, Received, Span, received
from headwater.storage.people.tokens import Scope
from headwater.storage.projects import Projects
from headwater.storage.queue.outcomes import Outcomes


class OutcomesDoor:
    """`{org}` may be any value; an instance's token sees everything, a project's its project."""

    def __init__(self, guard: TokenGuard, projects: Projects, outcomes: Outcomes) -> None:
        self._guard = guard
        self._projects = projects
        self._outcomes = outcomes

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        return [
            Route("/api/0/projects/{org}/{project}/outcomes/", self.of_project, methods=["GET"]),
            Route("/api/0/organizations/{org}/outcomes/", self.of_all, methods=["GET"]),
        ]

    def of_project(self, request: Request) -> Response:
        """A project's account of the last day and month."""
        token = self._guard.require(request, Scope.FULL)
        return self._account(project_of(request, token, self._projects))

    def of_all(self, request: Request) -> Response:
        """The account of all that the token may see."""
        return self._account(self._guard.require_whole(request).project_id)

    def _account(self, project_id: int | None) -> Response:
        return answer(_account(received(self._outcomes, project_id, datetime.now(UTC))))


def _account(account: Received) -> Mapping[str, object]:
    """Every span and every sum, with the reasons in words."""
    return {
        "events": _group(account.events),
        "droppedByClients": _group(account.dropped_by_clients),
        "notKept": _group(account.not_kept),
        "others": _group(account.others),
        "hours": [_span(span) for span in account.hours],
        "days": [_span(span) for span in account.days],
    }


def _group(group: Group) -> Mapping[str, object]:
    reasons = [
        {
            "category": row.category,
            "reason": row.reason,
            "lastDay": row.last_day,
            "lastMonth": row.last_month,
            "meaning": row.explained.meaning,
            "remedy": row.explained.remedy,
        }
        for row in group.rows
    ]
    return {"lastDay": group.last_day, "lastMonth": group.last_month, "reasons": reasons}


def _span(span: Span) -> Mapping[str, object]:
    return {
        "begins": span.begins,
        "accepted": span.accepted,
        "duplicates": span.duplicates,
        "refused": span.refused,
    }
