"""One parent that keeps the web and digest processes running and ends them together.

They are forked from it, so that what all of them have loaded is in memory once.
"""

import contextlib
import gc
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import ClassVar, Never

import structlog

from headwater.app import follow_parent, run
from headwater.settings import Settings

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

    lifelines: ClassVar[list[int]] = []
    """What all children read of ends when we are gone, however we went; nothing is ever written."""

    def __init__(self, role: str, settings: Settings) -> None:
        self.role = role
        self.settings = settings
        self.deaths = 0
        self.start_at: float | None = None
        self.start()

    def start(self) -> None:
        """A child that has what we have, and nothing of ours that must be closed."""
        self.started = time.monotonic()
        self.code: int | None = None
        reading, writing = os.pipe()
        self.lifelines.append(writing)
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if not self.pid:
            self._be(reading)
        os.close(reading)
        self.lifeline = writing

    def poll(self) -> int | None:
        """The exit code of a child that has ended."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                self.lifelines.remove(self.lifeline)
                os.close(self.lifeline)
        return self.code

    def signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def _be(self, reading: int) -> Never:
        code = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            # No child holds the end that another waits for.
            for writing in self.lifelines:
                os.close(writing)
            with contextlib.suppress(
                OSError
            ):  # where there is no such file, names are all the same
                Path("/proc/self/comm").write_text(f"hw-{self.role}")
            os.dup2(reading, 0)
            os.close(reading)
            follow_parent()
            run(self.role, self.settings)
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        except BaseException:  # noqa: BLE001 # whatever it is, this process ends here
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def watch(self, now: float) -> None:
        """Notice a death, and start again when its pause is over."""
        if self.poll() is None:
            return
        if self.start_at is None:
            self.deaths = self.deaths + 1 if now - self.started < START_SECONDS else 1
            pause = RESTART_SECONDS[min(self.deaths, len(RESTART_SECONDS)) - 1]
            self.start_at = now + pause
            log.error(
                "a process died and is started again",
                role=self.role,
                code=self.code,
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
    gc.collect()
    # What is here now is the children's, too: a look for garbage would make each page theirs alone.
    gc.freeze()
    children = [_Child(role, settings) for role in roles]
    while not stop.wait(POLL_SECONDS):
        for child in children:
            child.watch(time.monotonic())
    _end(children)
    return 0


def _end(children: Sequence[_Child]) -> None:
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + DRAIN_SECONDS
    while any(child.poll() is None for child in children) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS / 4)
    for child in children:
        child.signal(signal.SIGKILL)
