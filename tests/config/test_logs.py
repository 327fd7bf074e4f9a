"""No token, code or key of ours reaches a log line, whoever writes the line."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from config import logs
from tests.architecture.pages import all_pages
from tests.factories.workspaces import make_user
from workspaces.models import User

HARMLESS = re.compile(r"^(workspace_slug|pk|kind|uidb36|name)$|_(id|pk)$")
"""Arguments of URLs that name something and open nothing."""
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4ZXJvIn0.c2lnbmF0dXJl"


@pytest.fixture
def formatter() -> logging.Formatter:
    return logs._formatter(json=True, secrets=["our-own-secret"])


def line(formatter: logging.Formatter, message: str, *args: object, **extra: Any) -> dict[str, Any]:
    record = logging.LogRecord("some.library", logging.INFO, __file__, 1, message, args, None)
    record.__dict__.update(extra)
    return dict(json.loads(formatter.format(record)))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Authorization: Bearer abcdef0123456789", "Authorization: Bearer [hidden]"),
        (f"token was {JWT}", "token was [hidden]"),
        (
            "GET /accounting/callback?code=9f8e7d6c5b4a&state=a1b2c3d4e5",
            "GET /accounting/callback?code=[hidden]&state=[hidden]",
        ),
        (
            "grant_type=refresh_token&refresh_token=abc123def456",
            "grant_type=refresh_token&refresh_token=[hidden]",
        ),
        (
            '{"access_token": "abc123def456", "expires_in": 1800}',
            '{"access_token": "[hidden]", "expires_in": 1800}',
        ),
        ("signed with our-own-secret", "signed with [hidden]"),
        ("GET /accounts/password/reset/key/3-abc-def0/", "GET /accounts/password/reset/key/[hidden]/"),
        ("GET /accounts/password/reset/key/done/ 200", "GET /accounts/password/reset/key/done/ 200"),
        ("GET /accounts/confirm-email/MQ:abc:def/ 302", "GET /accounts/confirm-email/[hidden]/ 302"),
        (
            "GET /accounts/login/?next=%2Finvitations%2FaB-c_d%2F",
            "GET /accounts/login/?next=%2Finvitations%2F[hidden]%2F",
        ),
        ("Not Found: /invitations/aB-c_d/", "Not Found: /invitations/[hidden]/"),
        ("refused: {'ana.b+c@example.co.nz': (550, b'no')}", "refused: {'[address]': (550, b'no')}"),
        ("invoice INV-0042 pushed: 2 lines", "invoice INV-0042 pushed: 2 lines"),
    ],
)
def test_message_loses_its_secrets_and_nothing_else(
    formatter: logging.Formatter, written: str, kept: str
) -> None:
    assert line(formatter, written)["event"] == kept
    assert line(formatter, "%s", written)["event"] == kept


def test_fields_that_name_a_secret_are_hidden_at_any_depth() -> None:
    event = {
        "event": "refreshed",
        "refresh_token": "abc",
        "headers": {"Authorization": "x", "Accept": "json", "cookies": ["a"]},
        "status_code": 200,
        "code": 401,
    }
    assert logs.Redact()(None, "info", event) == {
        "event": "refreshed",
        "refresh_token": "[hidden]",
        "headers": {"Authorization": "[hidden]", "Accept": "json", "cookies": "[hidden]"},
        "status_code": 200,
        "code": 401,
    }


def test_traceback_loses_its_secrets(formatter: logging.Formatter) -> None:
    try:
        raise ValueError(f"refused: Bearer {JWT}")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), (type(error), error, None))
    text = formatter.format(record)
    assert "ValueError: refused: Bearer [hidden]" in text
    assert JWT not in text


@pytest.mark.django_db
def test_traceback_of_a_refused_row_keeps_its_values_to_itself(formatter: logging.Formatter) -> None:
    make_user("ana@example.com", name="Ana Ngata")
    try:
        with transaction.atomic():
            User.objects.bulk_create(
                [User(email="ana@example.com", name="Harbour\nBakery", date_joined=None)]
            )
    except IntegrityError as error:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), (type(error), error, None))
    text = formatter.format(record)

    assert ("null value in column" in text, "IntegrityError" in text) == (True, True)
    assert [word for word in ("ana@example.com", "Harbour", "Bakery") if word in text] == []


def test_every_path_that_opens_something_is_hidden() -> None:
    """An argument of a URL is known to be harmless, or what is in its place never reaches a log."""
    canary, shown = "Zk9-xQ_7w3canary", []
    for page in all_pages():
        for name in [] if page.is_admin else [name for name in page.arguments if not HARMLESS.search(name)]:
            path = "/" + re.sub("<[^>]+>", "1", page.route.replace(f"<{name}>", canary))
            shown += [page.route] if canary in logs.Redact().text(f"GET {path} 200") else []
    assert shown == []


def test_lines_go_to_the_file_that_is_named(tmp_path: Path) -> None:
    handler = logs.configure(level="INFO", file=str(tmp_path / "tandem.log"))["handlers"]["line"]
    assert handler["filename"] == str(tmp_path / "tandem.log")


@pytest.mark.django_db
def test_search_text_stays_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        Client().get("/accounts/login/?q=Harbour+Bakery")
    assert "/accounts/login/" in caplog.text
    assert "Harbour" not in caplog.text
