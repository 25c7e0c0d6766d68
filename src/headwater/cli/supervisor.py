"""Starts the web and digest processes, and becomes who watches over them (`headwater.watch`).

They are forked from it, so that what both of them have loaded is in memory once.
"""

import contextlib
import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Never

from headwater.app import run
from headwater.settings import Settings, as_environment, read_settings
from headwater.watch import ENDS, follow_parent


def supervise(settings: Settings, roles: Sequence[str]) -> Never:
    """Run one child per role until SIGTERM or SIGINT, and end with them."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    gc.collect()
    # What is here now is the children's, too: a look for garbage would make each page theirs alone.
    gc.freeze()
    lifelines: list[int] = []
    forked = [_forked(role, settings, lifelines) for role in roles]
    for lifeline in lifelines:
        os.set_inheritable(lifeline, True)
    os.execve(  # noqa: S606 # ourselves
        sys.executable,
        [sys.executable, "-m", "headwater.watch", settings.log_format, *forked],
        {**os.environ, **as_environment(settings)},
    )


def _forked(role: str, settings: Settings, lifelines: list[int]) -> str:
    """A child that has what we have, and nothing of ours that must be closed; as `watch` is told of it.

    `lifelines`: what all children read of ends when we are gone, however we went; nothing is ever
    written. This one's is added.
    """
    reading, writing = os.pipe()
    lifelines.append(writing)
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        try:
            # No child holds the end that another waits for.
            for each in lifelines:
                os.close(each)
            os.dup2(reading, 0)
            os.close(reading)
            _be(role, settings)
        finally:
            os._exit(1)  # whatever happens, there are no two of us
    os.close(reading)
    return f"{role}:{pid}:{writing}"


def be_again() -> Never:
    """One that died, started anew: the role is this program's argument, the settings are in its environment."""
    _be(sys.argv[1], read_settings())


def _be(role: str, settings: Settings) -> Never:
    code = 1
    try:
        for number in ENDS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
        with contextlib.suppress(OSError):  # where there is no such file, names are all the same
            Path("/proc/self/comm").write_text(f"hw-{role}")
        follow_parent()
        run(role, settings)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 # whatever it is, this process ends here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
