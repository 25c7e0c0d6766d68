"""What each web process has let in of what has a rate: told to the others by way of the database.

PostgreSQL alone has several such processes. No clock of theirs takes part: how long ago something was
told is measured by the database's.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import text

from headwater.storage.database import Database

HELD_SECONDS: Final = 60
"""How long what was told is there, unless its process tells anew: a rate is of so long."""


class Told(msgspec.Struct, frozen=True, array_like=True):
    """Of one rate: what its process has `taken` since it began to tell, and what its own bucket then
    was `short` of a minute's worth, for those who have not heard the rest. In the first word, that is by
    what was taken there alone."""

    taken: int
    short: float
    is_first: bool = False


class Heard(Struct, frozen=True):
    """All that another process told, `age` seconds ago, by what the rate is of."""

    process: str
    age: float
    told: Mapping[int, Told]


class ToldRates:
    """Of all processes that work on one PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def exchange(self, process: str, told: Mapping[int, Told]) -> Sequence[Heard]:
        """Tell, and hear the others, in one statement; whoever has told nothing for HELD_SECONDS is
        forgotten with it. Raises SQLAlchemyError."""
        said = msgspec.json.encode(told).decode()
        with self._database.write() as connection:
            rows = connection.execute(
                _EXCHANGE, {"process": process, "told": said, "held": HELD_SECONDS}
            ).all()
        return [
            Heard(each.process, float(each.age), known)
            for each in rows
            if (known := _read(each.told)) is not None
        ]


def _read(told: str) -> Mapping[int, Told] | None:
    """None: a process of another version says it in another way."""
    try:
        return msgspec.json.decode(told, type=dict[int, Told])
    except msgspec.DecodeError:
        return None


# Who is being told anew at this moment is not waited for.
_EXCHANGE: Final = text("""
WITH told AS (
    INSERT INTO told_rates (process, told_at, told) VALUES (:process, now(), :told)
    ON CONFLICT (process) DO UPDATE SET told_at = excluded.told_at, told = excluded.told
), forgotten AS (
    DELETE FROM told_rates WHERE process IN (
        SELECT process FROM told_rates
        WHERE told_at < now() - make_interval(secs => :held) AND process <> :process
        FOR UPDATE SKIP LOCKED
    )
)
SELECT process, greatest(0, extract(epoch FROM now() - told_at)) AS age, told FROM told_rates
WHERE told_at >= now() - make_interval(secs => :held) AND process <> :process
""")
