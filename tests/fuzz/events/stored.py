"""What must hold for every stored event."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from headwater.digest.trim import MAX_TRIMMED
from headwater.protocol.json_text import decode_json
from tests.fuzz.events.input import MARK, SECRET_NAMES

SLACK = 1024
"""Bytes that an event may be longer than its limit: notes on what was cut."""
OF_SDKS = frozenset(
    ["sdk", "debug_meta", "modules", "errors", "_meta", "exception", "threads", "stacktrace"]
)
"""What SDKs alone write is not searched for what users keep secret, but for WITHIN."""
WITHIN = re.compile(
    r"((exception|threads)(\.values)?(\.n)?\.)?((raw_)?stacktrace\.frames\.n\.vars|mechanism\.data)\..*"
)


def faults_of(payload: bytes) -> Iterator[str]:
    """It is JSON, within its limit, and without secrets."""
    try:
        value = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # JSON knows no limit of numbers; who reads one takes it for none.
        if "out of range" not in str(error):
            yield f"what is stored is no JSON: {str(error).partition(' (')[0]}"
        value = decode_json(payload)
    if len(payload) > MAX_TRIMMED + SLACK:
        yield f"what is stored is too large: {len(payload) // 100_000}00 KB"
    for path in _secrets(value):
        if path[0] not in OF_SDKS or WITHIN.fullmatch(".".join(path)):
            yield f"a secret is stored in {path[0]}: {path[-1]}"


def _secrets(value: Any) -> Iterator[tuple[str, ...]]:
    waiting: list[tuple[tuple[str, ...], Any]] = [((), value)]
    while waiting:
        at, part = waiting.pop()
        if isinstance(part, dict):
            for name, child in part.items():
                if name in SECRET_NAMES and MARK in str(child):
                    yield (*at, name)
                waiting.append(((*at, name[:20]), child))
        elif isinstance(part, list):
            waiting += [((*at, "n"), child) for child in part]
