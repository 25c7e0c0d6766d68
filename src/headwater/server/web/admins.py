"""Pages about the whole server are for its administrators."""

from headwater.server.errors import NotAllowed
from headwater.server.web.visit import Visit


def admins_only(visit: Visit) -> None:
    """Raises NotAllowed for anybody else."""
    if visit.user is None or not visit.user.is_admin:
        raise NotAllowed("This page is about the whole server, and for its administrators.")
