"""The tokens that a person sees, and what each is worth."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from headwater.server.web.people.accounts import Accounts
from headwater.server.web.visit import Visit
from headwater.storage.people.roles import Role
from headwater.storage.people.tokens import Token, may_hold
from headwater.storage.people.users import User
from headwater.storage.projects import Project, Projects


class TokenRow(Struct, frozen=True):
    """A token as it is listed."""

    token: Token
    home: Project | None
    made_by: str
    """Their address; empty: it was made on the command line, or by somebody who is gone."""
    may_maker: bool
    """Whether whoever made it may still have it: otherwise it is refused."""
    is_expired: bool


class TokenRows:
    """Of the one list that there is."""

    def __init__(self, projects: Projects, accounts: Accounts) -> None:
        self._projects = projects
        self._accounts = accounts

    def seen_by(self, visit: Visit) -> list[TokenRow]:
        """One's own; those of projects that one leads; administrators' are all. Newest first."""
        homes = {each.id: each for each in self._projects.all()}
        makers = {each.id: each for each in self._accounts.users.all()}
        return [
            _row(token, homes, makers, visit.now)
            for token in self._accounts.tokens.all()
            if _is_seen(token, visit)
        ]


def _is_seen(token: Token, visit: Visit) -> bool:
    user = visit.signed_in
    if user.is_admin:
        return True
    home = token.project_id
    if home is not None and not visit.may_see(home):
        return False
    leads = home is not None and user.rights.reach_in(Role.ADMIN, home)
    return leads or token.created_by == user.id


def _row(
    token: Token, homes: Mapping[int, Project], makers: Mapping[int, User], now: datetime
) -> TokenRow:
    maker = makers.get(token.created_by or 0)
    return TokenRow(
        token,
        homes.get(token.project_id or 0),
        maker.email if maker else "",
        maker is None or may_hold(maker, token.project_id),
        token.is_expired(now),
    )
