"""A database with a project, and receivers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.receivers import Mailbox, Receiver, mailbox, receiver
from tests.alerts.side import AlertSide
from tests.databases import database_in


@pytest.fixture
def side(tmp_path: Path) -> Iterator[AlertSide]:
    database = database_in(tmp_path)
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
