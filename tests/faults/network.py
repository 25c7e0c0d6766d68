"""Hosts with a network between them that can be cut: namespaces of Linux, none of which has a name.

The thread that runs a test moves into a network of its own, and all that it starts from then on is there:
what listens is out of everybody else's reach. Whatever was made goes with the last process that is in it,
also if the test is killed.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from tests.clients.patience import until

SECONDS: Final = 20

_NEW_NETWORK: Final = 0x40000000
"""CLONE_NEWNET. Python has names for these calls from 3.12 on."""

_OWN: Final = Path("/proc/thread-self/ns/net")


@dataclass(frozen=True, slots=True)
class Host:
    """With one cable, to the middle."""

    number: int
    pid: int
    """A process that is there for as long as the host is."""

    @property
    def address(self) -> str:
        """Of the host."""
        return f"10.77.0.{self.number}"

    @property
    def enter(self) -> str:
        """A shell's words before a command that is to run there."""
        return f"nsenter --net=/proc/{self.pid}/ns/net"

    def cut(self) -> None:
        """What is sent gets lost, and nobody is told."""
        _ip("link", "set", f"port{self.number}", "down")

    def mend(self) -> None:
        """As before."""
        _ip("link", "set", f"port{self.number}", "up")


class Network:
    """The middle, where the test itself is."""

    address: Final = "10.77.0.1"

    def __init__(self) -> None:
        self._numbers = count(2)

    @contextmanager
    def host(self) -> Iterator[Host]:
        """Another one, until the end of the block."""
        # It ends with its standard input, and so with us.
        stays = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE)
        assert stays.stdin is not None
        try:
            its = Path(f"/proc/{stays.pid}/ns/net")
            until(lambda: its.readlink() != _OWN.readlink(), SECONDS, "it has a network of its own")
            host = Host(next(self._numbers), stays.pid)
            port, number = f"port{host.number}", str(stays.pid)
            _ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", number)
            _ip("link", "set", port, "master", "middle", "up")
            for words in (
                f"addr add {host.address}/24 dev eth0",
                "link set eth0 up",
                "link set lo up",
            ):
                _run(*host.enter.split(), "ip", *words.split())
            yield host
        finally:
            stays.stdin.close()
            stays.wait(SECONDS)


@contextmanager
def own_network() -> Iterator[Network]:
    """This thread's, until the end of the block."""
    _skip_where_impossible()
    before = os.open(_OWN, os.O_RDONLY)
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        if libc.unshare(_NEW_NETWORK) != 0:
            pytest.skip(f"no network may be made here: {os.strerror(ctypes.get_errno())}")
        try:
            _ip("link", "set", "lo", "up")
            _ip("link", "add", "middle", "type", "bridge")
            _ip("addr", "add", f"{Network.address}/24", "dev", "middle")
            _ip("link", "set", "middle", "up")
            yield Network()
        finally:
            assert libc.setns(before, _NEW_NETWORK) == 0, os.strerror(ctypes.get_errno())
    finally:
        os.close(before)


def _skip_where_impossible() -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("networks of a test's own are made by root on Linux")
    for program in ("ip", "nsenter", "unshare"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (iproute2 and util-linux have what is needed)")


def _ip(*words: str) -> None:
    _run("ip", *words)


def _run(*words: str) -> None:
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, (words, done.stderr)
