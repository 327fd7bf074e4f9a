"""The demo's command line, and what can be refused before anything is started."""

from __future__ import annotations

import argparse
import socket
from dataclasses import dataclass
from pathlib import Path

from config.env import ROOT

WEB_PORT, SANDBOX_PORT = 8000, 9100
ATTEMPTS = 20


class Refused(Exception):
    """The demo cannot start like this. The text is one sentence for the person who asked."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for, with ports that are free."""

    port: int
    sandbox_port: int
    data: Path
    reset: bool

    @property
    def site_url(self) -> str:
        """`localhost` by name: Xero takes no redirect to 127.0.0.1."""
        return f"http://localhost:{self.port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://localhost:{self.sandbox_port}"


def parse(arguments: list[str]) -> Options:
    """The options, checked. Raises Refused for a port that is taken."""
    asked = _parser().parse_args(arguments)
    _refuse_taken(asked.port, "--port")
    if asked.sandbox_port:
        _refuse_taken(asked.sandbox_port, "--sandbox-port")
    sandbox_port = asked.sandbox_port or _free_sandbox_port(asked.port)
    if sandbox_port == asked.port:
        raise Refused("--port and --sandbox-port must differ.")
    return Options(asked.port, sandbox_port, asked.data.resolve(), asked.reset)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run.py demo", description="Tandem with a Xero sandbox, a database and a worker of its own."
    )
    parser.add_argument("--port", type=_port, default=WEB_PORT, help=f"Tandem's port (default {WEB_PORT})")
    parser.add_argument(
        "--sandbox-port",
        type=_port,
        help=f"the Xero sandbox's port (default {SANDBOX_PORT}, moves with --port)",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=ROOT / ".demo",
        metavar="DIR",
        help="where everything is kept (default .demo)",
    )
    parser.add_argument("--reset", action="store_true", help="throw the demo's data away and start clean")
    return parser


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no port; ports are 1 to 65535")


def is_free(port: int) -> bool:
    """Whether we may listen there, and nobody answers at `localhost` under either kind of address."""
    if any(
        _answers(family, host, port)
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
    ):
        return False
    with socket.socket() as listener:
        listener.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # a server that has just left is no obstacle
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _answers(family: int, host: str, port: int) -> bool:
    try:
        with socket.socket(family) as caller:
            caller.settimeout(1)
            return caller.connect_ex((host, port)) == 0
    except OSError:  # no such kind of address on this machine
        return False


def _refuse_taken(port: int, option: str) -> None:
    if not is_free(port):
        raise Refused(f"Port {port} is taken (or not yours to use); choose another with {option}.")


def _free_sandbox_port(web_port: int) -> int:
    """As far from its default as the web's is from its own, or the next free one after that."""
    first = min(max(SANDBOX_PORT + web_port - WEB_PORT, 1024), 65535 - ATTEMPTS)
    for port in range(first, first + ATTEMPTS):
        if port != web_port and is_free(port):
            return port
    raise Refused(f"Ports {first} to {first + ATTEMPTS - 1} are all taken; choose one with --sandbox-port.")
