"""The pages, to be visited."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from headwater.storage.database import Database
from tests.databases import IS_POSTGRESQL, address_in
from tests.server.web.house import Browser, House, furnish


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database to copy, on SQLite: a migration takes its time."""
    folder = tmp_path_factory.mktemp("furnished")
    if not IS_POSTGRESQL:
        furnish(folder).close()
    return folder


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """Pages on an empty database; one user, Ada."""
    house = House.build(_furnished(furnished, tmp_path))
    yield house
    house.database.close()


@pytest.fixture
def browser(house: House) -> Browser:
    """Ada's browser, signed in."""
    return house.browser()


def _furnished(furnished: Path, folder: Path) -> Database:
    if IS_POSTGRESQL:
        return furnish(folder)
    shutil.copy(furnished / "headwater.db", folder)
    return Database(address_in(folder))
