"""A server's process: how long it may take, and where it listens."""

import socket

START_SECONDS = 60
STOP_SECONDS = 40
"""More than what the server takes to let its children finish."""


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
