"""The command line, as a person starts it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from xero_sandbox.__main__ import config_from, parse
from xero_sandbox.config import SandboxConfig
from xero_sandbox.server import start_in_thread

ROOT = Path(__file__).resolve().parents[2]


def test_defaults_are_what_tandems_settings_expect() -> None:
    options = parse([])
    config = config_from(options)

    assert (options.host, options.port) == ("127.0.0.1", 9100)
    assert (config.client_id, config.client_secret) == ("tandem-sandbox", "tandem-sandbox-secret")
    assert config.webhooks.key == "tandem-sandbox-webhook-key"
    assert config.webhooks.url is None
    assert not config.seed_invoices


def test_options_reach_the_configuration(tmp_path: Path) -> None:
    words = f"--data {tmp_path} --client-id c --client-secret s --redirect-uri https://a.example/x --redirect-uri "
    words += (
        "http://localhost:1/y --webhook-url http://localhost:2/z --webhook-key k --organisations 3 --seed"
    )
    config = config_from(parse([*words.split(), "--recovery-url", "http://localhost:2/r"]))

    assert config.data_dir == tmp_path
    assert config.redirect_uris == ("https://a.example/x", "http://localhost:1/y")
    assert (config.client_id, config.client_secret) == ("c", "s")
    assert (config.webhooks.url, config.webhooks.key) == ("http://localhost:2/z", "k")
    assert config.recovery_url == "http://localhost:2/r"
    assert (config.organisations, config.seed_invoices) == (3, True)


def test_address_xero_would_not_take_stops_the_start() -> None:
    with pytest.raises(ValueError, match="cannot be registered"):
        config_from(parse(["--redirect-uri", "http://127.0.0.1:8000/x"]))


def test_command_serves_and_keeps_its_books_when_asked_to_stop(tmp_path: Path) -> None:
    data = tmp_path / "with space"
    command = [sys.executable, "-m", "xero_sandbox", "--port", "0", "--data", str(data)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("Xero sandbox: ").strip()
        requests.post(f"{url}/o/maple-florist/contacts/new", data={"name": "Kept"}, timeout=5)
        process.terminate()
        process.wait(timeout=10)
        process.stdout.read()

    assert process.returncode == 0
    with start_in_thread(SandboxConfig(data_dir=data)) as handle:
        assert "Kept" in [contact["Name"] for contact in handle.dump()["Contacts"]]
