"""Errors that an application has: what all events of one have in common, and how large they are."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from bench.ingest.uploads import Script
from bench.ingest.words import (
    ERRORS,
    NOUNS,
    PYTHON_ERRORS,
    VERBS,
    camel,
    package,
    python_line,
    script_line,
    snake,
)

ISSUES = 500
VARIES = "\0"
"""In a stack trace: eight hexadecimal digits that differ from event to event."""


class Kind(StrEnum):
    """Whose client it is. A third of all issues each."""

    BROWSER = "browser"
    """Minified frames, whose maps are uploaded."""
    NODE = "node"
    """Frames with seven lines around each, packages, no maps."""
    PYTHON = "python"
    """Frames with lines and local variables, no maps."""


@dataclass(frozen=True, slots=True)
class Issue:
    """`stacks`: JSON of `exception`, cut at VARIES, in variants. `target`: bytes of an event's JSON."""

    number: int
    kind: Kind
    target: int
    stacks: tuple[tuple[str, ...], ...]
    transaction: str
    images: str


def issues(seed: int, scripts: Sequence[Script], sizes: Sequence[int]) -> list[Issue]:
    """All of them; their events are as large as `sizes` says, in turn."""
    kinds = tuple(Kind)
    return [
        _issue(Random(f"{seed} issue {n}"), n, kinds[n % 3], sizes[n // 3 % len(sizes)], scripts)  # noqa: S311
        for n in range(ISSUES)
    ]


def _issue(
    random: Random, number: int, kind: Kind, target: int, scripts: Sequence[Script]
) -> Issue:
    loaded = random.sample(scripts, min(2, len(scripts))) if kind is Kind.BROWSER else []
    if kind is Kind.BROWSER:
        frames = _minified(random, loaded, _between(target * 0.4 / 150, 5, 50))
    elif kind is Kind.NODE:
        frames = _node(random, _between(target * 0.4 / 850, 3, 40))
    else:
        frames = _python(random, _between(target * 0.4 / 900, 3, 40))
    errors = PYTHON_ERRORS if kind is Kind.PYTHON else ERRORS
    value = {
        "type": random.choice(errors),
        "value": f"{random.choice(NOUNS)} {number} could not {random.choice(VERBS)} its {random.choice(NOUNS)}",
        "mechanism": {
            "type": "auto.function.express" if kind is Kind.NODE else "generic",
            "handled": False,
        },
    }
    stacks = []
    for cut in (0, 0, 0, 1, 2):  # how the error came about differs at the far end
        text = json.dumps({"values": [{**value, "stacktrace": {"frames": frames[cut:]}}]})
        stacks.append(tuple(text.replace("\\u0000", VARIES).split(VARIES)))
    images = [
        {"type": "sourcemap", "code_file": script.url, "debug_id": script.debug_id}
        for script in loaded
    ]
    path = f"/{random.choice(NOUNS)}/{{id}}/{random.choice(NOUNS)}"
    return Issue(number, kind, target, tuple(stacks), path, json.dumps({"images": images}))


def _between(value: float, least: int, most: int) -> int:
    return max(least, min(most, int(value)))


def _minified(random: Random, loaded: Sequence[Script], count: int) -> list[dict[str, Any]]:
    frames = []
    for n in range(count):
        script = loaded[-1 if n > count * 0.7 else 0]
        line, column, name = random.choice(script.calls)
        frames.append(
            {
                "filename": script.url,
                "function": name,
                "in_app": True,
                "lineno": line,
                "colno": column,
            }
        )
    return frames


def _node(random: Random, count: int) -> list[dict[str, Any]]:
    frames = []
    for n in range(count):
        is_ours = n > count * 0.6
        folder = "src/" + random.choice(NOUNS) if is_ours else f"node_modules/{package(random)}/lib"
        name = random.choice(NOUNS)
        frames.append(
            {
                "filename": f"/srv/shop/{folder}/{name}.js",
                "module": name if is_ours else f"{folder[13:].replace('/', '.')}:{name}",
                "function": f"{name.title()}.{camel(random)}",
                "lineno": random.randint(8, 900),
                "colno": random.randint(3, 60),
                "in_app": is_ours,
                "pre_context": [script_line(random) for _ in range(7)],
                "context_line": script_line(random),
                "post_context": [script_line(random) for _ in range(7)],
            }
        )
    return frames


def _python(random: Random, count: int) -> list[dict[str, Any]]:
    frames = []
    for n in range(count):
        is_ours = n > count * 0.5
        parts = [random.choice(NOUNS) for _ in range(3)]
        root = "/srv/shop/" if is_ours else "/usr/local/lib/python3.13/site-packages/"
        frames.append(
            {
                "filename": "/".join(parts) + ".py",
                "abs_path": root + "/".join(parts) + ".py",
                "function": snake(random),
                "module": ".".join(parts),
                "lineno": random.randint(8, 900),
                "pre_context": [python_line(random) for _ in range(5)],
                "context_line": python_line(random),
                "post_context": [python_line(random) for _ in range(5)],
                "in_app": is_ours,
                "vars": {random.choice(NOUNS): _variable(random) for _ in range(5)},
            }
        )
    return frames


def _variable(random: Random) -> str:
    return random.choice(
        (
            f"<{random.choice(NOUNS).title()}: {random.choice(NOUNS).title()} object ({VARIES})>",
            f"<shop.{random.choice(NOUNS)}.{random.choice(NOUNS).title()} object at 0x7f{VARIES}b0>",
            f"'{VARIES}-{random.choice(NOUNS)}'",
            f"{random.randint(0, 100)}",
            "None",
            f"'{random.choice(NOUNS)} {random.choice(VERBS)}'",
        )
    )
