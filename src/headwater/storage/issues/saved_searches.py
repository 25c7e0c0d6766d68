"""Searches that somebody keeps by a name."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import func, select

from headwater.storage.database import Database
from headwater.storage.issues.search import Order
from headwater.storage.schema import saved_searches

MAX_SAVED: Final = 50
"""Of one user: what one chooses from by looking."""

MAX_NAME: Final = 100
"""Characters of a name: the column's width."""


class TooManySaved(Exception):
    """A user has MAX_SAVED searches."""

    def __init__(self) -> None:
        super().__init__(f"{MAX_SAVED} searches are saved; delete one of them first.")


class SavedSearch(Struct, frozen=True):
    """One user's."""

    id: int
    name: str
    query: str
    order: Order


class SavedSearches:
    """Everybody has their own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_user(self, user_id: int) -> Sequence[SavedSearch]:
        """By name."""
        columns = saved_searches.c
        wanted = select(columns.id, columns.name, columns.query, columns.order)
        own = wanted.where(columns.user_id == user_id).order_by(func.lower(columns.name))
        with self._database.read() as connection:
            rows = connection.execute(own).all()
        return [SavedSearch(id_, name, query, Order(order)) for id_, name, query, order in rows]

    def save(self, user_id: int, name: str, query: str, order: Order) -> None:
        """One with the same name is replaced. Raises TooManySaved."""
        own = saved_searches.c.user_id == user_id
        with self._database.write() as connection:
            same = own & (saved_searches.c.name == name)
            connection.execute(saved_searches.delete().where(same))
            count = connection.execute(select(func.count()).where(own)).scalar_one()
            if count >= MAX_SAVED:
                raise TooManySaved
            row = {"user_id": user_id, "name": name, "query": query, "order": order.value}
            connection.execute(saved_searches.insert().values(row))

    def delete(self, user_id: int, search_id: int) -> None:
        """Nothing, if it is another's."""
        own = saved_searches.c.user_id == user_id, saved_searches.c.id == search_id
        with self._database.write() as connection:
            connection.execute(saved_searches.delete().where(*own))
