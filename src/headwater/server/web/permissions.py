"""Who may do what: every page and every form, with the role that it needs and where. The gate holds to
it, and makes no route that is not in it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from headwater.storage.people.roles import Role


class Where(StrEnum):
    """Where the role must be had. Who doesn't see the project is told that nothing is there."""

    ANYONE = "anyone"
    """Nowhere: also who is not signed in."""
    INSTANCE = "instance"
    """On the instance. Everybody who is signed in is at least a viewer there."""
    ALL_PROJECTS = "all projects"
    """On the instance, and seeing all its projects."""
    SOMEWHERE = "somewhere"
    """On the instance or in any project."""
    PROJECT = "project"
    """In the project that the address names."""
    ISSUE = "issue"
    """In the project of the issue that the address names."""
    EVENT = "event"
    """In a project with the event that the address names."""
    BUNDLE = "bundle"
    """In the project of the bundle that the address names; everybody sees the instance's."""
    LETTER = "dead letter"
    """In the project of the dead letter that the address names."""


class Rule(Struct, frozen=True):
    """The least role, and where."""

    role: Role
    where: Where


class RouteWithoutRule(Exception):
    """A page was given a route, and nobody said who may go there."""

    def __init__(self, route: str) -> None:
        super().__init__(f"'{route}' is not in headwater.server.web.permissions: say who may.")


_ANYONE: Final = Rule(Role.VIEWER, Where.ANYONE)
_SIGNED_IN: Final = Rule(Role.VIEWER, Where.INSTANCE)
_ADMIN: Final = Rule(Role.ADMIN, Where.INSTANCE)
_READS: Final = Rule(Role.VIEWER, Where.PROJECT)
_WORKS: Final = Rule(Role.MEMBER, Where.PROJECT)
_LEADS: Final = Rule(Role.ADMIN, Where.PROJECT)
_READS_ISSUE: Final = Rule(Role.VIEWER, Where.ISSUE)
_WORKS_ON_ISSUE: Final = Rule(Role.MEMBER, Where.ISSUE)
_NEW_PROJECT: Final = Rule(Role.MEMBER, Where.ALL_PROJECTS)
# Dead letters are events as they came, before anything was scrubbed: viewers don't read them.
_DEAD_LETTER: Final = Rule(Role.MEMBER, Where.LETTER)

