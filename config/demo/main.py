"""`python3 run.py demo`: start the parts in order, serve, and stop them all when asked to."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import ExitStack
from typing import Any

import django
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from waitress.server import create_server

from config.demo import environment
from config.demo.banner import banner, step
from config.demo.options import Options, Refused, parse
from config.demo.processes import CeleryChildren, CeleryThreads, PartFailed, start_sandbox
from config.embedded_postgres import EmbeddedPostgres
from config.postgres_binaries import EmbeddedPostgresError
from core.serving import READING

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: list[str]) -> int:
    """The exit code: 0 after a stop that was asked for, 2 for a demo that was refused, 1 for a part that failed."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    try:
        options = parse(arguments)
        with ExitStack() as stack:
            return _run(options, stack)
    except Refused as problem:
        print(f"The demo cannot start: {problem}", file=sys.stderr)
        return 2
    except (EmbeddedPostgresError, PartFailed) as problem:
        print(f"The demo stopped. {problem}", file=sys.stderr)
        return 1


def _run(options: Options, stack: ExitStack) -> int:
    began = time.monotonic()
    try:
        server = _start(options, stack)
        print(f"  ready in {time.monotonic() - began:.1f} s", flush=True)
        print(banner(options), flush=True)
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        for number in STOP_SIGNALS:  # a second Ctrl-C must not leave half of it running
            signal.signal(number, signal.SIG_IGN)
        print("\nStopping ...", flush=True)
        stack.close()
    print("Everything is stopped.", flush=True)
    return 0


def _start(options: Options, stack: ExitStack) -> Any:
    """Every part, each with what stops it put on the stack; the web server last, not yet serving."""
    print("Starting Tandem's demo", flush=True)
    stack.enter_context(environment.claim(options.data))
    if options.reset:
        environment.clear(options.data)
    with step("database"):
        os.environ.update(environment.variables(options, _database(options, stack)))
    sandbox = start_sandbox(options)
    stack.callback(sandbox.stop)
    with step("tables"):
        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
    with step("first data"):
        _seed()
    with step("worker and beat"):
        worker = CeleryChildren(options.data) if os.environ.get("REDIS_URL") else CeleryThreads()
        stack.callback(worker.stop)
    with step("Xero sandbox"):
        sandbox.await_port(options.sandbox_port)
    with step("web"):
        return _web(options, stack)


def _database(options: Options, stack: ExitStack) -> dict[str, str]:
    """The way into the database in DATABASE_URL, else into a private one in the demo's folder."""
    given = os.environ.get("DATABASE_URL", "")
    if given and options.reset:
        raise Refused("--reset would leave the database in DATABASE_URL as it is; empty that one yourself.")
    if given:
        return {"DATABASE_URL": given}
    postgres = EmbeddedPostgres(options.data / "postgres")
    stack.callback(postgres.close)
    return {"DATABASE_URL": postgres.open(), "MIGRATION_DATABASE_URL": postgres.owner_url()}


def _seed() -> None:
    from config.demo.seed import seed  # noqa: PLC0415  (models: only after django.setup)

    seed()


def _web(options: Options, stack: ExitStack) -> Any:
    try:
        server = create_server(
            get_wsgi_application(), host="127.0.0.1", port=options.port, threads=8, **READING
        )
    except OSError as error:
        raise Refused(f"Port {options.port} was taken meanwhile; choose another with --port.") from error
    stack.callback(server.close)
    return server
