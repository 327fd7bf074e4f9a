"""R18: the database refuses, and nothing is half done."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError
from django.db import connection as database
from django.test import Client

from accounting.models import Link, Operation
from accounting.providers.xero.signature import sign
from invoices.models import Invoice
from invoices.services import update_invoice
from tests.faults.conftest import LONG, Tell
from tests.faults.inside import Inside, inside, unprotected
from tests.faults.refusing import (
    REFUSALS,
    Refusal,
    commit_refused,
    each_statement,
    elsewhere,
    is_refused,
    statement_timeout,
)
from webhooks import process, views
from webhooks.models import Delivery, DeliveryState, Event

__all__ = ["inside", "unprotected"]
pytestmark = pytest.mark.django_db(transaction=True)
KEY = "tandem-sandbox-webhook-key"
STRIDE = 1 if LONG else 25
"""Of a drain's statements, every so many one is refused; each kind of refusal begins at another."""


# -- webhooks


def _post(number: int) -> int:
    event = {"tenantId": "t", "resourceId": f"{number}", "eventCategory": "INVOICE", "eventType": "UPDATE"}
    body = json.dumps({"events": [event]}).encode()
    client = Client(raise_request_exception=False)
    headers = {"x-xero-signature": sign(body, KEY)}
    return client.post("/webhooks/xero/", body, content_type="application/json", headers=headers).status_code


@pytest.mark.parametrize("name", REFUSALS)
def test_r18_webhook_is_not_answered_before_it_is_kept(name: str, tell_row: Tell) -> None:
    """The statement that keeps it is refused: 500, and Xero sends it again."""
    answers: Counter[int] = Counter()
    with database.execute_wrapper(Refusal(REFUSALS[name], 0)):
        answers[_post(1)] += 1
        answers[_post(1)] += 1
    kept = Delivery.objects.count()
    tell_row("R18", f"{name}: keeping a webhook", 1, lost=answers[200] - kept)
    assert (answers, kept) == ({500: 1, 200: 1}, 1)


def test_r18_webhook_without_a_connection(tell_row: Tell) -> None:
    """Every connection to the database is taken: 500, and 200 once there is one again."""
    with _no_connection_left():
        refused = [_post(number) for number in range(5)]
    answered = [_post(number) for number in range(5)]
    tell_row("R18", "no connection left: keeping webhooks", 5, lost=5 - Delivery.objects.count())
    assert (refused, answered, Delivery.objects.count()) == ([500] * 5, [200] * 5, 5)


@contextmanager
def _no_connection_left() -> Iterator[None]:
    def refuse(parameters: Any) -> Any:
        raise OperationalError("connection failed: FATAL: sorry, too many clients already")

    database.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "get_new_connection", refuse)
        yield


