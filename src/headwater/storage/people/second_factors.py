"""Second factors: six digits that change every half minute (TOTP, RFC 6238), and codes for when the
phone is gone.

The secret is kept as it is: codes can't be made from a hash. Recovery codes are kept as hashes only.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final

import pyotp
from msgspec import Struct
from sqlalchemy import Connection, delete, func, select, update

from headwater.storage.database import Database
from headwater.storage.many_rows import insert_if_new
from headwater.storage.schema import recovery_codes, second_factors

STEP_SECONDS: Final = 30
"""How long a code is shown: RFC 6238's, and the only one that all apps know."""

DRIFT: Final = 1
"""Steps that a phone's clock may be off, either way; RFC 6238, section 5.2, recommends one."""

RECOVERY_CODES: Final = 10
"""Codes of one set; each is good once."""

MAX_CODE: Final = 40
"""Characters of a code that are looked at: a recovery code has 19 with its hyphens."""

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are mistaken for each other on paper."""

_LENGTH: Final = 16
"""Letters of a recovery code: 79 bits, so that its hash needs to be neither salted nor slow."""

_GROUP: Final = 4


class SecondFactor(Struct, frozen=True):
    """A person's. `confirmed_at` None: they have not shown yet that their app has it."""

    secret: str
    confirmed_at: datetime | None
    codes_left: int

    def address(self, email: str, host: str) -> str:
        """What the QR code says; the app names the account by it, and the server: people have several."""
        totp = pyotp.TOTP(self.secret, interval=STEP_SECONDS)
        # A colon would be read as the end of the name.
        issuer = f"Headwater {host.replace(':', '.')}".strip()
        return totp.provisioning_uri(name=email, issuer_name=issuer)


class SecondFactors:
    """Everyone's second factors."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, user_id: int) -> SecondFactor | None:
        """A person's, confirmed or not."""
        codes = select(func.count()).where(recovery_codes.c.user_id == user_id)
        wanted = select(second_factors).where(second_factors.c.user_id == user_id)
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
            left = connection.execute(codes).scalar_one()
        return None if row is None else SecondFactor(row.secret, row.confirmed_at, left)

    def confirmed(self) -> frozenset[int]:
        """Who has one."""
        wanted = select(second_factors.c.user_id).where(second_factors.c.confirmed_at.is_not(None))
        with self._database.read() as connection:
            return frozenset(connection.execute(wanted).scalars())

    def is_asked_for(self, user_id: int) -> bool:
        """Whether this person signs in with one."""
        found = self.of(user_id)
        return found is not None and found.confirmed_at is not None

    def begin(self, user_id: int, now: datetime) -> None:
        """Make a secret, which then waits for confirmation; unless there is one already."""
        row = {
            "user_id": user_id,
            "secret": pyotp.random_base32(),
            "created_at": now,
            "last_step": 0,
        }
        with self._database.write() as connection:
            insert_if_new(connection, second_factors, row)

    def confirm(self, user_id: int, code: str, now: datetime) -> tuple[str, ...] | None:
        """From now on it is asked for: the recovery codes, to be shown once; None for a wrong code."""
        with self._database.write() as connection:
            if not _takes(connection, user_id, code, now, is_confirmed=False):
                return None
            this = update(second_factors).where(second_factors.c.user_id == user_id)
            connection.execute(this.values(confirmed_at=now))
            return _new_codes(connection, user_id)

    def takes(self, user_id: int, code: str, now: datetime) -> bool:
        """Whether this is the code of the moment, or a recovery code. Neither is taken twice."""
        with self._database.write() as connection:
            if _takes(connection, user_id, code, now, is_confirmed=True):
                return True
            used = delete(recovery_codes).where(
                recovery_codes.c.user_id == user_id, recovery_codes.c.code_hash == _hash(code)
            )
            return bool(connection.execute(used).rowcount)

    def new_codes(self, user_id: int) -> tuple[str, ...]:
        """Another set of recovery codes; those before are good no more."""
        with self._database.write() as connection:
            return _new_codes(connection, user_id)

    def remove(self, user_id: int) -> None:
        """From now on the password is enough. Without one, nothing changes."""
        with self._database.write() as connection:
            for table in (recovery_codes, second_factors):
                connection.execute(delete(table).where(table.c.user_id == user_id))


def _takes(
    connection: Connection, user_id: int, code: str, now: datetime, *, is_confirmed: bool
) -> bool:
    wanted = select(second_factors).where(second_factors.c.user_id == user_id)
    row = connection.execute(wanted).first()
    if row is None or (row.confirmed_at is not None) != is_confirmed:
        return False
    step = _step(row.secret, code, now)
    if step is None:
        return False
    # In one statement, so that of two who send the same code at once one is too late.
    taken = (
        update(second_factors)
        .where(second_factors.c.user_id == user_id, second_factors.c.last_step < step)
        .values(last_step=step)
    )
    return bool(connection.execute(taken).rowcount)


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The half minute whose code this is."""
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    present = int(now.timestamp()) // STEP_SECONDS
    digits = "".join(code.split())
    found = None
    if not digits.isascii():
        return None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(digits, totp.generate_otp(step)):
            found = step
    return found


def _new_codes(connection: Connection, user_id: int) -> tuple[str, ...]:
    codes = tuple(_code() for _ in range(RECOVERY_CODES))
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    rows = [{"user_id": user_id, "code_hash": _hash(code)} for code in codes]
    connection.execute(recovery_codes.insert(), rows)
    return codes


def _code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def _hash(code: str) -> str:
    letters = "".join(each for each in code.lower() if each.isalnum())
    return hashlib.sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()
