"""The PostgreSQL that tests run on is the one that was asked for."""

import psycopg
import pytest

from tests.databases import empty_address
from tests.postgresql.server import ASKED


@pytest.mark.skipif(not ASKED.isdigit(), reason="a folder of programs was asked for")
def test_the_server_is_of_the_version_that_was_asked_for() -> None:
    with psycopg.connect(empty_address()) as connection:
        version = connection.info.server_version // 10_000

    assert str(version) == ASKED
