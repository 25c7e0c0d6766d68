"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable

PAUSE_SECONDS = 0.1


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Return as soon as the condition holds; fail if it does not within the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(PAUSE_SECONDS)
