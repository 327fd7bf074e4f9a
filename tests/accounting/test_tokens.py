"""Tokens: one refresh at a time, rotated keys, and nothing readable at rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.db import connection as database
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from accounting.enums import GrantState
from accounting.models import Connection, Grant
from accounting.port.errors import NeedsReauth, Retryable
from accounting.sync.tokens import fresh_access, keep_alive, refresh
from core.crypto import reencrypt
from tests.accounting.conftest import connect
from tests.factories.accounting import make_grant
from tests.factories.workspaces import make_workspace
from workspaces.models import Workspace
from workspaces.scope import scope
from xero_sandbox.handle import Handle

WORKERS = 32


@pytest.fixture
def committed_connection(transactional_db: None, sandbox: Handle) -> Iterator[tuple[Workspace, Connection]]:
    """A connection that other database sessions can see."""
    workspace = make_workspace()
    with scope(workspace):
        yield workspace, connect(sandbox, workspace)


def _token_calls(sandbox: Handle) -> int:
    return len([call for call in sandbox.requests() if call.path == "/connect/token"])


@pytest.mark.slow
def test_many_workers_at_expiry_refresh_once(
    committed_connection: tuple[Workspace, Connection], sandbox: Handle
) -> None:
    workspace, connection = committed_connection
    Grant.objects.update(expires_at=timezone.now())
    sandbox.clear_requests()

    def work(_: int) -> str:
        try:
            with scope(workspace):
                return fresh_access(Connection.objects.get(pk=connection.pk))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        tokens = set(pool.map(work, range(WORKERS)))
    assert (len(tokens), _token_calls(sandbox)) == (1, 1)


def test_lost_reply_is_made_good_with_the_old_token(connected: Connection, sandbox: Handle) -> None:
    Grant.objects.update(expires_at=timezone.now())
    sandbox.faults.add("drop", method="POST", path="/connect/token", applied=True)
    with pytest.raises(Retryable):
        fresh_access(connected)
    assert fresh_access(connected)
    assert Grant.objects.get().state == GrantState.ACTIVE


def test_life_is_counted_by_the_databases_clock(
    connected: Connection, sandbox: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock of this machine may even leap between the answer and the commit."""
    Grant.objects.update(expires_at=timezone.now())
    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() - dt.timedelta(hours=1))
    fresh_access(connected)
    assert dt.timedelta(minutes=25) < Grant.objects.get().expires_at - now() <= dt.timedelta(minutes=30)


def test_refused_grant_is_not_asked_again_at_once(connected: Connection, sandbox: Handle) -> None:
    Grant.objects.update(expires_at=timezone.now())
    sandbox.faults.add("invalid_grant", times=None)
    sandbox.clear_requests()
    for _ in range(5):
        with pytest.raises(NeedsReauth):
            fresh_access(connected)
    assert _token_calls(sandbox) == 1


def test_worker_with_a_stale_grant_takes_the_new_token(connected: Connection, sandbox: Handle) -> None:
    stale = Grant.objects.get()
    Grant.objects.update(expires_at=timezone.now())
    first = refresh(Grant.objects.get())
    sandbox.clear_requests()
    assert refresh(stale).access_token == first.access_token
    assert _token_calls(sandbox) == 0


def test_idle_grant_is_kept_alive(connected: Connection, sandbox: Handle) -> None:
    Grant.objects.update(refreshed_at=timezone.now() - dt.timedelta(days=30))
    assert (keep_alive(), keep_alive()) == (1, 0)


@pytest.mark.django_db
def test_tokens_at_rest_are_ciphertext() -> None:
    make_grant()
    with database.cursor() as cursor:
        cursor.execute("SELECT access_token || refresh_token FROM accounting_grant")
        assert "canary" not in cursor.fetchone()[0]


@pytest.mark.django_db
def test_first_key_encrypts_and_all_decrypt(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [old]
    make_grant()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert Grant.objects.get().access_token == "access-canary"
    assert (reencrypt(Grant), reencrypt(Grant)) == (1, 1)
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert Grant.objects.get().refresh_token == "refresh-canary"


@pytest.mark.django_db
def test_wrong_key_raises_and_shows_nothing(settings: Settings) -> None:
    make_grant()
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(InvalidToken):
        Grant.objects.get()


@pytest.mark.django_db
def test_repr_of_a_grant_shows_no_token() -> None:
    grant = make_grant()
    assert "canary" not in f"{grant!r}{grant!s}"
