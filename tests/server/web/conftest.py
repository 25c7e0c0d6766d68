"""The pages, to be visited."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.web.house import Browser, House, furnish


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database to copy."""
    file = tmp_path_factory.mktemp("furnished") / "headwater.db"
    furnish(file)
    return file


@pytest.fixture
def house(furnished: Path, tmp_path: Path) -> Iterator[House]:
    """Pages on an empty database; one user, Ada."""
    house = House.build(Path(shutil.copy(furnished, tmp_path)))
    yield house
    house.database.close()


@pytest.fixture
def browser(house: House) -> Browser:
    """Ada's browser, signed in."""
    return house.browser()
