"""Everything that is kept of the people who sign in, for the pages that need several parts of it."""

from typing import Self

from msgspec import Struct

from headwater.storage.database import Database
from headwater.storage.people.invitations import Invitations
from headwater.storage.people.second_factors import SecondFactors
from headwater.storage.people.sessions import Sessions
from headwater.storage.people.tokens import Tokens
from headwater.storage.people.users import Users


class Accounts(Struct, frozen=True):
    """Users, and what hangs on each."""

    users: Users
    sessions: Sessions
    tokens: Tokens
    invitations: Invitations
    second_factors: SecondFactors

    @classmethod
    def of(cls, database: Database) -> Self:
        """On one database."""
        return cls(
            Users(database),
            Sessions(database),
            Tokens(database),
            Invitations(database),
            SecondFactors(database),
        )
