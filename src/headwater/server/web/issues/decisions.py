"""What a person does about issues: decide, assign, merge, delete, comment."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog
from msgspec import Struct
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import MalformedRequest, NotAllowed, NothingThere
from headwater.server.numbers import number_in
from headwater.server.web.done import Deed, Done
from headwater.server.web.gate import Gate
from headwater.server.web.issues.asked import Asked
from headwater.server.web.issues.mutes import CHOICES, mute_of
from headwater.server.web.issues.resolving import in_words, release_of
from headwater.server.web.issues.shelves import (
    MAX_BULK,
    STATES,
    Shelves,
    existing_issue,
    state_of,
    word_of,
)
from headwater.server.web.issues.spark import DAY
from headwater.server.web.look import Look
from headwater.server.web.next_page import safe_next
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.visit import Visit
from headwater.storage.issues.activity import MAX_SAID, Activity, Kind
from headwater.storage.issues.deletions import Deletions
from headwater.storage.issues.issue import Issue
from headwater.storage.issues.merges import Merges, check_mergeable, status_of_merged
from headwater.storage.issues.search import Status
from headwater.storage.issues.unmerges import Unmerges

_ISSUE: Final = "issue-"
"""Fields of a form that name an issue begin so, and end with its number."""

_KINDS: Final[Mapping[Status, tuple[Kind, Deed]]] = {
    Status.RESOLVED: (Kind.RESOLVED, Deed.RESOLVED),
    Status.UNRESOLVED: (Kind.REOPENED, Deed.REOPENED),
    Status.IGNORED: (Kind.MUTED, Deed.MUTED),
}


SHOWN: Final = 20
"""Issues that are named before they are merged or deleted."""


class Merging(Struct, frozen=True):
    """What changes which issues there are."""

    merges: Merges
    unmerges: Unmerges
    deletions: Deletions


class _NothingChosen(Exception):
    """A form names no issue: without a script, a button is pressed when nothing is ticked."""


class Decisions:
    """Every form leads back to the page that it is on."""

    def __init__(
        self, gate: Gate, look: Look, shelves: Shelves, activity: Activity, merging: Merging
    ) -> None:
        self._gate = gate
        self._look = look
        self._merging = merging
        self._shelves = shelves
        self._activity = activity

    def routes(self) -> list[BaseRoute]:
        return [
            self._gate.post("/issues/decide", self._back(self._decide)),
            self._gate.post("/issues/assign", self._back(self._assign)),
            self._gate.post("/issues/merge", self._sure(self._merge, "merge")),
            self._gate.post("/issues/delete", self._sure(self._delete, "delete")),
            self._gate.post("/issues/{issue}/comments", self._back(self._comment)),
            self._gate.post("/issues/{issue}/comments/{entry}/delete", self._back(self._take_back)),
            self._gate.post("/issues/{issue}/unmerge", self._back(self._unmerge)),
        ]

    def _back(self, act: Callable[[Visit], Done | None]) -> Callable[[Visit], Response]:
        def page(visit: Visit) -> Response:
            try:
                return _led_back(visit, act(visit))
            except _NothingChosen:
                return _led_back(visit, Done(Deed.NOTHING))

        return page

    def _sure(self, act: Callable[[Visit], Done], what: str) -> Callable[[Visit], Response]:
        """What can't be taken back is asked for twice: the first time it says what will happen."""

        def page(visit: Visit) -> Response:
            if visit.form.get("sure") == "yes":
                return self._back(act)(visit)
            try:
                return self._asked_twice(visit, what)
            except _NothingChosen:
                return _led_back(visit, Done(Deed.NOTHING))

        return page

    def _asked_twice(self, visit: Visit, what: str) -> Response:
        issues = sorted(self._chosen(visit), key=lambda issue: issue.id)
        if what == "merge":
            check_mergeable([issue.project_id for issue in issues])
        shown = issues[:SHOWN]
        figures = self._shelves.figures.of([issue.id for issue in shown], DAY.since(visit.now))
        return self._look.page(
            visit,
            "issues_sure.html",
            what=what,
            issues=[(issue, state_of(issue), figures[issue.id].release) for issue in shown],
            target=issues[0].id,
            state=word_of(status_of_merged([issue.status for issue in issues])),
            count=len(issues),
            events=sum(issue.event_count for issue in issues),
            # These very ones, whatever the search would find by then.
            numbers=" ".join(str(issue.id) for issue in issues),
            back=safe_next(visit.form.get("back", "")),
        )

    def _merge(self, visit: Visit) -> Done:
        issues = self._chosen(visit)
        ids = [issue.id for issue in issues]
        target = self._merging.merges.merge(ids, visit.now, _user(visit))
        numbers = ", ".join(f"#{issue.id}" for issue in issues if issue.id != target)
        self._activity.note([target], Kind.MERGED, visit.now, _user(visit), numbers)
        statuses = [issue.status for issue in sorted(issues, key=lambda issue: issue.id)]
        if status_of_merged(statuses) is not statuses[0]:
            self._activity.note([target], Kind.REOPENED, visit.now, _user(visit), "by the merge")
        return Done(Deed.MERGED, len(issues), (target,))

    def _unmerge(self, visit: Visit) -> None:
        """One of those that were merged into it, or all."""
        issue = existing_issue(self._shelves.issues, visit.path("issue"))
        named = visit.form.get("merged", "")
        origins = None if named == "all" else [number_in(named)]
        self._merging.unmerges.unmerge(issue.id, origins, visit.now, _user(visit))

    def _delete(self, visit: Visit) -> Done:
        ids = [issue.id for issue in self._chosen(visit)]
        self._merging.deletions.delete(ids)
        structlog.get_logger().info("issues were deleted", issues=ids, by=_user(visit))
        return Done.to(Deed.DELETED, ids)

    def _decide(self, visit: Visit) -> Done:
        status = STATES.get(visit.form.get("state", ""))
        word = visit.form.get("mute", "")
        if status is None or word not in CHOICES:
            raise MalformedRequest("An issue can be resolved, muted or unresolved.")
        is_resolved, is_muted = status is Status.RESOLVED, status is Status.IGNORED
        release = release_of(visit.form.get("in", "")) if is_resolved else None
        issues = self._chosen(visit)
        ids = [issue.id for issue in issues]
        mute = mute_of(word, visit.now)
        self._shelves.decisions.decide(ids, status, visit.now, mute, release)
        said = CHOICES[word] if is_muted else "" if release is None else in_words(release)
        kind, deed = _KINDS[status]
        self._activity.note(ids, kind, visit.now, _user(visit), said)
        was_open = all(issue.status is Status.UNRESOLVED for issue in issues)
        return Done.to(deed, ids, can_undo=was_open)

    def _assign(self, visit: Visit) -> Done:
        named = visit.form.get("to", "")
        issues = self._chosen(visit)
        ids = [issue.id for issue in issues]
        user_id = number_in(named) if named else None
        seeing = [self._shelves.people((each,)) for each in {one.project_id for one in issues}]
        people = seeing[0]
        if user_id is not None and not all(user_id in each for each in seeing):
            raise NothingThere("Nobody of that number sees what was to be assigned.")
        self._shelves.decisions.assign(ids, user_id)
        to = people[user_id] if user_id is not None else ""
        self._activity.note(ids, Kind.ASSIGNED, visit.now, _user(visit), to)
        return Done.to(Deed.ASSIGNED, ids)

    def _comment(self, visit: Visit) -> None:
        text = visit.form.get("text", "").strip()
        if not text or len(text) > MAX_SAID:
            raise MalformedRequest(f"A comment has between 1 and {MAX_SAID:,} characters.")
        issue = existing_issue(self._shelves.issues, visit.path("issue"))
        self._activity.note([issue.id], Kind.COMMENT, visit.now, _user(visit), text)

    def _take_back(self, visit: Visit) -> Done:
        if visit.user is not None:
            self._activity.take_back(number_in(visit.path("entry")), visit.user.id)
        return Done(Deed.COMMENT)

    def _chosen(self, visit: Visit) -> Sequence[Issue]:
        """The issues that a form names, or (`all`) those that its search finds."""
        named = [
            number_in(key.removeprefix(_ISSUE)) for key in visit.form if key.startswith(_ISSUE)
        ]
        named += map(number_in, visit.form.get("issues", "").split())
        if visit.form.get("all"):
            asked = Asked.told(visit, self._shelves.user_of)
            if asked.wrong:
                raise MalformedRequest(asked.wrong)
            slug = visit.form.get("project", "")
            project = existing(self._shelves.projects, slug) if slug else None
            projects = visit.projects if project is None else (project.id,)
            named = list(self._shelves.issues.ids(projects, asked.search, MAX_BULK))
        if not named:
            raise _NothingChosen
        every = self._shelves.issues.several(named)
        found = [issue for issue in every if visit.may_see(issue.project_id)]
        if not found:
            raise NothingThere("The issues that were chosen are not here any more.")
        if not all(visit.may_change(issue.project_id) for issue in found):
            raise NotAllowed("This needs the role member in the issue's project; yours is viewer.")
        return found


def _led_back(visit: Visit, done: Done | None) -> Response:
    response = RedirectResponse(safe_next(visit.form.get("back", "")), 303)
    if done is not None:
        done.keep(response, visit)
    return response


def _user(visit: Visit) -> int | None:
    return visit.user.id if visit.user else None
