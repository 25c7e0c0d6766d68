"""A database for tests of what survives a restart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater.storage.database import Database
from headwater.storage.migrate import migrate


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database of the present schema, on disk as in production."""
    database = Database(f"sqlite:///{tmp_path / 'headwater.db'}")
    migrate(database)
    yield database
    database.close()
