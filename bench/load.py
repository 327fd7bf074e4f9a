"""A load generator in a process of its own: keep-alive connections, each with one request under way.

`python -m bench.load` reads an order from its standard input and writes what it met to its output.
"""

from __future__ import annotations

import json
import pickle
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice

CONNECTIONS = 16
HEADER_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Order:
    """So many seconds, or so many requests if `count` says so; the requests go round."""

    port: int
    requests: Sequence[bytes]
    seconds: float = 2.0
    count: int = 0


@dataclass(slots=True)
class Met:
    """What came back. `busy` is the share of a core that the generator itself took."""

    statuses: dict[str, int]
    seconds: float
    busy: float
    p99: float
    longest: float

    @property
    def rate(self) -> float:
        """Answers of 200 a second."""
        return self.statuses.get("200", 0) / self.seconds

    def must_be_whole(self) -> None:
        """Raises unless every answer was 200."""
        if set(self.statuses) != {"200"}:
            raise RuntimeError(f"answers {self.statuses}")


def fire(order: Order) -> Met:
    """Carry out the order in a process of its own."""
    command = [sys.executable, "-m", "bench.load"]
    done = subprocess.run(command, input=pickle.dumps(order), capture_output=True, timeout=900)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    return Met(**json.loads(done.stdout))


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """The bytes of a POST as they come through the HTTPS proxy."""
    fields = {
        "Host": "localhost",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "127.0.0.1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


@dataclass(slots=True)
class Wire:
    """One connection and the answer that comes in on it."""

    socket: socket.socket
    began: float = 0.0
    heard: bytes = b""

    def ask(self, request: bytes) -> None:
        self.began, self.heard = time.perf_counter(), b""
        self.socket.sendall(request)

    def answer(self) -> str | None:
        """The status, once the whole answer is there. Raises when the server hung up."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server hung up")
        self.heard += part
        head, end, body = self.heard.partition(HEADER_END)
        if not end or len(body) < _length(head):
            return None
        return head[9:12].decode()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise ValueError("an answer without its length")


@dataclass
class Run:
    """One order being carried out."""

    order: Order
    statuses: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    def carry_out(self) -> Met:
        number = min(CONNECTIONS, self.order.count or CONNECTIONS)
        wires = [Wire(socket.create_connection(("127.0.0.1", self.order.port))) for _ in range(number)]
        began, worked = time.perf_counter(), time.process_time()
        self._ends = began + self.order.seconds
        requests = cycle(self.order.requests)
        self._left = islice(requests, self.order.count) if self.order.count else requests
        self._exchange(wires)
        seconds = time.perf_counter() - began
        times = sorted(self.times)
        busy = (time.process_time() - worked) / seconds
        return Met(dict(self.statuses), seconds, busy, times[int(0.99 * (len(times) - 1))], times[-1])

    def _exchange(self, wires: list[Wire]) -> None:
        with selectors.DefaultSelector() as selector:
            for wire in wires:
                selector.register(wire.socket, selectors.EVENT_READ, wire)
                wire.ask(next(self._left))
            while selector.get_map():
                for key, _ in selector.select(timeout=60):
                    if self._hear(key.data) and not self._go_on(key.data):
                        selector.unregister(key.data.socket)

    def _hear(self, wire: Wire) -> bool:
        status = wire.answer()
        if status is not None:
            self.statuses[status] += 1
            self.times.append(time.perf_counter() - wire.began)
        return status is not None

    def _go_on(self, wire: Wire) -> bool:
        """Ask the next thing, unless the order is carried out."""
        if not self.order.count and time.perf_counter() > self._ends:
            return False
        request = next(self._left, None)
        if request is not None:
            wire.ask(request)
        return request is not None


if __name__ == "__main__":
    given: Order = pickle.load(sys.stdin.buffer)  # noqa: S301  (from the process that started it)
    json.dump(asdict(Run(given).carry_out()), sys.stdout)
