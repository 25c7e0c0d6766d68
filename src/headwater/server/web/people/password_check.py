"""Whether a password is somebody's: counted, and only so many looked at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from headwater.server.errors import Overloaded
from headwater.server.web.people.throttle import WINDOW, Attempts, Throttle
from headwater.server.web.visit import Visit
from headwater.storage.people.users import MAX_EMAIL, InvalidUser, User, Users, checked_password

MAX_HASHING: Final = 3
"""Passwords that are checked at once: each takes 64 MB of memory, and anyone may ask for it."""

_PATIENCE_SECONDS: Final = 1
"""How long a sign-in waits for its turn; longer would keep other pages' threads."""


class TooManyAttempts(Exception):
    """It was tried too often; the message says how long to wait."""

    def __init__(self) -> None:
        minutes = int(WINDOW.total_seconds() // 60)
        super().__init__(f"Too many attempts. Try again in {minutes} minutes.")


class PasswordCheck:
    """One for all pages that ask for a password, so that each counts for the others."""

    def __init__(self, users: Users, attempts: Attempts) -> None:
        self._users = users
        self._throttle = Throttle(attempts)
        self._hashing = threading.BoundedSemaphore(MAX_HASHING)

    def user(self, address: str, email: str, password: str) -> User | None:
        """Whose it is. Raises TooManyAttempts and Overloaded."""
        account = email.strip()[:MAX_EMAIL].lower()
        if not self._throttle.admit(address, account):
            raise TooManyAttempts
        with self.turn():
            user = self._users.authenticate(account, password)
        if user is not None:
            self._throttle.forgive(address, account)
        return user

    def refusal(self, visit: Visit) -> str:
        """Why a change to their own account is not made; empty, if the present password was given with
        it. A browser that was left open is not a person."""
        email, password = visit.signed_in.email, visit.form.get("current", "")
        try:
            found = self.user(visit.address, email, password)
        except TooManyAttempts as error:
            return str(error)
        return "" if found else "This is not your present password."

    @contextmanager
    def turn(self) -> Iterator[None]:
        """While a password is hashed. Raises Overloaded if too many are."""
        if not self._hashing.acquire(timeout=_PATIENCE_SECONDS):
            raise Overloaded("Too many people are signing in right now. Try again in a minute.")
        try:
            yield
        finally:
            self._hashing.release()


def why_not(password: str, again: str) -> str:
    """What is wrong with a password that somebody chose; empty: nothing."""
    try:
        checked_password(password)
    except InvalidUser as error:
        return str(error)
    return "" if password == again else "The two passwords are not the same."
