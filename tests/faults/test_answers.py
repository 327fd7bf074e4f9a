"""Answers that are lost, late, spoiled, or say no (rows R3-R5, R15, R16)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounting.enums import ErrorClass, Lane, OpState
from accounting.models import Batch, Connection, Operation
from accounting.port.documents import Document
from accounting.port.errors import Permanent
from accounting.resources.base import Desk
from accounting.resources.invoices import InvoiceResource
from accounting.sync import batches, drain, freeze, settle, state
from accounting.sync.retry import Pause
from invoices.models import Invoice
from invoices.services import update_invoice
from payments.models import Payment
from tests.faults.inside import Inside, inside, neighbour, unprotected
from workspaces.scope import all_workspaces, scope

__all__ = ["inside", "neighbour", "unprotected"]

Tell = Callable[..., None]
SPOILED = (
    "drop", "cut", "error_500", "maintenance", "organisation_offline", "truncate", "unknown_enum", "html",
)  # fmt: skip
FIRST = [("PUT", "Contacts"), ("PUT", "Invoices"), ("PUT", "Payments"), ("POST", "Invoices")]


@pytest.mark.parametrize("kind", SPOILED)
def test_r03_applied_then_the_answer_is_spoiled(inside: Inside, tell_row: Tell, kind: str) -> None:
    """Each first write of contacts, invoices and payments, and an update, is applied and its answer spoiled."""
    inside.add(50)
    for method, path in FIRST:
        inside.sandbox.faults.add(kind, method=method, path=path, applied=True, index=7)
    inside.work(6)
    update_invoice(invoice=Invoice.objects.earliest("number"), reference="later", by=None)
    inside.work(4)
    tell_row("R3", f"applied, then {kind}", len(FIRST), lost=inside.ledger()["lost"],
             doubled=inside.ledger()["doubled"])  # fmt: skip
    assert inside.wrong() == {}
    assert inside.sandbox.faults.waiting() == []


def test_r03_control_sees_the_harm(inside: Inside, unprotected: Callable[[str], None]) -> None:
    """With a new key at each try, payments are there twice."""
    unprotected("new_key")
    inside.add(50)
    inside.sandbox.faults.add("drop", method="PUT", path="Payments", applied=True)
    inside.work(4)
    assert inside.ledger()["doubled"] == 50


def test_r03_forty_nine_are_kept_when_one_cannot_be_read(inside: Inside) -> None:
    """One unreadable element costs one look-up and nothing else."""
    inside.add(50, payments=False)
    inside.sandbox.faults.add("unknown_enum", method="PUT", path="Invoices", index=3)
    inside.sandbox.faults.add("drop", method="GET", path="Invoices")
    inside.work()
    assert Operation.objects.filter(kind="invoice").count() == 1
    inside.work()
    assert inside.wrong() == {}
    assert len(inside.writes("Invoices")) == 1


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("path", ["Contacts", "Invoices", "Payments"])
def test_r04_tried_again_after_the_key_is_forgotten(
    inside: Inside, tell_row: Tell, path: str, applied: bool
) -> None:
    """No answer, and 25 hours pass: uncertain is shown, Xero is read first, nothing is sent blindly."""
    inside.add(20)
    inside.sandbox.faults.add("drop", method="PUT", path=path, applied=applied)
    inside.work()
    assert OpState.UNCERTAIN in inside.states()
    inside.wait(25 * 3600)
    sent = len(inside.writes(path))
    inside.work(4)
    tell_row("R4", f"no answer {'after' if applied else 'before'} {path}, 25 h pass", 1)
    assert inside.wrong() == {}
    assert len(inside.writes(path)) == sent + (0 if applied else 1)
    assert inside.sandbox.counters()["key_resent_after_window"] == 0


def test_r04_control_sees_the_harm(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is trusted for a month doubles every payment of the batch after a day."""
    monkeypatch.setattr(batches, "KEY_LIFE", dt.timedelta(days=30))
    inside.add(20)
    inside.sandbox.faults.add("drop", method="PUT", path="Payments", applied=True)
    inside.work()
    inside.wait(25 * 3600)
    inside.work(2)
    assert inside.ledger()["doubled"] == 20


LIMITS = ("rate_minute", "rate_day", "rate_app", "rate_concurrent", "maintenance", "organisation_offline")


def _called_in_the_pause(inside: Inside) -> int:
    """How often Xero is called, by workers woken again and again, before the rest is over."""
    calls, waiting = len(inside.sandbox.requests()), inside.rest_of()
    for _ in range(3):
        inside.wait(max((waiting - 0.7) / 3, 0))
        inside.turn()
    return len(inside.sandbox.requests()) - calls


