"""What this server says of itself, on its standard output; commands on their standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


def configure_log(form: str) -> None:
    """`text`: a line for people; `json`: for machines."""
    renderer = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        cache_logger_on_first_use=True,
    )


@contextmanager
def logged_beside() -> Iterator[None]:
    """Of a command: what is logged goes to standard error, so that its answer is alone where scripts
    read it."""
    was_configured, before = structlog.is_configured(), structlog.get_config()
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    try:
        yield
    finally:
        structlog.reset_defaults()
        if was_configured:
            structlog.configure(**before)
