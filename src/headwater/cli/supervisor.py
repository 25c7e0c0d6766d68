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

RESTART_SECONDS = (1, 2, 5, 10, 30)
"""Pauses before a child that died is started again: after the first early death, the second …"""

START_SECONDS = 60.0
"""A child that lived this long had started well; its next death is a first one again."""

POLL_SECONDS = 0.2

log = structlog.get_logger()


class _Child:
    """One process. Its deaths never end the other's work: events are accepted without a digest."""

    def __init__(self, role: str, environment: dict[str, str]) -> None:
        self.role = role
        self.environment = environment
        self.deaths = 0
        self.start_at: float | None = None
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "headwater.app", self.role, SUPERVISED]
        self.started = time.monotonic()
        # The pipe is never written to: its end tells the child that we are gone, however we went.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, env=self.environment)  # noqa: S603 - ourselves

    def watch(self, now: float) -> None:
        """Notice a death, and start again when its pause is over."""
        if self.process.poll() is None:
            return
        if self.start_at is None:
            self.deaths = self.deaths + 1 if now - self.started < START_SECONDS else 1
            pause = RESTART_SECONDS[min(self.deaths, len(RESTART_SECONDS)) - 1]
            self.start_at = now + pause
            log.error(
                "a process died and is started again",
                role=self.role,
                code=self.process.returncode,
                seconds=pause,
            )
        if now >= self.start_at:
            self.start_at = None
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
    while not stop.wait(POLL_SECONDS):
        for child in children:
            child.watch(time.monotonic())
    _end(children)
    return 0


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
