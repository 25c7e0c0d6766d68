"""Which project it is that an address leads to, and whether the visitor may go there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from headwater.server.errors import NotAllowed, NothingThere
from headwater.server.numbers import number_in
from headwater.server.web.permissions import Rule, Where
from headwater.server.web.visit import Visit
from headwater.storage.events.events import Events
from headwater.storage.issues.issues import Issues
from headwater.storage.people.roles import Rights, Role
from headwater.storage.projects import Projects, named
from headwater.storage.queue.dead_letters import DeadLetters
from headwater.storage.uploads.bundle_pages import BundlePages

_NOTHING: Final[Mapping[Where, str]] = {
    Where.PROJECT: "There is no project '{project}' on this server.",
    Where.ISSUE: "There is no issue {issue} on this server.",
    Where.EVENT: "There is no event {event} on this server.",
    Where.BUNDLE: "There is no such bundle: it may have expired, or been deleted.",
    Where.LETTER: "There is no such dead letter any more: it was retried or deleted.",
}
"""What the pages say of what isn't there, to the letter, so that nobody can tell the difference."""


class Belongings:
    """Holds visitors to the rules."""

    def __init__(
        self,
        projects: Projects,
        issues: Issues,
        events: Events,
        bundles: BundlePages,
        letters: DeadLetters,
    ) -> None:
        self._projects = projects
        self._issues = issues
        self._events = events
        self._bundles = bundles
        self._letters = letters
        self._homes: Mapping[Where, Callable[[Visit], Sequence[int | None]]] = {
            Where.PROJECT: self._of_project,
            Where.ISSUE: self._of_issue,
            Where.EVENT: self._of_event,
            Where.BUNDLE: self._of_bundle,
            Where.LETTER: self._of_letter,
        }

    def check(self, visit: Visit, rights: Rights, rule: Rule) -> None:
        """Raises NothingThere or NotAllowed. What is not there at all, the page says itself."""
        homes = self._homes.get(rule.where)
        if homes is None:
            if not _reaches(rights, rule):
                raise NotAllowed(_too_little(rights.role, rule))
            return
        # Whoever sees everything, and may do everything, needs no look at what it is.
        if rights.is_admin:
            return
        found = homes(visit)
        if not found:
            return
        roles = [Role.VIEWER if home is None else rights.role_in(home) for home in found]
        seen = [role for role in roles if role is not None]
        if not seen:
            raise NothingThere(_NOTHING[rule.where].format(**visit.request.path_params))
        if not any(role.reaches(rule.role) for role in seen):
            raise NotAllowed(_too_little(seen[0], rule))

    def _of_project(self, visit: Visit) -> Sequence[int | None]:
        every, slug = self._projects.all(), visit.path("project")
        project = named(every, slug) or self._projects.get(slug)  # the doctor's are in no list
        visit.looked_up.projects, visit.looked_up.project = every, project
        return [] if project is None else [project.id]

    def _of_issue(self, visit: Visit) -> Sequence[int | None]:
        issue = self._issues.get(number_in(visit.path("issue")))
        visit.looked_up.issue = issue
        return [] if issue is None else [issue.project_id]

    def _of_event(self, visit: Visit) -> Sequence[int | None]:
        event = visit.path("event").lower().replace("-", "")
        mine = None if visit.projects is None else self._events.get(visit.projects, event)
        found = mine or self._events.get(None, event)
        return [] if found is None else [found.project_id]

    def _of_bundle(self, visit: Visit) -> Sequence[int | None]:
        bundle = self._bundles.get(number_in(visit.path("bundle")))
        return [] if bundle is None else [bundle.home]

    def _of_letter(self, visit: Visit) -> Sequence[int | None]:
        letter = self._letters.get(number_in(visit.path("letter")))
        return [] if letter is None else [letter.project_id]


def _reaches(rights: Rights, rule: Rule) -> bool:
    if rule.where is Where.SOMEWHERE:
        return rights.reach_somewhere(rule.role) or rights.role.reaches(rule.role)
    sees_enough = rule.where is not Where.ALL_PROJECTS or rights.projects is None
    return sees_enough and rights.role.reaches(rule.role)


def _too_little(role: Role, rule: Rule) -> str:
    if rule.where is Where.INSTANCE and rule.role is Role.ADMIN:
        return "This page is about the whole server, and for its administrators."
    if role.reaches(rule.role):
        return "This is for people who see all projects; you see some."
    place = "here" if rule.where in _NOTHING else "on this server"
    return (
        f"This needs the role {rule.role} {place}; yours is {role}. An administrator can raise it."
    )
