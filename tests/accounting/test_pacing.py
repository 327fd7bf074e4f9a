"""Under a stream of saves writes wait for each other, so that they fill; a lone save waits for nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from limits import RateLimitItemPerHour
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounting import wakeup
from accounting.enums import Kind, OpState, Priority
from accounting.models import Connection, Link, Operation
from accounting.providers.xero import limits
from accounting.sync.drain import drain
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from customers.models import Customer
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

GATHER, FEW = limits.GATHER, limits.FEW
Sync = Callable[[], None]


@pytest.fixture(autouse=True)
def _pace(_writes_follow_at_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a test takes, it is all one moment."""
    monkeypatch.setattr(limits, "GATHER", GATHER)
    monkeypatch.setattr(limits, "PACE", RateLimitItemPerHour(limits.PACE.amount))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """The wake-ups that are sent, each with its delay."""
    sent: list[tuple[str, float]] = []
    monkeypatch.setattr(wakeup, "send", lambda task, *, delay=0, **about: sent.append((task, delay)))
    return sent


@pytest.fixture
def stream(connected: Connection, sync: Sync, sandbox: Handle) -> list[Customer]:
    """Somebody has saved so many that the last one waits."""
    made = []
    for _ in range(FEW + 1):
        made.append(make_customer(connected.workspace))
        sync()
    return made


def _writes(sandbox: Handle) -> list[Any]:
    return [call for call in sandbox.requests() if call.method != "GET"]


def test_few_saves_leave_at_once(connected: Connection, sync: Sync, sandbox: Handle) -> None:
    for _ in range(FEW):
        make_customer(connected.workspace)
        sync()
    assert (len(_writes(sandbox)), Operation.objects.count()) == (FEW, 0)


def test_next_save_of_a_stream_waits_for_others_to_go_with_it(
    stream: list[Customer], connected: Connection, sandbox: Handle
) -> None:
    assert len(_writes(sandbox)) == FEW
    waiting = Operation.objects.get()
    assert (waiting.local_id, waiting.state, waiting.attempts) == (stream[-1].pk, OpState.PENDING, 0)


def test_worker_is_woken_once_for_all_that_gathers(
    connected: Connection,
    told: list[tuple[str, float]],
    stream: list[Customer],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    told.clear()
    with django_capture_on_commit_callbacks(execute=True):
        drain(connected.pk)
        for _ in range(5):
            make_customer(connected.workspace)
    ((task, delay),) = told
    assert task == wakeup.DRAIN
    assert GATHER <= delay < wakeup.STALE_WAKE.total_seconds()


@pytest.mark.long
def test_write_that_is_full_waits_for_nothing(
    stream: list[Customer], connected: Connection, sync: Sync, sandbox: Handle
) -> None:
    for _ in range(49):
        make_customer(connected.workspace)
    sync()
    assert (len(_writes(sandbox)), Operation.objects.count()) == (FEW + 1, 0)


def test_what_gathered_goes_when_its_time_has_come(
    stream: list[Customer], connected: Connection, sync: Sync, sandbox: Handle
) -> None:
    make_customer(connected.workspace)
    limits.reset("memory://")
    sync()
    assert (len(_writes(sandbox)), Operation.objects.count()) == (FEW + 1, 0)


def test_reads_do_not_wait_for_writes_that_gather(
    stream: list[Customer], connected: Connection, sync: Sync, sandbox: Handle
) -> None:
    sandbox.clear_requests()
    with transaction.atomic():
        known = Link.objects.get(local_id=stream[0].pk)
        request_pull(connected, Kind.CUSTOMER, known.remote_id, priority=Priority.USER)
    sync()
    assert [call.method for call in sandbox.requests()] == ["GET"]


def test_other_kinds_do_not_wait(connected: Connection) -> None:
    limits.count_write("memory://", connected.tenant_id, "customer", FEW)
    waits = [
        limits.until_next_write("memory://", connected.tenant_id, kind) for kind in ("customer", "invoice")
    ]
    assert (waits[0] > 0, waits[1]) == (True, 0)


def test_write_of_many_makes_the_next_wait(connected: Connection, sync: Sync, sandbox: Handle) -> None:
    for number in (FEW, 1):
        for _ in range(number):
            make_customer(connected.workspace)
        sync()
    assert (len(_writes(sandbox)), Operation.objects.count()) == (1, 1)


@pytest.mark.long
def test_what_waits_for_another_record_fills_no_write(
    stream: list[Customer], connected: Connection, gst: TaxRate, sync: Sync, sandbox: Handle
) -> None:
    """50 invoices are due; those of customers that are not there yet come to nothing, and the rest is too few."""
    limits.count_write("memory://", connected.tenant_id, "invoice", FEW)
    for customer in [stream[0]] * 10 + [stream[-1]] * 40:
        make_invoice(
            connected.workspace, customer=customer, status="approved", lines=[make_line(tax_rate=gst)]
        )
    sandbox.clear_requests()
    sync()
    assert _writes(sandbox) == []
    assert Operation.objects.filter(kind=Kind.INVOICE, state=OpState.PENDING).count() == 10
