"""One server for every scenario: each has files, ids and releases of its own."""

from collections.abc import Iterator

import pytest

from tests.clients.live_server import serving
from tests.verdicts.stage import KEPT_DAYS, MAX_MAP, Stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Running, with the projects Shop and Blog."""
    folder = tmp_path_factory.mktemp("verdicts") / "data"
    limits = {
        "HEADWATER_MAX_MAP": str(MAX_MAP),
        "HEADWATER_MAX_ARTIFACT_AGE_DAYS": str(KEPT_DAYS),
    }
    with serving(folder, **limits) as server:
        yield Stage(server, server.project("Shop"), server.project("Blog"), server.reader())
