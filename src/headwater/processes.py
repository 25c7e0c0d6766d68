"""The server's processes, as a program of its own: `headwater serve` becomes it when all is prepared.

What a start takes (the command line, migrations) would otherwise be in memory for as long as it runs. Web
and digest are forked from one that has loaded both, so that it is in memory once; that one becomes who
watches over them (`headwater.watch`).
"""

import contextlib
import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final, Never

from headwater import watch
from headwater.settings import Settings, as_environment, read_settings
from headwater.watch import ENDS, FOLLOWING, PROGRAM, follow_parent

_ALLOCATOR: Final = {"MALLOC_ARENA_MAX": "1"}
"""glibc gives threads memory of their own, and what one of them frees does not serve the others: 20 MB of
the digest's. Ours allocate one at a time mostly, under the interpreter's lock."""

_FIRST_START: Final = ("CREATE_SUPERUSER", "CREATE_SUPERUSER_FILE")
"""What is no business of the processes, and a secret."""

_MODULES: Final = {"web": "headwater.app", "digest": "headwater.digest_side"}


def become(settings: Settings, roles: Sequence[str]) -> Never:
    """Be this program: the one role, or who starts all of them."""
    sys.stdout.flush()
    sys.stderr.flush()
    environment = {**_ALLOCATOR, **os.environ, **as_environment(settings)}
    for name in _FIRST_START:
        environment.pop(name, None)
    # Held back until there is who hears it: a container's first process would lose it for good.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    os.execve(sys.executable, [*PROGRAM, *roles], environment)  # noqa: S606 # ourselves


def main(*arguments: str) -> None:
    """`arguments`: roles, before them FOLLOWING if we are to end when our parent does."""
    # structlog would load it, for tracebacks in colours: 5 MB that no process of ours shows.
    sys.modules["rich"] = None  # type: ignore[assignment] # as `import` has it: not there
    settings = read_settings()
    match arguments:
        case (role,):
            hear_ends()
            run(role, settings)
        case (following, role) if following == FOLLOWING:
            _be(role, settings)
        case roles:
            _supervise(settings, roles)


def hear_ends() -> None:
    """End by a signal, as a shell would say it, until there is something better to do: the system keeps
    from a container's first process what that doesn't listen for."""
    for number in ENDS:
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)


def run(role: str, settings: Settings) -> None:
    """Be one of the two until SIGTERM."""
    module = import_module(_MODULES[role])
    from headwater.log import configure_log  # noqa: PLC0415 # with structlog, which looks for `rich`

    configure_log(settings.log_format)
    # What was imported stays. Looking through it for garbage stops everything for 50 ms each time.
    gc.freeze()
    module.run(settings)


def _supervise(settings: Settings, roles: Sequence[str]) -> Never:
    """Run one child per role until SIGTERM or SIGINT, and end with them."""
    for module in _MODULES.values():
        import_module(module)
    gc.collect()
    # What is here now is the children's, too: a look for garbage would make each page theirs alone.
    gc.freeze()
    lifelines: list[int] = []
    forked = [_forked(role, settings, lifelines) for role in roles]
    for lifeline in lifelines:
        os.set_inheritable(lifeline, True)
    # By its file: to look for a module takes 1 MB. Without its folder, where `log` would be ours.
    program = [sys.executable, "-P", watch.__file__]
    os.execv(sys.executable, [*program, settings.log_format, *forked])  # noqa: S606 # ourselves


def _forked(role: str, settings: Settings, lifelines: list[int]) -> str:
    """A child that has what we have, and nothing of ours that must be closed; as `watch` is told of it.

    `lifelines`: what all children read of ends when we are gone, however we went; nothing is ever
    written. This one's is added.
    """
    reading, writing = os.pipe()
    lifelines.append(writing)
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


def _be(role: str, settings: Settings) -> Never:
    """One of several, that ends when its parent does."""
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


if __name__ == "__main__":
    main(*sys.argv[1:])
