"""No answer, a wrong answer, too many calls, no access: nothing is lost and nothing is doubled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounting.enums import ConnectionState, GrantState, Kind, OpState
from accounting.models import Batch, Connection, Grant, Link, Operation
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from tests.sampling import mostly_long
from xero_sandbox.api.access import Refused
from xero_sandbox.handle import Handle
from xero_sandbox.reply import json_reply

Sync = Callable[[], None]


def _approved(connection: Connection, gst: TaxRate, count: int = 3) -> list[Invoice]:
    customer = make_customer(connection.workspace)
    lines = [make_line(tax_rate=gst)]
    return [
        make_invoice(connection.workspace, status=InvoiceStatus.APPROVED, customer=customer, lines=lines)
        for _ in range(count)
    ]


def _numbers(sandbox: Handle) -> list[str]:
    return sorted(row["InvoiceNumber"] for row in sandbox.dump()["Invoices"])


def _puts(sandbox: Handle) -> list[Any]:
    return [call for call in sandbox.requests() if call.method == "PUT" and call.path.endswith("/Invoices")]


def _assert_each_once(sandbox: Handle, invoices: list[Invoice]) -> None:
    assert _numbers(sandbox) == sorted(invoice.number for invoice in invoices)
    assert (Operation.objects.count(), Batch.objects.count()) == (0, 0)
    assert Link.objects.filter(kind=Kind.INVOICE).count() == len(invoices)


@pytest.mark.parametrize(
    "kind", mostly_long(["drop", "truncate", "cut", "html", "error_500"], quick=["drop", "error_500"])
)
@pytest.mark.parametrize("applied", [True, False])
def test_lost_answer_is_never_doubled_and_never_lost(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync, kind: str, applied: bool
) -> None:
    invoices = _approved(connected, gst)
    sandbox.faults.add(kind, method="PUT", path="Invoices", applied=applied)
    for _ in range(5):
        sync()
    _assert_each_once(sandbox, invoices)
    assert sandbox.counters()["key_body_mismatch"] == 0


def test_no_answer_is_shown_as_uncertain_and_replayed_with_the_same_key(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    _approved(connected, gst)
    sandbox.faults.add("drop", method="PUT", path="Invoices", applied=True)
    sync()
    assert {row.state for row in Operation.objects.filter(kind=Kind.INVOICE)} == {OpState.UNCERTAIN}
    sync()
    first, second = _puts(sandbox)
    assert (first.idempotency_key, first.body_sha256) == (second.idempotency_key, second.body_sha256)
    assert Batch.objects.count() == 0


def test_no_answer_for_long_is_looked_up_before_any_new_key(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    invoices = _approved(connected, gst)
    sandbox.faults.add("drop", method="PUT", path="Invoices", applied=True)
    sync()
    sandbox.forget_idempotency_keys()
    Batch.objects.update(first_sent_at=timezone.now() - dt.timedelta(minutes=6))
    sync()
    _assert_each_once(sandbox, invoices)
    assert len(_puts(sandbox)) == 1


def test_crash_between_freeze_and_send_sends_once(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoices = _approved(connected, gst)
    monkeypatch.setattr("accounting.sync.drain.batches.carry", _die)
    with pytest.raises(KeyboardInterrupt):
        sync()
    monkeypatch.undo()
    for _ in range(3):
        sync()
    _assert_each_once(sandbox, invoices)


def _die(*args: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "kind",
    mostly_long(
        ["rate_minute", "rate_day", "rate_app", "rate_concurrent", "maintenance", "organisation_offline"],
        quick=["rate_minute", "maintenance"],
    ),
)
def test_limit_rests_the_connection_and_burns_nothing(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync, kind: str
) -> None:
    invoices = _approved(connected, gst)
    sandbox.faults.add(kind, retry_after=26 if kind in ("rate_minute", "rate_day") else None)
    sync()
    connected.refresh_from_db()
    assert connected.resume_at is not None
    assert connected.resume_at > timezone.now()
    assert {row.attempts for row in Operation.objects.all()} == {0}
    calls = len(sandbox.requests())
    _drain_without_waiting(connected)
    assert len(sandbox.requests()) == calls
    for _ in range(3):
        sync()
    _assert_each_once(sandbox, invoices)


def _drain_without_waiting(connection: Connection) -> None:
    from accounting.sync.drain import drain  # noqa: PLC0415  (beside its only use)

    drain(connection.pk)


def test_expired_token_is_renewed_and_work_goes_on(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    invoices = _approved(connected, gst)
    Grant.objects.update(refreshed_at=timezone.now() - dt.timedelta(minutes=20))
    sandbox.expire_tokens()
    for _ in range(3):
        sync()
    _assert_each_once(sandbox, invoices)


def test_refused_refresh_asks_for_reconnect_and_keeps_everything(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    _approved(connected, gst)
    waiting = Operation.objects.count()
    Grant.objects.update(expires_at=timezone.now())
    sandbox.faults.add("invalid_grant", times=None)
    sync()
    connected.refresh_from_db()
    assert connected.state == ConnectionState.NEEDS_REAUTH
    assert Grant.objects.get().state == GrantState.REFUSED
    assert Operation.objects.filter(state=OpState.PENDING, attempts=0).count() == waiting


def test_disconnected_in_xero_stops_and_keeps_everything(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    _approved(connected, gst)
    sandbox.disconnect()
    sync()
    connected.refresh_from_db()
    assert connected.state == ConnectionState.DISCONNECTED
    assert len(_puts(sandbox)) == 0
    assert Operation.objects.exists()


def test_person_who_may_no_longer_stops_and_keeps_everything(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not about what was sent: no other record would fare better, so none is tried."""

    def forbid(*args: Any, writes: bool) -> None:
        if writes:
            raise Refused(json_reply(403, {"Title": "Forbidden", "Status": 403, "Detail": ""}))

    _approved(connected, gst, count=8)
    waiting = Operation.objects.count()
    monkeypatch.setattr("xero_sandbox.api.gateway.check_scope", forbid)
    sync()
    connected.refresh_from_db()
    assert connected.state == ConnectionState.NEEDS_REAUTH
    assert "Reconnect" in connected.state_reason
    assert Operation.objects.filter(attempts=0).exclude(state=OpState.FAILED).count() == waiting
    assert len(sandbox.requests(method="PUT")) == 1


def test_whole_call_refused_costs_the_fellows_a_few_calls_only(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    invoices = _approved(connected, gst, count=8)
    poisoned = invoices[5]
    sandbox.faults.add(
        "reject", path="Invoices", match=poisoned.number, times=None, whole_call=True, message="No."
    )
    sync()
    assert len(_numbers(sandbox)) == 7
    assert [row.local_id for row in Operation.objects.filter(state=OpState.FAILED)] == [poisoned.pk]
    assert len(_puts(sandbox)) <= 1 + 2 * 3


def test_what_the_bookkeeper_did_before_the_look_up_is_heard(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    invoice = _approved(connected, gst, count=1)[0]
    sandbox.faults.add("truncate", method="PUT", path="Invoices", applied=True)
    sync()
    remote_id = sandbox.dump()["Invoices"][0]["InvoiceID"]
    bookkeeper = Bookkeeper(sandbox, connected)
    bookkeeper.change_invoice(remote_id, DueDate="2026-07-01")
    bookkeeper.pay(remote_id, 20)
    sync()
    invoice.refresh_from_db()
    assert (invoice.due_date, invoice.amount_paid) == (dt.date(2026, 7, 1), Decimal(20))
    assert (Operation.objects.count(), Batch.objects.count()) == (0, 0)
