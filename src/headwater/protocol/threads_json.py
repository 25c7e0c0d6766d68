"""Threads out of an event's JSON: which there are, and which one it is about."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from headwater.protocol.event import ExceptionValue, Json, Stacktrace
from headwater.protocol.json_value import as_object, as_text, as_values
from headwater.protocol.stacktrace_json import parse_stacktrace

MAX_THREADS: Final = 100
"""Threads whose stack traces are read; beyond that a page helps nobody."""

MAX_THREAD_NAME: Final = 100
"""Characters of a thread's name that are shown."""


class Thread(Struct, frozen=True):
    """One thread. `rank` is 0 for one that crashed, 1 for the one that sent the event, else 2."""

    id: str | None
    rank: int
    stacktrace: Stacktrace


def parse_threads(value: Json, notes: list[str]) -> tuple[Thread, ...]:
    """Those with a stack trace, the one that the event is about first."""
    found = [
        thread
        for path, item in as_values(value)
        if (thread := _thread(as_object(item), ("threads", *path, "stacktrace")))
    ]
    found.sort(key=lambda thread: thread.rank)
    if len(found) > MAX_THREADS:
        notes.append(f"{len(found) - MAX_THREADS} of {len(found)} threads left out")
    return tuple(found[:MAX_THREADS])


def join_thread(
    exceptions: tuple[ExceptionValue, ...], threads: tuple[Thread, ...], value: Json
) -> tuple[tuple[ExceptionValue, ...], tuple[Stacktrace, ...]]:
    """Give what was thrown the stack trace of its thread, if it came without one, as crashes of
    native code and of Unity do. `value` is the event's `exception`. Also the threads that remain.
    """
    rest = tuple([thread.stacktrace for thread in threads])
    if not exceptions or any(each.stacktrace for each in exceptions):
        return exceptions, rest
    thrown = _thread_of_thrown(value, threads)
    if thrown is None:
        return exceptions, rest
    joined = replace(exceptions[-1], stacktrace=thrown.stacktrace)
    others = tuple([trace for trace in rest if trace is not thrown.stacktrace])
    return (*exceptions[:-1], joined), others


def _thread_of_thrown(value: Json, threads: tuple[Thread, ...]) -> Thread | None:
    every = [as_object(item) for _, item in as_values(value) if isinstance(item, dict)]
    wanted = as_text(every[-1].get("thread_id")) if every else None
    named = next((thread for thread in threads if wanted and thread.id == wanted), None)
    leading = next((thread for thread in threads if thread.rank < _OTHER), None)
    return named or leading or (threads[0] if len(threads) == 1 else None)


_OTHER: Final = 2


def _thread(raw: Mapping[str, Any], path: tuple[str | int, ...]) -> Thread | None:
    trace = parse_stacktrace(raw.get("stacktrace"), path)
    if trace is None:
        return None
    crashed, current = raw.get("crashed") is True, raw.get("current") is True
    thread_id = as_text(raw.get("id"))
    name = (as_text(raw.get("name")) or thread_id or "")[:MAX_THREAD_NAME]
    label = ", ".join(part for part in (name, "crashed" if crashed else "") if part)
    rank = 0 if crashed else 1 if current else _OTHER
    return Thread(thread_id, rank, replace(trace, thread=label))
