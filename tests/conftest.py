"""What tests of several packages start from."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from headwater.artifacts.compiler import Compiler
from tests.databases import forgetting_those_made
from tests.event_side import EventSide, event_side
from tests.faulty_proxy import faulty_proxy
from tests.s3_server import Remote, make_bucket, s3_server
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


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of an S3 store, one for all tests of a run."""
    with s3_server(tmp_path_factory.mktemp("s3") / "server.log") as origin:
        yield origin


@pytest.fixture
def remote(s3: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Remote]:
    """An empty bucket behind a proxy that fails when it is told to; the environment leads there."""
    with faulty_proxy(s3) as proxy:
        made = Remote(f"test-{secrets.token_hex(8)}", s3, proxy)
        make_bucket(s3, made.bucket)
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


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
