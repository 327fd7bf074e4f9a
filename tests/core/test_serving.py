"""The web server of production, with real connections. Its threads are few, those who hold it up are more."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import SimpleNamespace

import pytest

from bench.production import ROOT, answers, free_port, process, serve
from bench.slow_clients import BODY, DEAF, HEAD, asked, held
from core.serving import LARGEST_HEAD, WHOLE_WITHIN, Channel
from core.uploads import LARGEST_BODY, TOO_LARGE

pytestmark = pytest.mark.long

APPLICATION = "tests.core.serving_app:application"
FEW = ["--workers", "1", "--threads", "2", "--log-level", "critical"]
SLOW = {"half-sent heads": HEAD, "half-sent bodies": BODY, "readers that do not read": DEAF}


@contextmanager
def _serving(application: str, *options: str) -> Iterator[int]:
    port = free_port()
    command = serve(application, port, *FEW, *options)
    with process(command, dict(os.environ), lambda: answers(port)):
        assert asked(port, 10) is not None
        yield port


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with _serving(APPLICATION) as port:
        yield port


@pytest.mark.parametrize("words", SLOW.values(), ids=SLOW)
def test_clients_slower_than_threads_are_many_hold_up_nobody(words: bytes) -> None:
    with _serving("bench.slow_clients:application") as port, held(port, words, 40):
        assert asked(port, 10) is not None


@pytest.mark.parametrize("words", SLOW.values(), ids=SLOW)
def test_control_threads_that_read_for_themselves_are_held_up(words: bytes) -> None:
    with (
        _serving("bench.slow_clients:application", "--worker-class", "gthread") as port,
        held(port, words, 3),
    ):
        assert asked(port, 2) is None


def _answer(port: int, head: str, body: bytes = b"") -> bytes:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as client:
        client.sendall(
            f"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}\r\n\r\n".encode() + body
        )
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_upload_is_refused_by_its_length_before_it_is_read(port: int) -> None:
    """Two hundred mebibytes are announced and none is sent: the answer comes all the same, in words."""
    answer = _answer(port, f"Content-Length: {200 * 1024 * 1024}")
    assert answer.startswith(b"HTTP/1.1 413")
    assert TOO_LARGE.encode() in answer


def test_largest_body_is_taken_whole(port: int) -> None:
    answer = _answer(port, f"Content-Length: {LARGEST_BODY}", b"x" * LARGEST_BODY)
    assert answer.endswith(f"{LARGEST_BODY} {LARGEST_BODY} None".encode())


def test_body_in_pieces_arrives_whole_with_its_length(port: int) -> None:
    answer = _answer(port, "Transfer-Encoding: chunked", b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
    assert answer.endswith(b"11 11 None")


def test_body_in_pieces_is_refused_once_it_grew_too_large(port: int) -> None:
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    answer = _answer(port, "Transfer-Encoding: chunked", piece * (LARGEST_BODY // 0x10000))
    assert answer.startswith(b"HTTP/1.1 413")


def test_head_without_end_is_refused(port: int) -> None:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as client:
        client.sendall(HEAD.ljust(LARGEST_HEAD, b"x"))
        assert client.recv(100).startswith(b"HTTP/1.0 431")


def test_headers_of_proxies_reach_the_application(port: int) -> None:
    """The application judges whom to believe; it must see what it judges."""
    assert _answer(port, "X-Forwarded-For: 203.0.113.7").endswith(b"203.0.113.7")


def test_request_that_does_not_come_whole_in_time_is_late() -> None:
    channel = Channel.__new__(Channel)
    channel.request, channel.began = SimpleNamespace(), time.monotonic() - WHOLE_WITHIN - 1
    assert channel.is_late
    channel.request = None
    assert not channel.is_late


def test_process_told_to_go_answers_what_it_began() -> None:
    port = free_port()
    command = serve(APPLICATION, port, *FEW)
    server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        while not answers(port):
            time.sleep(0.05)
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        client.request("GET", "/slow")
        time.sleep(0.3)
        server.send_signal(signal.SIGTERM)
        assert client.getresponse().status == 200
        client.close()
        assert server.wait(20) == 0
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(10)
    assert sys.executable in command
