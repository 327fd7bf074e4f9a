"""Wake-ups are a convenience: without any of them, everything still arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import F

from accounting import wakeup
from accounting.models import Connection, Operation
from accounting.sync.drain import drain
from accounting.sync.lease import held
from accounting.sync.sweep import JUST_WOKEN, sweep
from accounting.tasks import drain as drain_task
from catalogue.models import TaxRate
from core.testing import capture_commits
from invoices.enums import InvoiceStatus
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would be published, instead of publishing it."""
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(
        wakeup.current_app,
        "send_task",
        lambda name, kwargs, **options: messages.append({"task": name, **kwargs}),
    )
    return messages


def _approve(connection: Connection, gst: TaxRate) -> None:
    make_invoice(connection.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])


def test_broker_down_save_succeeds_and_sweep_pushes(
    connected: Connection,
    gst: TaxRate,
    sandbox: Handle,
    monkeypatch: pytest.MonkeyPatch,
    published: list[Any],
) -> None:
    sends = wakeup.current_app.send_task
    monkeypatch.setattr(wakeup.current_app, "send_task", _away)
    with capture_commits():
        _approve(connected, gst)
    monkeypatch.setattr(wakeup.current_app, "send_task", sends)
    assert sweep() == 0, "somebody was just woken"
    _some_seconds_later()
    assert sweep() == 1
    message = published[0]
    assert message.pop("task") == wakeup.DRAIN
    drain_task(**message, added_later="ignored")
    assert len(sandbox.dump()["Invoices"]) == 1


def _some_seconds_later() -> None:
    Connection.objects.update(woken_at=F("woken_at") - JUST_WOKEN)


def _away(*args: Any, **kwargs: Any) -> None:
    raise ConnectionError("no broker")


def test_ten_saves_with_the_worker_stopped_all_arrive(
    connected: Connection, gst: TaxRate, sandbox: Handle
) -> None:
    for _ in range(10):
        _approve(connected, gst)
    assert sandbox.dump()["Invoices"] == []
    drain(connected.pk)
    assert len(sandbox.dump()["Invoices"]) == 10


def test_sweep_leaves_idle_connections_alone(connected: Connection, published: list[Any]) -> None:
    assert (sweep(), published) == (0, [])


def test_sweep_leaves_attended_and_resting_connections_alone(
    connected: Connection, gst: TaxRate, published: list[Any], sync: Callable[[], None]
) -> None:
    _approve(connected, gst)
    with held(connected.pk):
        assert sweep() == 0
        assert drain(connected.pk) is False
    assert sweep() == 1
    assert sweep() == 0, "an hour of sweeps at once wakes once"
    assert Operation.objects.exists()


def test_second_wakeup_within_seconds_is_spared(
    connected: Connection, gst: TaxRate, published: list[Any]
) -> None:
    for _ in range(5):
        with capture_commits():
            _approve(connected, gst)
    assert len(published) == 1


def test_wakeup_that_found_the_lease_taken_does_not_swallow_the_next(
    connected: Connection, gst: TaxRate, published: list[Any]
) -> None:
    with held(connected.pk):
        with capture_commits():
            _approve(connected, gst)
        drain_task(**_arguments(published.pop()))
    with capture_commits():
        _approve(connected, gst)
    assert len(published) == 1


def _arguments(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "task"}
