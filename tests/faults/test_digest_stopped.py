"""The digest stands still: events are accepted until the queue is full, and again once it goes on."""

import signal
from functools import partial
from http import HTTPStatus
from pathlib import Path

from tests.clients.patience import until
from tests.faults.instance import DIGEST, WEB, Instance, instance
from tests.faults.load import Load, envelope

PATIENCE_SECONDS = 240
MAX_QUEUE = 8 * 1024**2


def test_a_digest_that_stands_still_stops_nothing_until_the_queue_is_full(tmp_path: Path) -> None:
    with instance(tmp_path, HEADWATER_MAX_QUEUE=str(MAX_QUEUE)) as server:
        load = Load(
            server, clients=2, seed="stopped", write=partial(envelope, text="no money" * 2000)
        )
        server.start(WEB, DIGEST)
        with load.running():
            until(lambda: server.counts().events > 0, PATIENCE_SECONDS, "the digest is at work")

            server.signal(DIGEST, signal.SIGSTOP)
            answers = load.answers
            until(lambda: load.answers > answers + 100, PATIENCE_SECONDS, "events are accepted")
            until(lambda: load.refused.total() > 10, PATIENCE_SECONDS, "no more than fit")
            assert _queued_bytes(server) <= MAX_QUEUE

            server.signal(DIGEST, signal.SIGCONT)
            answers = load.answers
            until(lambda: load.answers > answers + 100, PATIENCE_SECONDS, "they are again")
        until(lambda: load.answered == server.stored(), PATIENCE_SECONDS, "all are stored")

        refused = {(each.status, each.retry_after, each.limits) for each in load.refused}
        assert refused == {(HTTPStatus.SERVICE_UNAVAILABLE, "5", "5::organization:overloaded")}
        assert all("HEADWATER_MAX_QUEUE" in each.text for each in load.refused)
        assert server.counts().agree()
        until(
            lambda: server.outcomes().get("overloaded") == load.refused.total(),
            PATIENCE_SECONDS,
            "each refusal is counted",
        )


def _queued_bytes(server: Instance) -> int:
    return sum(each.stat().st_size for each in server.data_dir.glob("queue/*"))
