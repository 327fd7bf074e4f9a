"""The canary: real secrets go the whole way round, with failures on it, and are looked for wherever they could show."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from celery import current_app
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from pytest_django.fixtures import Settings

from accounting.models import Connection, Grant
from accounting.port.errors import ProviderError
from accounting.providers.registry import get_authoriser, get_books
from accounting.sync import tokens
from accounting.sync.drain import drain
from config import logs
from core.testing import capture_commits
from tests.accounting.consenting import arrive, consent, leave
from tests.accounting.pages import url
from tests.architecture.pages import all_pages
from tests.architecture.source import HOUSE
from tests.factories.customers import make_customer
from tests.factories.people import make_administrator, signed_in
from workspaces.models import Workspace
from workspaces.scope import all_workspaces, scope
from xero_sandbox.handle import Handle


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Every line at DEBUG, as production writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs._formatter(json=True, secrets=settings.LOG_SECRETS))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The messages given to the broker."""
    messages: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda *args, **named: messages.append(f"{args} {named}"))
    return messages


def _own_secrets() -> list[str]:
    return [
        settings.SECRET_KEY,
        settings.XERO_CLIENT_SECRET,
        *settings.XERO_WEBHOOK_KEYS,
        *settings.FIELD_ENCRYPTION_KEYS,
    ]


def _tokens() -> list[str]:
    return [token for grant in Grant.objects.all() for token in (grant.access_token, grant.refresh_token)]


def _have_trouble(sandbox: Handle, workspace: Workspace) -> None:
    """A refresh that fails, calls that are refused and answered with faults."""
    with scope(workspace):
        there = Connection.objects.get()
        with transaction.atomic():
            make_customer(workspace)
        for _ in range(2):
            sandbox.faults.add(kind="maintenance")
            Connection.objects.update(resume_at=None)
            drain(there.pk)
        tokens.refresh(there.grant, force=True)
        sandbox.faults.add(kind="maintenance", path="/connect/token")
        with pytest.raises(ProviderError):
            tokens.refresh(Grant.objects.get(), force=True)


def _database() -> str:
    """Every table of ours, every column, as text."""
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.app_label in HOUSE]
    with all_workspaces("a test reads everything"), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT t::text FROM {table} t" for table in tables))
        return "\n".join(row for (row,) in cursor.fetchall())


def _pages(workspace: Workspace, super_client: Client) -> str:
    admin = signed_in(make_administrator())
    kept = [Grant.objects.get()]
    with scope(workspace):
        kept.append(Connection.objects.get())
    paths = [f"/admin/accounting/{row._meta.model_name}/{row.pk}/change/" for row in kept]
    paths += [f"/{page.route}" for page in all_pages() if page.is_admin and page.name.endswith("_changelist")]
    texts = [admin.get(path).content.decode() for path in paths]
    for name in ("settings", "mapping", "activity", "problems", "conflicts"):
        texts.append(super_client.get(url(name, workspace)).content.decode())
    return "\n".join(texts)


def test_no_secret_shows_anywhere(
    super_client: Client, workspace: Workspace, sandbox: Handle, log: io.StringIO, sent: list[str]
) -> None:
    with capture_commits():
        back = consent(sandbox, leave(super_client, workspace))
        arrive(super_client, back)
        secrets = [*_own_secrets(), *_tokens()]
        _have_trouble(sandbox, workspace)
    secrets += [*_tokens(), *(value for _, value in parse_qsl(urlsplit(back).query))]
    grant = Grant.objects.get()
    with scope(workspace):
        books = get_books(Connection.objects.get(), grant.access_token)
    places = {
        "log": log.getvalue(),
        "messages": "\n".join(sent),
        "database": _database(),
        "pages": _pages(workspace, super_client),
        "words": f"{grant!r} {grant} {get_authoriser()!r} {books!r} {books._api!r}",
    }

    assert places["messages"] != ""
    assert "/accounting/xero/callback/" in places["log"]
    found = {(place, secret[:6]) for place, text in places.items() for secret in secrets if secret in text}
    assert found == set()


def test_tokens_cannot_be_read_with_another_key(
    super_client: Client, workspace: Workspace, sandbox: Handle, settings: Settings
) -> None:
    arrive(super_client, consent(sandbox, leave(super_client, workspace)))
    settings.FIELD_ENCRYPTION_KEYS = ["YW5vdGhlci1rZXktYW5vdGhlci1rZXktMDAwMDAwMDA="]

    with pytest.raises(InvalidToken):
        Grant.objects.get()


@pytest.mark.long
def test_line_breaks_in_texts_make_no_further_log_line(log: io.StringIO) -> None:
    forged: dict[str, Any] = {"customer": 'A\r\n{"event": "forged"}\u2028'}
    logging.getLogger("tests").warning("customer %s", forged["customer"], extra=forged)

    assert len(log.getvalue().splitlines()) == 1
