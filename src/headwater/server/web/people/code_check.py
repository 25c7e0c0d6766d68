"""Whether the code of a second factor is right: counted like passwords, and more strictly."""

from datetime import datetime
from typing import Final

from headwater.server.web.people.password_check import TooManyAttempts
from headwater.server.web.people.throttle import Attempts, Throttle
from headwater.storage.people.second_factors import MAX_CODE, SecondFactors
from headwater.storage.people.users import User

MAX_FAILURES_OF_CODES: Final = 20
"""Of one account from anywhere, in a quarter of an hour: whoever fails knows the password already, and a
code has only a million values, three of which are good. An even chance takes four months of guessing, day and night."""


class CodeCheck:
    """One for all pages that ask for a code."""

    def __init__(self, factors: SecondFactors, attempts: Attempts) -> None:
        self._factors = factors
        self._throttle = Throttle(attempts, of_account=MAX_FAILURES_OF_CODES)

    def is_right(self, address: str, user: User, code: str, now: datetime) -> bool:
        """Of a confirmed second factor, or a recovery code. Raises TooManyAttempts."""
        self._count(address, user)
        right = self._factors.takes(user.id, code[:MAX_CODE], now)
        if right:
            self._throttle.forgive(address, str(user.id))
        return right

    def confirms(
        self, address: str, user: User, code: str, now: datetime
    ) -> tuple[str, ...] | None:
        """As `SecondFactors.confirm`. Raises TooManyAttempts."""
        self._count(address, user)
        codes = self._factors.confirm(user.id, code[:MAX_CODE], now)
        if codes is not None:
            self._throttle.forgive(address, str(user.id))
        return codes

    def _count(self, address: str, user: User) -> None:
        if not self._throttle.admit(address, str(user.id)):
            raise TooManyAttempts
