"""Deploys: where and when a release went live."""

from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Row, select

from headwater.storage.database import Database
from headwater.storage.schema import deploys

MAX_NAME: Final = 64
"""Characters of an environment's or a deploy's name: the columns' width."""


class Deploy(Struct, frozen=True):
    """One deploy of a release. `id` is 0 until it is stored."""

    id: int
    environment: str
    name: str | None
    url: str | None
    started_at: datetime | None
    finished_at: datetime | None


class Deploys:
    """Every deploy."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, release_id: int, deploy: Deploy) -> Deploy:
        """Store a deploy; the same with its id."""
        row = {
            "release_id": release_id,
            "environment": deploy.environment[:MAX_NAME],
            "name": None if deploy.name is None else deploy.name[:MAX_NAME],
            "url": deploy.url,
            "started_at": deploy.started_at,
            "finished_at": deploy.finished_at,
        }
        with self._database.write() as connection:
            made = connection.execute(deploys.insert().values(row).returning(deploys)).one()
        return _deploy(made)

    def of_release(self, release_id: int) -> tuple[Deploy, ...]:
        """Every deploy of a release, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(deploys)
                .where(deploys.c.release_id == release_id)
                .order_by(deploys.c.id.desc())
            )
            return tuple(_deploy(row) for row in rows)


def _deploy(row: Row[Any]) -> Deploy:
    return Deploy(
        id=row.id,
        environment=row.environment,
        name=row.name,
        url=row.url,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
