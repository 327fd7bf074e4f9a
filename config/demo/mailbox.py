"""Reads the mails that the demo writes into a folder instead of sending them."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SEPARATOR = "\n" + "-" * 79 + "\n"
MOST = 50


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, as its reader sees it."""

    to: str
    subject: str
    text: str
    sent_at: datetime | None


def latest(folder: str) -> list[Mail]:
    """The last mails, the latest first. Django keeps one file for each connection, with the mails one after another."""
    files = sorted(Path(folder).glob("*.log"), reverse=True)[:MOST] if Path(folder).exists() else []
    return [mail for path in files for mail in reversed(_mails_of(path))][:MOST]


def _mails_of(path: Path) -> list[Mail]:
    texts = path.read_text(errors="replace").split(SEPARATOR)
    return [_read(text) for text in texts if text.strip()]


def _read(text: str) -> Mail:
    message = email.message_from_string(text, policy=email.policy.default)
    date = message["Date"]
    return Mail(
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=message.get_content() if message.get_content_maintype() == "text" else "",
        sent_at=date.datetime if date else None,
    )
