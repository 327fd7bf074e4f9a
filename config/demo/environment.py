"""What the demo's processes find in their environment: one set of keys per data folder, and only local addresses."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import TextIO

from cryptography.fernet import Fernet

from config.demo.options import Options, Refused
from config.embedded_postgres import EmbeddedPostgres

CLIENT_ID = "tandem-demo"


def claim(data: Path) -> TextIO:
    """Take the data folder for this demo. Raises Refused when another demo runs on it."""
    data.mkdir(parents=True, exist_ok=True)
    handle = (data / "lock").open("a")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        raise Refused(f"A demo is already running on {data}; stop it, or give another --data.") from None
    return handle


def clear(data: Path) -> None:
    """Throw away what a demo keeps, and nothing else that may lie in the folder."""
    EmbeddedPostgres(data / "postgres").destroy()
    for name in ("sandbox", "mail"):
        shutil.rmtree(data / name, ignore_errors=True)
    for name in ("keys.json", "tandem.log", "sandbox.log", "worker.log", "beat.log", "beat-schedule"):
        (data / name).unlink(missing_ok=True)


def keys(data: Path) -> dict[str, str]:
    """This demo's secrets: made once, so that sessions and encrypted tokens outlive a restart."""
    path = data / "keys.json"
    if not path.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "XERO_CLIENT_SECRET": secrets.token_urlsafe(24),
            "XERO_WEBHOOK_KEYS": secrets.token_urlsafe(24),
        }
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            json.dump(made, handle)
    return dict(json.loads(path.read_text()))


def variables(options: Options, database_urls: dict[str, str]) -> dict[str, str]:
    """Every setting of the demo. Xero's addresses are the sandbox's, whatever the shell had before."""
    addresses = ("XERO_LOGIN_URL", "XERO_IDENTITY_URL", "XERO_API_URL", "XERO_WEB_URL")
    xero = dict.fromkeys(addresses, options.sandbox_url)
    return {
        **keys(options.data),
        **xero,
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        **database_urls,
        "SITE_URL": options.site_url,
        "XERO_CLIENT_ID": CLIENT_ID,
        "SUPPORT_EMAIL": "support@tandem.example",
        "LOG_FILE": str(options.data / "tandem.log"),
        "DEMO_MAIL": str(options.data / "mail"),
    }
