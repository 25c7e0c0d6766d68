"""Events from all of an issue's time are asked for by a statement that SQLAlchemy puts together once."""

from typing import Any

from sqlalchemy import event

from headwater.storage.database import Database
from headwater.storage.events.spread import Spread


def test_the_statement_is_remembered_whatever_the_issue(database: Database) -> None:
    spread = Spread(database)
    found: list[str] = []

    def hear(*said: Any) -> None:
        statement, context = said[2], said[4]
        if statement != "BEGIN":
            found.append(context.cache_hit.name)

    spread.of_issue(1)
    event.listen(database.engine, "before_cursor_execute", hear)
    spread.of_issue(2)

    assert found == ["CACHE_HIT"]