@pytest.mark.parametrize("retry_after", [None, 0, 40])
@pytest.mark.parametrize("kind", LIMITS)
def test_r05_xero_says_not_now(inside: Inside, tell_row: Tell, kind: str, retry_after: int | None) -> None:
    """Nothing is called before Retry-After, no attempt is burnt, the reason is shown, and then all goes on."""
    inside.add(20)
    inside.sandbox.faults.add(kind, retry_after=retry_after)
    inside.turn()
    waiting = inside.rest_of()
    assert _called_in_the_pause(inside) == 0
    assert {row.attempts for row in Operation.objects.all()} == {0}
    assert inside.now().resume_reason
    inside.wait(2)
    inside.turn()
    inside.work(2)
    tell_row("R5", f"{kind}, Retry-After {retry_after}", 1, lost=inside.ledger()["lost"])
    assert inside.wrong() == {}
    if retry_after and kind in ("rate_minute", "rate_day"):
        assert 39 <= waiting <= 41


@pytest.mark.parametrize("kind", LIMITS)
def test_r05_control_sees_the_calls(inside: Inside, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """When nobody minds the rest, Xero is called in the middle of it."""
    monkeypatch.setattr(drain, "may_call", lambda connection: True)
    inside.add(20)
    inside.sandbox.faults.add(kind, retry_after=40, times=None)
    inside.turn()
    assert _called_in_the_pause(inside) > 0


def test_r05_day_limit_parks_until_it_is_over(inside: Inside, tell_row: Tell) -> None:
    """Five hours are five hours, and nobody is asked in between."""
    inside.add(5)
    inside.sandbox.faults.add("rate_day", retry_after=18_000)
    inside.turn()
    calls = len(inside.sandbox.requests())
    for _ in range(4):
        inside.wait(4400)
        inside.turn()
    assert len(inside.sandbox.requests()) == calls
    inside.wait(500)
    inside.turn()
    tell_row("R5", "the day's calls used up, for five hours", 1, lost=inside.ledger()["lost"])
    assert inside.wrong() == {}


def test_r05_maintenance_for_half_an_hour(inside: Inside, tell_row: Tell) -> None:
    """503 to everything for 30 minutes: a few calls a minute at most, and all is there afterwards."""
    inside.add(20)
    inside.sandbox.faults.add("maintenance", times=None)
    for _ in range(60):
        inside.wait(30)
        inside.turn()
    calls = len(inside.sandbox.requests())
    assert calls <= 35
    inside.sandbox.faults.clear()
    inside.wait(600)
    inside.work(4)
    tell_row("R5", "503 to everything for 30 min", calls, lost=inside.ledger()["lost"])
    assert inside.wrong() == {}


def _neighbour_waits(inside: Inside, neighbour: Inside) -> int:
    """One organisation's day is used up. How many of the other's customers were not sent in its next turn."""
    inside.sandbox.faults.add("rate_day", organisation=inside.connection.tenant_id, times=None)
    inside.add(5)
    inside.turn()
    assert inside.rest_of() > 0
    neighbour.turn()
    with scope(neighbour.workspace):
        return Operation.objects.count()


def test_r05_other_organisations_go_on(inside: Inside, neighbour: Inside, tell_row: Tell) -> None:
    """One organisation rests; another one's calls are made meanwhile."""
    waiting = _neighbour_waits(inside, neighbour)
    tell_row("R5", "the day of one organisation used up: its neighbour", 1, lost=waiting)
    assert waiting == 0


def test_r05_control_sees_the_neighbour_wait(
    inside: Inside, neighbour: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a limit of one lets all of them rest, the other waits for nothing."""

    def rest_all(connection: Connection, pause: Pause) -> None:
        with all_workspaces("the control"):
            for each in Connection.objects.all():
                state.rest(each, pause)

    monkeypatch.setattr(drain, "rest", rest_all)
    assert _neighbour_waits(inside, neighbour) > 0


def test_r15_poisoned_invoice_fails_alone(inside: Inside, tell_row: Tell) -> None:
    """Xero always rejects one of 50: 49 are there after one call, the one is parked with Xero's words."""
    inside.add(50, payments=False)
    words = "The document date cannot be before the period lock date, currently set at 31 Mar 2026"
    inside.sandbox.faults.add("reject", match="INV-000017", message=words)
    inside.work(4)
    parked = Operation.objects.get()
    tell_row("R15", "one of 50 always rejected", 1, lost=inside.ledger()["lost"] - 1)
    assert (parked.state, parked.attempts, parked.error_detail) == (OpState.FAILED, 1, words)
    assert len(inside.writes("Invoices")) == 1
    assert inside.ledger()["lost"] == 1


def _refused_whole(inside: Inside) -> int:
    """Xero refuses the whole call because of one of 50. How many are not there in the end."""
    inside.add(50, payments=False)
    inside.sandbox.faults.add("reject", match="INV-000017", whole_call=True, message="No.")
    inside.work(3)
    return int(inside.ledger()["lost"])


def test_r15_whole_call_refused_is_halved(inside: Inside, tell_row: Tell) -> None:
    """At most 1 + 2 x 6 calls find the one that is to blame; the 49 others are there."""
    lost = _refused_whole(inside)
    tell_row("R15", "whole call refused because of one of 50", 1, lost=lost - 1)
    assert lost == 1
    assert [row.error_detail for row in Operation.objects.all()] == ["No."]
    assert len(inside.writes("Invoices")) <= 1 + 2 * 6


def test_r15_control_sees_the_fellows_fail(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the halving all 50 fail with the one."""
    monkeypatch.setattr(
        batches, "_split", lambda connection, books, batch: settle.refuse(connection, batch, Permanent("No."))
    )
    assert _refused_whole(inside) == 50


def _makes_us_raise(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> int:
    """One record of 50 makes our own code raise. How many are not there in the end."""
    to_document = InvoiceResource.to_document

    def raising(self: InvoiceResource, record: Invoice, desk: Desk) -> Document:
        if record.number == "INV-000017":
            raise ZeroDivisionError("ours")
        return to_document(self, record, desk)

    monkeypatch.setattr(InvoiceResource, "to_document", raising)
    inside.add(50, payments=False)
    inside.work(2)
    return int(inside.ledger()["lost"])


def test_r15_record_that_makes_us_raise_fails_alone(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, tell_row: Tell
) -> None:
    """It alone needs a person, and it says so."""
    lost = _makes_us_raise(inside, monkeypatch)
    tell_row("R15", "one of 50 makes our code raise", 1, lost=lost - 1)
    parked = Operation.objects.get()
    assert (lost, parked.state, parked.error_class) == (1, OpState.FAILED, ErrorClass.INTERNAL)


def test_r15_control_sees_the_fellows_wait(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """When what raises is not caught for itself, nobody gets past it."""
    monkeypatch.setattr(freeze, "_plan_safely", freeze._plan)
    assert _makes_us_raise(inside, monkeypatch) == 50


def _refuse_seventeen(inside: Inside, prefix: str) -> None:
    """17 of 50 are refused, each with its own reason."""
    inside.add(50, payments=prefix == "P-")
    for number in range(1, 18):
        message = f"Reason {number}."
        inside.sandbox.faults.add("reject", match=f"^{prefix}INV-{number:06d}", message=message)
    inside.work(4)


@pytest.mark.parametrize(("path", "prefix"), [("Invoices", ""), ("Payments", "P-")])
def test_r16_seventeen_of_fifty_fail(inside: Inside, tell_row: Tell, path: str, prefix: str) -> None:
    """Each of the 17 shows its own reason; the 33 others are done and never sent again."""
    _refuse_seventeen(inside, prefix)
    ledger, sent = inside.ledger(), len(inside.writes(path))
    tell_row("R16", f"17 of 50 {path} refused", 17, lost=ledger["lost"] - 17, doubled=ledger["doubled"])
    assert (ledger["lost"], ledger["doubled"], sent) == (17, 0, 1)
    assert _reasons() == {number: f"Reason {number}." for number in range(1, 18)}


def _reasons() -> dict[int, str]:
    """What each failed invoice's or payment's page tells, by the number of the invoice."""
    numbers = dict(Invoice.objects.values_list("pk", "number"))
    numbers |= dict(Payment.objects.values_list("pk", "invoice__number"))
    failed = Operation.objects.filter(state=OpState.FAILED, lane=Lane.PUSH)
    return {int(numbers[freeze.record_id(row)].removeprefix("INV-")): row.error_detail for row in failed}


def test_r16_control_sees_the_others_doubled(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a batch counts as failed because of some, the payments that did go through are made again."""

    def all_or_nothing(connection: Connection, batch: Batch, results: list[Any]) -> None:
        if any(result.errors for _, result in results):
            settle.give_back(batch, [item for item, _ in results])
            batch.delete()
        else:
            settle.settle(connection, batch, results)

    monkeypatch.setattr(batches, "settle", all_or_nothing)
    monkeypatch.setattr(drain, "TURN_STEPS", 5)
    _refuse_seventeen(inside, "P-")
    assert inside.ledger()["doubled"] >= 33


def test_r16_control_sees_the_wrong_reason(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """When answers are taken in another order than the elements were sent, the wrong ones are told."""

    def reversed_order(connection: Connection, batch: Batch, results: list[Any]) -> None:
        answers = [result for _, result in reversed(results)]
        settle.settle(connection, batch, list(zip(batch.items, answers, strict=True)))

    monkeypatch.setattr(batches, "settle", reversed_order)
    _refuse_seventeen(inside, "")
    assert _reasons() != {number: f"Reason {number}." for number in range(1, 18)}
