"""The load generator, a process of its own: posts prepared bodies over kept-alive connections.

Everything is bare because it shares the cores with what it measures.
"""

import asyncio
import gc
import mmap
import os
import subprocess
import sys
import time
from array import array
from collections import Counter
from pathlib import Path
from typing import cast

import msgspec
import uvloop

from bench.ingest.bodies import Bodies
from bench.ingest.issues import Kind
from bench.ingest.wire import Heads
from bench.measuring.figures import percentile

OK = b"HTTP/1.1 200 "


class Task(msgspec.Struct, frozen=True):
    """What to send. `rate`: requests a second, at their times, or 0: the next when one is answered."""

    port: int
    project_id: int
    key: str
    path: str
    first: int
    count: int
    seconds: float = 1e9
    rate: float = 0
    connections: int = 64
    may_chunk: bool = True


class Outcome(msgspec.Struct, frozen=True):
    """Seconds by the clock and, `processor`, of the generator's own; `refused`: statuses but 200."""

    sent: int
    accepted: int
    seconds: float
    processor: float
    p50: float
    p99: float
    worst: float
    refused: dict[str, int]
    said: str

    @property
    def rate(self) -> float:
        """Accepted a second."""
        return self.accepted / self.seconds


def load(task: Task) -> Outcome:
    """Have it sent by another process."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.ingest.load"],
        input=msgspec.json.encode(task),
        stdout=subprocess.PIPE,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=Outcome)


class _Run:
    """What all connections share."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.next = task.first
        self.end = task.first + task.count
        self.latencies = array("d")
        self.refused: Counter[str] = Counter()
        self.said = ""
        self.length = 0
        """Bytes of the last answer that was looked at whole; most are alike."""
        self.connected = 0
        self.done = asyncio.Event()
        self.requests = _requests(task)
        self.began = self.deadline = 0.0

    def leave(self) -> None:
        self.connected -= 1
        if not self.connected:
            self.done.set()


def _requests(task: Task) -> list[tuple[bytes, memoryview, bytes]]:
    rows = Bodies(Path(task.path), 0).rows()
    with Path(task.path).open("rb") as file:
        content = memoryview(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))
    heads, kinds = Heads(f"localhost:{task.port}", task.project_id, task.key), tuple(Kind)
    found = []
    for n in range(task.first, task.first + task.count):
        offset, size, number, is_compressed, _ = rows[5 * n : 5 * n + 5]
        kind = kinds[number]
        head = heads.of(kind, size, is_compressed=bool(is_compressed), may_chunk=task.may_chunk)
        body = content[offset : offset + size]
        found.append((head, body, heads.behind(kind, may_chunk=task.may_chunk)))
    return found


class _Sender(asyncio.Protocol):
    """One connection: a request, its answer, the next."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._began = 0.0
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def begin(self) -> None:
        """Send the next one, if there is one and time for it."""
        run = self._run
        if run.next >= run.end or time.perf_counter() >= run.deadline:
            self._transport.close()
            return
        index = run.next - run.task.first
        run.next += 1
        if not run.task.rate:
            self._began = time.perf_counter()
            self._send(index)
            return
        # From when it should have been sent: who is late because of an answer, was made to wait.
        self._began = run.began + index / run.task.rate
        wait = self._began - time.perf_counter()
        asyncio.get_running_loop().call_later(max(0.0, wait), self._send, index)

    def _send(self, index: int) -> None:
        self._transport.write(b"".join(self._run.requests[index]))

    def data_received(self, data: bytes) -> None:
        run = self._run
        if self._answer or len(data) != run.length or not data.startswith(OK):
            data = self._answer + data
            if not self._is_whole(data):
                self._answer = data
                return
            self._answer = b""
        run.latencies.append(time.perf_counter() - self._began)
        self.begin()

    def connection_lost(self, _error: Exception | None) -> None:
        self._run.leave()

    def _is_whole(self, data: bytes) -> bool:
        run = self._run
        head, end, body = data.partition(b"\r\n\r\n")
        if not end or len(body) < _content_length(head):
            return False
        if data.startswith(OK):
            run.length = len(data)
        else:
            run.refused[data[9:12].decode()] += 1
            run.said = run.said or data.decode(errors="replace")
        return True


def _content_length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])


async def _run(task: Task) -> Outcome:
    run = _Run(task)
    loop = asyncio.get_running_loop()
    senders: list[_Sender] = []
    for _ in range(task.connections):
        _, sender = await loop.create_connection(lambda: _Sender(run), "127.0.0.1", task.port)
        senders.append(sender)
    run.connected = task.connections
    gc.disable()
    used = time.process_time()
    run.began = time.perf_counter()
    run.deadline = run.began + task.seconds
    for sender in senders:
        sender.begin()
    await run.done.wait()
    seconds = time.perf_counter() - run.began
    refused = sum(run.refused.values())
    return Outcome(
        sent=run.next - task.first,
        accepted=len(run.latencies) - refused,
        seconds=seconds,
        processor=time.process_time() - used,
        p50=percentile(run.latencies, 0.5),
        p99=percentile(run.latencies, 0.99),
        worst=max(run.latencies),
        refused=dict(run.refused),
        said=run.said,
    )


def main() -> None:
    """A task on the standard input, its outcome on the standard output."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    outcome = uvloop.run(_run(task))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))
    sys.stdout.flush()
    os._exit(0)  # the views of the mapped file need not be taken down one by one


if __name__ == "__main__":
    main()
