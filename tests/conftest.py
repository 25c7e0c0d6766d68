"""What tests of several packages start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from headwater.artifacts.compiler import Compiler
from tests.databases import forgetting_those_made
from tests.event_side import EventSide, event_side
from tests.upload_side import UploadSide

# A test says what happens, not how fast: machines are shared, and timings live in bench/.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _databases_go() -> Iterator[None]:
    with forgetting_those_made():
        yield


@pytest.fixture(scope="session")
def compiler() -> Iterator[Compiler]:
    """One child process that compiles, for all tests of a run."""
    compiler = Compiler()
    yield compiler
    compiler.close()


@pytest.fixture
def side(tmp_path: Path, compiler: Compiler) -> Iterator[UploadSide]:
    """The upload side on an empty database and empty blobs."""
    side = UploadSide(tmp_path, compiler)
    yield side
    side.outcomes.close()
    side.refusals.close()
    side.database.close()


@pytest.fixture
def events_side(tmp_path: Path) -> Iterator[EventSide]:
    """The event side on an empty database with two projects."""
    with event_side(tmp_path) as side:
        yield side
