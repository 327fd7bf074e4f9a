"""Xero's limits are kept before Xero has to say no."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounting import wakeup
from accounting.enums import Priority
from accounting.models import Connection, Operation
from accounting.port.errors import RateLimited
from accounting.providers.registry import get_books
from accounting.providers.xero import limits
from accounting.sync.drain import drain
from accounting.sync.tokens import fresh_access
from catalogue.models import TaxRate
from core.transactions import OpenTransaction
from tests.factories.customers import make_customer
from xero_sandbox.handle import Handle

MEMORY = "memory://"


@pytest.fixture
def tenant() -> str:
    return str(uuid.uuid4())


def _take(tenant: str, count: int, *, background: bool = False) -> None:
    for _ in range(count):
        limits.take_call(MEMORY, tenant, background=background)


def test_sixty_calls_a_minute_and_no_more(tenant: str) -> None:
    _take(tenant, 60)
    with pytest.raises(RateLimited) as refused:
        _take(tenant, 1)
    assert 0 < refused.value.retry_after <= 60


def test_calls_counted_by_a_clock_ahead_hold_nobody_up_for_longer(
    tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis forgets the window after a minute of silence; whoever waited an hour for it would wait for nothing."""
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 3600)
    _take(tenant, 60)
    monkeypatch.setattr(time, "time", now)
    with pytest.raises(RateLimited) as refused:
        _take(tenant, 1)
    assert 0 < refused.value.retry_after <= 60


def test_background_work_leaves_calls_to_people(tenant: str) -> None:
    _take(tenant, 57, background=True)
    with pytest.raises(RateLimited):
        _take(tenant, 1, background=True)
    _take(tenant, 3)


def test_one_organisation_does_not_starve_another(tenant: str) -> None:
    _take(tenant, 60)
    _take(str(uuid.uuid4()), 60)


def test_call_inside_a_transaction_is_forbidden(connected: Connection) -> None:
    books = get_books(connected, fresh_access(connected))
    with pytest.raises(OpenTransaction), transaction.atomic():
        books.reference_data()


def test_person_goes_on_when_only_the_reserve_is_left(
    sandbox: Handle, connected: Connection, gst: TaxRate
) -> None:
    limits.reset(MEMORY)
    _take(connected.tenant_id, 57)
    make_customer(connected.workspace)
    Operation.objects.update(priority=Priority.BACKFILL)
    drain(connected.pk)
    assert sandbox.requests() == []
    make_customer(connected.workspace)
    drain(connected.pk)
    assert [call.method for call in sandbox.requests()] == ["PUT"]
    assert Operation.objects.count() == 0  # what waited rides in the same call


def test_waiting_first_load_wakes_nobody_at_once(
    sandbox: Handle,
    connected: Connection,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    limits.reset(MEMORY)
    _take(connected.tenant_id, 57)
    make_customer(connected.workspace)
    Operation.objects.update(priority=Priority.BACKFILL)
    sent: list[float] = []
    monkeypatch.setattr(wakeup, "send", lambda task, *, delay=0, **kwargs: sent.append(delay))
    with django_capture_on_commit_callbacks(execute=True):
        drain(connected.pk)
    assert [delay > 0 for delay in sent] == [True]
