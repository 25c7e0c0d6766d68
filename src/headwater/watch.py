"""What is left of who forked web and digest when they run: it starts again who died, and ends all together.

A program of its own, though in the very process that forked them: all that was loaded for them would
be 35 MB here, for somebody who waits. It imports nothing of ours until something is to be told.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence

DRAIN_SECONDS = 30
"""A child that is still at work this long after SIGTERM is killed; what it held is on the queue."""

RESTART_SECONDS = (1, 2, 5, 10, 30)
"""Pauses before a child that died is started again: after the first early death, the second …"""

START_SECONDS = 60.0
"""A child that lived this long had started well; its next death is a first one again."""

POLL_SECONDS = 0.2

ENDS = (signal.SIGTERM, signal.SIGINT)
"""What ends everything. Held back from before the children are forked until there is who hears it."""

PROGRAM = (sys.executable, "-P", "-m", "headwater.processes")
"""The server's. Not from the folder that we were started in, where `uuid.py` may be anybody's."""

FOLLOWING = "--following"
"""Tells `headwater.processes` that its standard input ends when its parent does."""


class _Child:
    """One process. Its deaths never end the other's work: events are accepted without a digest."""

    def __init__(self, role: str, pid: int, lifeline: int) -> None:
        """`lifeline`: what it reads of ends when we are gone, however we went."""
        self.role = role
        self.deaths = 0
        self.start_at: float | None = None
        self._is(pid, lifeline)

    def _is(self, pid: int, lifeline: int) -> None:
        os.set_inheritable(lifeline, False)
        self.pid, self.lifeline = pid, lifeline
        self.started = time.monotonic()
        self.code: int | None = None

    def start(self) -> None:
        """Not forked: nothing that it needs is here any more. It has our environment."""
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            with contextlib.suppress(OSError):
                os.dup2(reading, 0)
                os.execv(sys.executable, [*PROGRAM, FOLLOWING, self.role])  # noqa: S606 # ourselves
            os._exit(1)
        os.close(reading)
        self._is(pid, writing)

    def poll(self) -> int | None:
        """The exit code of a child that has ended."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                os.close(self.lifeline)
        return self.code

    def signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def watch(self, now: float, log_format: str) -> None:
        """Notice a death, and start again when its pause is over."""
        if self.poll() is None:
            return
        if self.start_at is None:
            self.deaths = self.deaths + 1 if now - self.started < START_SECONDS else 1
            pause = RESTART_SECONDS[min(self.deaths, len(RESTART_SECONDS)) - 1]
            self.start_at = now + pause
            _tell_of_death(log_format, self.role, self.code, pause)
        if now >= self.start_at:
            self.start_at = None
            self.start()


def follow_parent() -> None:
    """End this process when who watches is gone, so that no orphan keeps the port: when its standard
    input ends."""

    def watch() -> None:
        # Not through sys.stdin: its lock, held by this thread, would hinder the interpreter's end.
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    import threading  # noqa: PLC0415 # a child's: who watches needs none

    # Ctrl-C reaches the whole process group; only who watches acts on it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=watch, name="follow-parent", daemon=True).start()


def _tell_of_death(log_format: str, role: str, code: int | None, seconds: float) -> None:
    # Not above: most never have to tell anything.
    sys.modules["rich"] = None  # type: ignore[assignment] # as in `processes`
    import structlog  # noqa: PLC0415

    from headwater.log import configure_log  # noqa: PLC0415

    configure_log(log_format)
    structlog.get_logger().error(
        "a process died and is started again", role=role, code=code, seconds=seconds
    )


def main(log_format: str, *forked: str) -> None:
    """Until SIGTERM or SIGINT. `forked`: role, process id and lifeline of each child, `web:17:4`."""
    children = [
        _Child(role, int(pid), int(lifeline))
        for role, pid, lifeline in (each.split(":") for each in forked)
    ]
    heard: list[int] = []
    for number in ENDS:
        signal.signal(number, lambda number, _frame: heard.append(number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    while not heard:
        for child in children:
            child.watch(time.monotonic(), log_format)
        time.sleep(POLL_SECONDS)
    _end(children)


def _end(children: Sequence[_Child]) -> None:
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + DRAIN_SECONDS
    while any(child.poll() is None for child in children) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS / 4)
    for child in children:
        child.signal(signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
