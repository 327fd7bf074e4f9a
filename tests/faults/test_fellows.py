"""R15, R16: what one record's trouble does to those sent with it."""

from __future__ import annotations

from typing import Any

import pytest

from accounting.enums import ErrorClass, Lane, OpState
from accounting.models import Batch, Connection, Operation
from accounting.port.documents import Document
from accounting.port.errors import Permanent
from accounting.port.exchange import Quota
from accounting.resources.desk import Desk
from accounting.resources.invoices import InvoiceResource
from accounting.sync import batches, drain, failing, plan, settle
from accounting.sync.failing import Item
from invoices.models import Invoice
from payments.models import Payment
from tests.faults.conftest import Tell
from tests.faults.inside import Inside, inside, neighbour, unprotected

__all__ = ["inside", "neighbour", "unprotected"]


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
        batches,
        "_split",
        lambda connection, books, batch: failing.refuse(connection, batch, Permanent("No.")),
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
    monkeypatch.setattr(plan, "_plan_safely", plan._plan)
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
    return {int(numbers[plan.record_id(row)].removeprefix("INV-")): row.error_detail for row in failed}


def test_r16_control_sees_the_others_doubled(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a batch counts as failed because of some, the payments that did go through are made again."""

    def all_or_nothing(
        connection: Connection, batch: Batch, results: list[Any], quota: Quota | None
    ) -> list[Item]:
        if any(result.errors for _, result in results):
            failing.give_back(batch, [item for item, _ in results])
            batch.delete()
            return []
        return settle.settle(connection, batch, results, quota)

    monkeypatch.setattr(batches, "settle", all_or_nothing)
    monkeypatch.setattr(drain, "TURN_STEPS", 5)
    _refuse_seventeen(inside, "P-")
    assert inside.ledger()["doubled"] >= 33


def test_r16_control_sees_the_wrong_reason(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """When answers are taken in another order than the elements were sent, the wrong ones are told."""

    def reversed_order(
        connection: Connection, batch: Batch, results: list[Any], quota: Quota | None
    ) -> list[Item]:
        answers = [result for _, result in reversed(results)]
        return settle.settle(connection, batch, list(zip(batch.items, answers, strict=True)), quota)

    monkeypatch.setattr(batches, "settle", reversed_order)
    _refuse_seventeen(inside, "")
    assert _reasons() != {number: f"Reason {number}." for number in range(1, 18)}
