"""Which project's events a request is about, and may see."""

from starlette.requests import Request

from headwater.server.errors import NothingThere
from headwater.server.paths import segment
from headwater.storage.people.tokens import Token
from headwater.storage.projects import Projects


def project_of(request: Request, token: Token, projects: Projects) -> int:
    """The project named by slug or id, if the token may see it.

    Raises NothingThere, in the same words for a project that is not there and one that is not the
    token's: its name is nobody else's business.
    """
    named = segment(request, "project")
    project = projects.get(named)
    if project is None or token.project_id not in (None, project.id):
        raise NothingThere(
            f"This token sees no project {named!r}; give the slug or the id of one that it does."
        )
    return project.id


def uploads_of(request: Request, token: Token, projects: Projects) -> int:
    """The project whose uploads a build asks about: the token's, called anything, or the one named.

    Raises NothingThere.
    """
    if token.project_id is not None:
        return token.project_id
    named = segment(request, "project")
    project = projects.get(named)
    if project is None:
        known = ", ".join(each.slug for each in projects.all()[:10])
        raise NothingThere(
            f"There is no project {named!r} here, and this token is for all of them. There is:"
            f" {known or 'none'}. `headwater check` is told it with --project or SENTRY_PROJECT."
        )
    return project.id
