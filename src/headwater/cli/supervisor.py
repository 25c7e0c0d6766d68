"""One parent that keeps the web and digest processes running and ends them together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

import structlog

from headwater.app import SUPERVISED
from headwater.settings import Settings, as_environment

DRAIN_SECONDS = 30
"""A child that is still at work this long after SIGTERM is killed; what it held is on the queue."""

RESTART_SECONDS = 1.0
"""Pause before a child that died is started again, so that a broken one doesn't spin."""

GIVE_UP_AFTER = 5
"""Deaths of one child in a row, each within START_SECONDS of its start, that end the program."""

START_SECONDS = 5.0
POLL_SECONDS = 0.2

log = structlog.get_logger()


class _Child:
    def __init__(self, role: str, environment: dict[str, str]) -> None:
        self.role = role
        self.environment = environment
        self.early_deaths = 0
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "headwater.app", self.role, SUPERVISED]
        self.started = time.monotonic()
        # The pipe is never written to: its end tells the child that we are gone, however we went.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, env=self.environment)  # noqa: S603

    def mourn(self) -> None:
        """Note a death and start again, unless it keeps dying at once."""
        lived = time.monotonic() - self.started
        self.early_deaths = self.early_deaths + 1 if lived < START_SECONDS else 0
        log.error(
            "a process died and is started again", role=self.role, code=self.process.returncode
        )
        time.sleep(RESTART_SECONDS)
        self.start()


def supervise(settings: Settings, roles: Sequence[str]) -> int:
    """Run one child per role until SIGTERM or SIGINT; the exit code of the whole."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    environment = {**os.environ, **as_environment(settings)}
    children = [_Child(role, environment) for role in roles]
    hopeless = False
    while not stop.wait(POLL_SECONDS) and not hopeless:
        for child in children:
            if child.process.poll() is not None:
                child.mourn()
                hopeless = hopeless or child.early_deaths >= GIVE_UP_AFTER
    _end(children)
    return 1 if hopeless else 0


def _end(children: Sequence[_Child]) -> None:
    for child in children:
        child.process.terminate()
    deadline = time.monotonic() + DRAIN_SECONDS
    for child in children:
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
