"""What a trace has to say: V8's own words about the program as it was written.

`apps/shop/blank.mjs` turns types into blanks, so line numbers stay, and puts a stub in the
place of the SDK, which prints a line `truth {…}` for whatever the program reports.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tests.clients.toolbox import SHOP

ANONYMOUS = "<anonymous>"


@dataclass(frozen=True, slots=True)
class TrueFrame:
    """A frame in the words of the sources; `functions` are the names a reader would accept."""

    file: str
    line: int
    functions: frozenset[str]
    context_line: str


@dataclass(frozen=True, slots=True)
class TrueException:
    """One exception of a chain; frames innermost first."""

    type: str
    value: str
    frames: tuple[TrueFrame, ...]


Truth: TypeAlias = dict[str, tuple[TrueException, ...]]
"""By scenario; the innermost cause first, as in an event."""


def truth_in(console: Iterable[str]) -> Truth:
    """The truth as printed by the stub."""
    found: Truth = {}
    for line in console:
        if line.startswith("truth "):
            told = json.loads(line.removeprefix("truth "))
            found[told["scenario"]] = tuple(_exception(each) for each in told["exceptions"])
    return found


def _exception(told: dict[str, Any]) -> TrueException:
    # V8's own frames, such as Array.map, have no file; those of the runtime are not ours.
    ours = [frame for frame in told["frames"] if "/src/" in frame["file"]]
    return TrueException(told["type"], told["value"], tuple(_frame(frame) for frame in ours))


def _frame(told: dict[str, Any]) -> TrueFrame:
    module = Path("src") / told["file"].partition("/src/")[2]
    written = module if (SHOP / module).exists() else module.with_suffix(".ts")
    lines = (SHOP / written).read_text().splitlines()
    name = (told["function"] or ANONYMOUS).removeprefix("get ")
    functions = {name, "constructor"} if told["constructed"] else {name}
    line = told["line"]
    return TrueFrame(str(written), line, frozenset(functions), lines[line - 1])
