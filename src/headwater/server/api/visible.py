"""Which project's events a request is about, and may see."""

from starlette.requests import Request

from headwater.server.errors import NothingThere
from headwater.server.paths import segment
from headwater.storage.projects import Projects
from headwater.storage.tokens import Token


def project_of(request: Request, token: Token, projects: Projects) -> int:
    """The token's own project under any name, or the one named by slug or id.

    Raises NothingThere.
    """
    if token.project_id is not None:
        return token.project_id
    named = segment(request, "project")
    project = projects.get(named)
    if project is None:
        raise NothingThere(f"There is no project {named!r} here; give its slug or its id.")
    return project.id