def test_r18_control_answered_without_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that answers 200 whatever happens loses the event for good."""
    receive = views.receive

    def receive_anyhow(**told: Any) -> None:
        with suppress(DatabaseError):
            receive(**told)

    monkeypatch.setattr(views, "receive", receive_anyhow)
    with database.execute_wrapper(Refusal("53100", 0)):
        assert _post(1) == 200
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize("name", REFUSALS)
def test_r18_inbox_goes_on(inside: Inside, tell_row: Tell, name: str) -> None:
    """Whichever statement is refused while the inbox is worked off: it says so, and the next turn does it."""
    posted = 0

    def work() -> None:
        nonlocal posted
        posted += _post(posted) == 200
        process.run()

    surfaced = list(each_statement(REFUSALS[name], work))
    process.run()
    lost = posted - Event.objects.count()
    tell_row("R18", f"{name}: working off the inbox", len(surfaced), lost=lost)
    assert (lost, posted > 0) == (0, True)
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.PROCESSED}


# -- people


@pytest.mark.parametrize("name", REFUSALS)
def test_r18_save_is_whole_or_not_at_all(inside: Inside, tell_row: Tell, name: str) -> None:
    """Whichever statement of a save is refused: either the person is told and nothing is saved, or the row is saved
    and its operation with it (a wake-up that fails afterwards is nobody's concern)."""
    inside.add(1, payments=False)
    inside.work(2)
    invoice, tried = Invoice.objects.get(), 0

    def save() -> None:
        nonlocal tried
        tried += 1
        update_invoice(invoice=invoice, reference=f"PO {tried}", by=None)

    torn = 0
    for surfaced in each_statement(REFUSALS[name], save):
        saved = Invoice.objects.get().reference == f"PO {tried}"
        torn += {saved, Operation.objects.exists()} != {not surfaced}
        Operation.objects.all().delete()
    tell_row("R18", f"{name}: saving an invoice", tried - 1, lost=torn)
    assert torn == 0
    assert tried > 5


# -- drains


def _change_and_add(inside: Inside, reference: str) -> None:
    """An invoice that is in Xero changes, and two with their payments are new."""
    changed = Invoice.objects.filter(pk__in=Link.objects.values("local_id")).first()
    if changed is not None:
        update_invoice(invoice=changed, reference=reference, by=None)
    inside.add(2, customers=1)


def _drain_through(inside: Inside, sqlstate: str, first: int) -> int:
    """New and changed records, a drain in which one statement is refused, and a drain without: for each statement.
    How many were refused."""
    for others in range(first, 10_000, STRIDE):
        _change_and_add(inside, f"round {others}")
        refusal = Refusal(sqlstate, others)
        is_refused(refusal, inside.turn)
        inside.wait(100)
        inside.work_off()
        if not refusal.struck:
            return others // STRIDE
    raise AssertionError("this drain never ends")


@pytest.mark.parametrize("name", REFUSALS)
def test_r18_drain_goes_on(inside: Inside, tell_row: Tell, name: str) -> None:
    """Whichever statement of a drain is refused: the next one finishes its work, nothing lost, nothing doubled."""
    first = list(REFUSALS).index(name) * STRIDE // len(REFUSALS)
    times = _drain_through(inside, REFUSALS[name], first)
    found = inside.ledger()
    tell_row("R18", f"{name}: in a drain", times, lost=found["lost"], doubled=found["doubled"])
    assert inside.wrong() == {}, found["words"]
    assert times * STRIDE > 100


def test_r18_commit_is_refused_in_a_drain(inside: Inside, tell_row: Tell) -> None:
    """Whichever commit of a drain comes to nothing, nothing is lost and nothing doubled."""
    for others in range(1000):
        _change_and_add(inside, f"round {others}")
        with commit_refused(others) as refused, suppress(OperationalError):
            inside.turn()
        inside.wait(100)
        inside.work_off()
        if not refused:
            break
    found = inside.ledger()
    tell_row("R18", "commit refused: in a drain", others, lost=found["lost"], doubled=found["doubled"])
    assert inside.wrong() == {}, found["words"]
    assert others > 5


def test_r18_commit_is_refused_in_a_save(inside: Inside, tell_row: Tell) -> None:
    """The person is told, and nothing is saved."""
    inside.add(1, payments=False)
    inside.work(2)
    with commit_refused(0), pytest.raises(OperationalError):
        update_invoice(invoice=Invoice.objects.get(), reference="PO 7", by=None)
    tell_row("R18", "commit refused: saving an invoice", 1, lost=Operation.objects.count())
    assert (Invoice.objects.get().reference, Operation.objects.count()) == ("", 0)


def test_r18_drain_meets_a_locked_row(inside: Inside, tell_row: Tell) -> None:
    """Somebody else holds a lock for longer than the server's own statement timeout: nothing is done, then all."""
    inside.add(5, customers=2)
    with elsewhere() as cursor:
        cursor.execute("SELECT 1 FROM accounting_connection FOR UPDATE")
        with statement_timeout(50), pytest.raises(OperationalError, match="statement timeout"):
            inside.turn()
    assert inside.sandbox.requests() == []
    inside.work_off()
    tell_row("R18", "a lock held beyond statement_timeout", 1, lost=inside.ledger()["lost"])
    assert inside.wrong() == {}


def test_r18_control_finished_before_committed(inside: Inside, unprotected: Callable[[str], None]) -> None:
    """Operations that are finished before the call is made are lost with the statement that is refused."""
    unprotected("mark_then_call")
    inside.add(2, customers=1)
    noted = 'INSERT INTO "accounting_operation"'  # by the control alone, when it has its answer
    assert not is_refused(Refusal("53100", 2, noted), inside.turn)
    inside.wait(100)
    inside.work(3)
    assert inside.ledger()["unlinked"] == 2
