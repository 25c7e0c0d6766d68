"""A database with a project, and receivers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater.storage.database import Database
from headwater.storage.migrate import migrate
from tests.alerts.receivers import Mailbox, Receiver, mailbox, receiver
from tests.alerts.side import AlertSide


@pytest.fixture
def side(tmp_path: Path) -> Iterator[AlertSide]:
    database = Database(f"sqlite:///{tmp_path / 'headwater.db'}")
    migrate(database)
    yield AlertSide(database)
    database.close()


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made
