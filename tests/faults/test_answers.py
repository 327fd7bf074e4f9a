"""Answers that are lost, late, spoiled, or say no (rows R3-R5, R15, R16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounting.enums import BatchState, ErrorClass, OpState
from accounting.models import Batch, Connection, Operation
from accounting.resources.invoices import InvoiceResource
from invoices.models import Invoice
from invoices.services import update_invoice
from tests.accounting.conftest import choose, connect
from tests.factories.workspaces import make_workspace
from tests.faults.inside import Inside, inside, unprotected
from workspaces.scope import scope

__all__ = ["inside", "unprotected"]

Tell = Callable[..., None]
SPOILED = (
    "drop",
    "cut",
    "error_500",
    "maintenance",
    "organisation_offline",
    "truncate",
    "unknown_enum",
    "html",
)
FIRST = [("PUT", "Contacts"), ("PUT", "Invoices"), ("PUT", "Payments"), ("POST", "Invoices")]


@pytest.mark.parametrize("kind", SPOILED)
def test_r03_applied_then_the_answer_is_spoiled(inside: Inside, tell_row: Tell, kind: str) -> None:
    """Each first write of contacts, invoices and payments, and an update, is applied and its answer spoiled."""
    inside.add(50)
    for method, path in FIRST:
        inside.sandbox.faults.add(kind, method=method, path=path, applied=True, index=7)
    inside.work(6)
    update_invoice(invoice=Invoice.objects.first(), reference="later", by=None)
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
    """A forgotten key that is trusted doubles every payment of the batch."""
    monkeypatch.setattr("accounting.sync.batches._key_forgotten", lambda batch: False)
    monkeypatch.setattr("accounting.sync.batches._mark_sent", lambda batch: None)
    inside.add(20)
    inside.work()
    inside.sandbox.faults.add("drop", method="PUT", path="Payments", applied=True)
    Invoice.objects.update()
    inside.add(5)
    inside.work()
    Batch.objects.update(state=BatchState.SENT, first_sent_at=inside.connection.connected_at)
    inside.wait(25 * 3600)
    inside.work(2)
    assert inside.ledger()["doubled"] > 0


LIMITS = ("rate_minute", "rate_day", "rate_app", "rate_concurrent", "maintenance", "organisation_offline")


@pytest.mark.parametrize("retry_after", [None, 0, 40])
@pytest.mark.parametrize("kind", LIMITS)
def test_r05_xero_says_not_now(inside: Inside, tell_row: Tell, kind: str, retry_after: int | None) -> None:
    """Nothing is called before Retry-After, no attempt is burnt, the reason is shown, and then all goes on."""
    inside.add(20)
    inside.sandbox.faults.add(kind, retry_after=retry_after)
    inside.connection.refresh_from_db()
    inside.work()
    waiting = _rest_of(inside)
    calls = len(inside.sandbox.requests())
    inside.wait(max(waiting - 0.7, 0))
    _turn(inside)
    assert len(inside.sandbox.requests()) == calls
    assert {row.attempts for row in Operation.objects.all()} == {0}
    assert Connection.objects.get().resume_reason
    inside.wait(2)
    _turn(inside)
    inside.work(2)
    tell_row("R5", f"{kind}, Retry-After {retry_after}", 1, lost=inside.ledger()["lost"])
    assert inside.wrong() == {}
    if retry_after and kind in ("rate_minute", "rate_day"):
        assert 39 <= waiting <= 41


def _turn(inside: Inside) -> None:
    from accounting.sync.drain import drain  # noqa: PLC0415  (beside its only use)

    drain(inside.connection.pk)


def _rest_of(inside: Inside) -> float:
    from core.clock import database_now  # noqa: PLC0415  (beside its only use)

    resume_at = Connection.objects.get().resume_at
    assert resume_at is not None
    return (resume_at - database_now()).total_seconds()


def test_r05_day_limit_parks_until_it_is_over(inside: Inside) -> None:
    """Five hours are five hours, and nobody is asked in between."""
    inside.add(5)
    inside.sandbox.faults.add("rate_day", retry_after=18_000)
    inside.work()
    calls = len(inside.sandbox.requests())
    for _ in range(4):
        inside.wait(4400)
        _turn(inside)
    assert len(inside.sandbox.requests()) == calls
    inside.wait(500)
    _turn(inside)
    inside.work()
    assert inside.wrong() == {}


def test_r05_maintenance_for_half_an_hour(inside: Inside) -> None:
    """503 to everything for 30 minutes: a few calls a minute at most, and all is there afterwards."""
    inside.add(20)
    inside.sandbox.faults.add("maintenance", times=None)
    for _ in range(60):
        inside.wait(30)
        _turn(inside)
    assert len(inside.sandbox.requests()) <= 35
    inside.sandbox.faults.clear()
    inside.wait(600)
    inside.work(4)
    assert inside.wrong() == {}


def test_r05_other_organisations_go_on(inside: Inside) -> None:
    """One organisation rests; another one's calls are made meanwhile."""
    inside.sandbox.faults.add("rate_day", organisation=inside.connection.tenant_id, times=None)
    inside.add(5)
    inside.work()
    other = make_workspace(name="Other", email="other@example.com")
    with scope(other):
        slug = list(inside.sandbox.store.books.values())[1].organisation.slug
        connection = connect(inside.sandbox, other, slug)  # type: ignore[arg-type]
        choose(connection)
        second = Inside(inside.sandbox, other, connection, inside.rate)  # type: ignore[arg-type]
        second.add(0, customers=3)
        second.work()
        assert Operation.objects.count() == 0
    assert Connection.objects.get().resume_at is not None


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


