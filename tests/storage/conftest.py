"""A database for tests of what survives a restart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater.storage.database import Database
from tests.databases import database_in


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database of the present schema, on disk as in production."""
    database = database_in(tmp_path)
    yield database
    database.close()
