"""`python -m xero_sandbox`: the sandbox alone."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path

from xero_sandbox.config import DEFAULT_REDIRECTS, SandboxConfig, WebhookConfig
from xero_sandbox.server import create_app, serve


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line; every default is what Tandem's development settings expect."""
    defaults = SandboxConfig()
    parser = argparse.ArgumentParser(
        prog="xero_sandbox", description="A server that speaks like Xero. It is not Xero."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the books in this folder between runs")
    parser.add_argument("--public-url", help="the address people use, for the links that are printed")
    parser.add_argument("--app-name", default=defaults.app_name, help="the app's name on the consent page")
    parser.add_argument("--client-id", default=defaults.client_id)
    parser.add_argument("--client-secret", default=defaults.client_secret)
    parser.add_argument("--redirect-uri", action="append", help="may be given several times")
    parser.add_argument("--webhook-url", help="where signed events are delivered")
    parser.add_argument("--webhook-key", default=defaults.webhooks.key)
    parser.add_argument("--recovery-url", help="told when faults are ended or the clock is moved by hand")
    parser.add_argument("--organisations", type=int, default=defaults.organisations)
    parser.add_argument("--seed", action="store_true", help="start with a few invoices")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds every API call takes")
    return parser.parse_args(arguments)


def config_from(options: argparse.Namespace) -> SandboxConfig:
    return SandboxConfig(
        client_id=options.client_id,
        client_secret=options.client_secret,
        redirect_uris=tuple(options.redirect_uri or DEFAULT_REDIRECTS),
        app_name=options.app_name,
        public_url=options.public_url,
        recovery_url=options.recovery_url,
        organisations=max(1, options.organisations),
        seed_invoices=options.seed,
        data_dir=options.data,
        latency_seconds=options.latency,
        webhooks=WebhookConfig(url=options.webhook_url, key=options.webhook_key),
    )


def announce(config: SandboxConfig, port: int) -> None:
    print(f"Xero sandbox: {config.public_url or f'http://localhost:{port}'}", flush=True)


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    options = parse()
    try:
        config = config_from(options)
        app = create_app(config)
    except ValueError as error:
        print(f"The sandbox cannot start: {error}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the last changes reach the disk
    try:
        serve(app, options.host, options.port, lambda port: announce(config, port))
    except OSError as error:
        print(f"The sandbox cannot listen on {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