RULES: Final[Mapping[str, Rule]] = {
    # The way in, and out
    "GET /sign-in": _ANYONE,
    "POST /sign-in": _ANYONE,
    "GET /sign-in/code": _ANYONE,
    "POST /sign-in/code": _ANYONE,
    "GET /invitations/{secret}": _ANYONE,
    "POST /invitations/{secret}": _ANYONE,
    "GET /{path:path}": _ANYONE,  # what no other route knows
    "POST /sign-out": _SIGNED_IN,
    "GET /": _SIGNED_IN,
    # Issues and events
    "GET /issues": _SIGNED_IN,  # as below: without what a person doesn't see
    "GET /issues/new": _SIGNED_IN,
    "GET /palette": _SIGNED_IN,
    "GET /projects/{project}/issues": _READS,
    "GET /issues/{issue}": _READS_ISSUE,
    # Which issues a form may be about, the pages look at themselves
    "POST /issues/decide": _SIGNED_IN,
    "POST /issues/assign": _SIGNED_IN,
    "POST /issues/merge": _SIGNED_IN,
    "POST /issues/delete": _SIGNED_IN,
    "POST /issues/{issue}/unmerge": _WORKS_ON_ISSUE,
    "POST /issues/{issue}/comments": _WORKS_ON_ISSUE,
    "POST /issues/{issue}/comments/{entry}/delete": _WORKS_ON_ISSUE,
    "POST /searches": _SIGNED_IN,
    "POST /searches/{search}/delete": _SIGNED_IN,
    "POST /issues/{issue}/resolve-again": _WORKS_ON_ISSUE,
    "GET /issues/{issue}/events/{event}": _READS_ISSUE,
    "GET /issues/{issue}/events/{event}.md": _READS_ISSUE,
    "POST /issues/{issue}/events/{event}/resolve-again": _WORKS_ON_ISSUE,
    "GET /events/{event}": Rule(Role.VIEWER, Where.EVENT),
    # Releases and uploads: lists over all projects leave out what a person doesn't see
    "GET /releases": _SIGNED_IN,
    "GET /releases/{version:path}": _SIGNED_IN,
    "GET /bundles": _SIGNED_IN,
    "GET /bundles/{bundle}": Rule(Role.VIEWER, Where.BUNDLE),
    "GET /projects/{project}/releases": _READS,
    "GET /projects/{project}/releases/{version:path}": _READS,
    "GET /projects/{project}/bundles": _READS,
    "GET /uploads": _SIGNED_IN,
    "GET /projects/{project}/uploads": _READS,
    "GET /uploads/delete": _ADMIN,
    "POST /uploads/delete": _ADMIN,
    "GET /projects/{project}/uploads/delete": _WORKS,
    "POST /projects/{project}/uploads/delete": _WORKS,
    "GET /projects/{project}/uploads/new": _WORKS,
    "POST /projects/{project}/uploads/new": _WORKS,
    "GET /bundles/{bundle}/delete": Rule(Role.MEMBER, Where.BUNDLE),
    "POST /bundles/{bundle}/delete": Rule(Role.MEMBER, Where.BUNDLE),
    "GET /bundles/{bundle}/maps/{file}": Rule(Role.VIEWER, Where.BUNDLE),
    "GET /bundles/{bundle}/maps/{file}/{source}": Rule(Role.VIEWER, Where.BUNDLE),
    # Projects
    "GET /projects/new": _NEW_PROJECT,
    "POST /projects/new": _NEW_PROJECT,
    "GET /projects/{project}": _READS,
    "GET /projects/{project}/set-up": _READS,
    "GET /projects/{project}/received": _READS,
    "GET /projects/{project}/settings": _WORKS,
    "POST /projects/{project}/settings": _WORKS,
    "POST /projects/{project}/settings/grouping": _WORKS,
    "GET /projects/{project}/keys": _WORKS,
    "POST /projects/{project}/keys": _WORKS,
    "GET /projects/{project}/keys/{key}/delete": _WORKS,
    "POST /projects/{project}/keys/{key}/delete": _WORKS,
    "GET /projects/{project}/members": _LEADS,
    "POST /projects/{project}/members": _LEADS,
    "GET /projects/{project}/delete": _LEADS,
    "POST /projects/{project}/delete": _LEADS,
    "POST /projects/{project}/resolve-again": _WORKS,
    "GET /projects/{project}/dead-letters": _WORKS,
    "POST /projects/{project}/dead-letters/retry": _WORKS,
    "GET /projects/{project}/dead-letters/delete": _WORKS,
    "POST /projects/{project}/dead-letters/delete": _WORKS,
    "GET /dead-letters/{letter}": _DEAD_LETTER,
    "GET /dead-letters/{letter}/envelope": _DEAD_LETTER,
    "POST /dead-letters/{letter}/retry": _DEAD_LETTER,
    "POST /dead-letters/{letter}/delete": _DEAD_LETTER,
    # The whole server
    "GET /received": _ADMIN,
    "GET /dead-letters": _ADMIN,
    "GET /doctor": _ADMIN,
    "GET /settings/storage": _ADMIN,
    "POST /settings/storage/measure": _ADMIN,
    "POST /settings/storage/give-back": _ADMIN,
    "POST /settings/storage/chunks": _ADMIN,
    # Alerts: channels, and what is about all projects, are the server's
    "GET /alerts": _ADMIN,
    "GET /alerts/log": _ADMIN,
    "GET /alerts/channels/new": _ADMIN,
    "POST /alerts/channels/new": _ADMIN,
    "GET /alerts/channels/{channel}": _ADMIN,
    "POST /alerts/channels/{channel}": _ADMIN,
    "POST /alerts/channels/{channel}/test": _ADMIN,
    "POST /alerts/channels/{channel}/signing-key": _ADMIN,
    "GET /alerts/channels/{channel}/delete": _ADMIN,
    "POST /alerts/channels/{channel}/delete": _ADMIN,
    "GET /alerts/rules/new": _ADMIN,
    "POST /alerts/rules/new": _ADMIN,
    "GET /alerts/rules/{rule}": _ADMIN,
    "POST /alerts/rules/{rule}": _ADMIN,
    "GET /alerts/rules/{rule}/delete": _ADMIN,
    "POST /alerts/rules/{rule}/delete": _ADMIN,
    "GET /projects/{project}/alerts": _READS,
    "GET /projects/{project}/alerts/log": _READS,
    "GET /projects/{project}/alerts/rules/new": _WORKS,
    "POST /projects/{project}/alerts/rules/new": _WORKS,
    "GET /projects/{project}/alerts/rules/{rule}": _WORKS,
    "POST /projects/{project}/alerts/rules/{rule}": _WORKS,
    "GET /projects/{project}/alerts/rules/{rule}/delete": _WORKS,
    "POST /projects/{project}/alerts/rules/{rule}/delete": _WORKS,
    # Tokens: which ones, the pages look at themselves
    "GET /settings/tokens": _SIGNED_IN,
    "POST /settings/tokens": Rule(Role.MEMBER, Where.SOMEWHERE),
    "GET /settings/tokens/{token}/revoke": _SIGNED_IN,
    "POST /settings/tokens/{token}/revoke": _SIGNED_IN,
    "POST /settings/tokens/{token}/take-over": _ADMIN,
    # Members: nobody but an owner does anything to an owner, which the pages look at themselves
    "GET /settings/members": _ADMIN,
    "GET /settings/members/{member}": _ADMIN,
    "POST /settings/members/{member}": _ADMIN,
    "POST /settings/members/{member}/reset-second-factor": _ADMIN,
    "GET /settings/members/{member}/remove": _ADMIN,
    "POST /settings/members/{member}/remove": _ADMIN,
    "POST /settings/invitations": _ADMIN,
    "POST /settings/invitations/{invitation}/revoke": _ADMIN,
    # One's own account
    "GET /settings/profile": _SIGNED_IN,
    "POST /settings/profile/password": _SIGNED_IN,
    "POST /settings/profile/email": _SIGNED_IN,
    "POST /settings/profile/sessions/end": _SIGNED_IN,
    "POST /settings/profile/sessions/{session}/end": _SIGNED_IN,
    "GET /settings/display": _SIGNED_IN,
    "POST /settings/display": _SIGNED_IN,
    "GET /settings/second-factor": _SIGNED_IN,
    "POST /settings/second-factor/begin": _SIGNED_IN,
    "POST /settings/second-factor/confirm": _SIGNED_IN,
    "POST /settings/second-factor/codes": _SIGNED_IN,
    "POST /settings/second-factor/remove": _SIGNED_IN,
}


def rule_of(method: str, path: str) -> Rule:
    """The rule of a route, as it is written in code. Raises RouteWithoutRule."""
    route = f"{method} {path}"
    if route not in RULES:
        raise RouteWithoutRule(route)
    return RULES[route]