def test_r15_whole_call_refused_is_halved(inside: Inside) -> None:
    """Xero refuses the whole call because of one: at most 1 + 2 x 6 calls find it, the 49 others are there."""
    inside.add(50, payments=False)
    inside.sandbox.faults.add("reject", match="INV-000017", whole_call=True, message="No.")
    inside.work(3)
    assert [row.error_detail for row in Operation.objects.all()] == ["No."]
    assert len(inside.writes("Invoices")) <= 1 + 2 * 6
    assert inside.ledger()["lost"] == 1


def test_r15_record_that_makes_us_raise_fails_alone(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, tell_row: Tell
) -> None:
    """One record of 50 makes our own code raise: it alone needs a person, and it says so."""
    to_document = InvoiceResource.to_document

    def raising(self: Any, record: Invoice, desk: Any) -> Any:
        if record.number == "INV-000017":
            raise ZeroDivisionError("ours")
        return to_document(self, record, desk)

    monkeypatch.setattr(InvoiceResource, "to_document", raising)
    inside.add(50, payments=False)
    inside.work(2)
    parked = Operation.objects.get()
    tell_row("R15", "one of 50 makes our code raise", 1, lost=inside.ledger()["lost"] - 1)
    assert (parked.state, parked.error_class) == (OpState.FAILED, ErrorClass.INTERNAL)
    assert inside.ledger()["lost"] == 1


def test_r16_seventeen_of_fifty_fail(inside: Inside, tell_row: Tell) -> None:
    """17 of 50 are refused, each with its own reason; the 33 others are done and never sent again."""
    inside.add(50, payments=False)
    for number in range(1, 18):
        inside.sandbox.faults.add("reject", match=f"INV-{number:06d}", message=f"Reason {number}.")
    inside.work(4)
    told = set(Operation.objects.values_list("error_detail", flat=True))
    tell_row("R16", "17 of 50 refused", 17, lost=inside.ledger()["lost"] - 17)
    assert told == {f"Reason {number}." for number in range(1, 18)}
    assert (inside.ledger()["lost"], len(inside.writes("Invoices"))) == (17, 1)
