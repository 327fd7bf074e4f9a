"""What Xero is known to refuse is said where the choice is made, and settles nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounting.enums import ConflictState, LockedPeriod, OpState, Resolution
from accounting.models import Conflict, Connection, Mapping, Operation
from accounting.sync import together
from accounting.sync.keeping import Prospect, prospects_of
from accounting.sync.resolve import CannotResolve, rehearse, resolve
from accounting.sync.together import choices_of
from catalogue.models import TaxRate
from customers.services import update_customer
from invoices.services import reopen_invoice, update_invoice, void_invoice
from tests.accounting.apart import KINDS, Apart, linked_customer, linked_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.pages import notices, url, words
from tests.factories.customers import make_customer
from tests.sampling import mostly_long
from workspaces.models import User, Workspace
from xero_sandbox.handle import Handle

Change = Callable[[Apart], object]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def apart(connected: Connection, bookkeeper: Bookkeeper, sync: Callable[[], None], gst: TaxRate) -> Apart:
    return linked_invoice(connected, bookkeeper, sync, gst)


@pytest.fixture
def contact(connected: Connection, bookkeeper: Bookkeeper, sync: Callable[[], None]) -> Apart:
    return linked_customer(connected, bookkeeper, sync, make_customer(connected.workspace, city="Nelson"))


def _due(apart: Apart) -> None:
    update_invoice(invoice=apart.record, due_date=dt.date(2026, 4, 1), by=None)


def _price(apart: Apart) -> None:
    KINDS["total"][0](apart)


def _reopen(apart: Apart) -> None:
    reopen_invoice(invoice=apart.record, by=None)
    _due(apart)


def _void(apart: Apart) -> None:
    void_invoice(invoice=apart.record, by=None)


def _there(**fields: Any) -> Change:
    return lambda apart: apart.bookkeeper.change_invoice(apart.link.remote_id, **fields)


def _paid(amount: float, **fields: Any) -> Change:
    def pay(apart: Apart) -> None:
        apart.bookkeeper.change_invoice(apart.link.remote_id, **fields)
        apart.bookkeeper.pay(apart.link.remote_id, amount)

    return pay


DUE_THERE = {"DueDate": "2026-05-01"}
REFUSED: dict[str, tuple[Change, Change, str]] = {
    "voided": (_due, _there(Status="VOIDED"), "a voided invoice cannot be changed"),
    "paid": (_price, _paid(137.99, **DUE_THERE), "a payment or credit on this invoice"),
    "paid in part": (_price, _paid(10, **DUE_THERE), "a payment or credit on this invoice"),
}


def _prospect(conflict: Conflict) -> Prospect:
    (told,) = prospects_of([conflict]).values()
    return told


def _keep(conflict: Conflict, by: User) -> None:
    resolve(conflict=conflict, choice=Resolution.KEEP_OURS, seen=conflict.version, by=by)


def _refuses(conflict: Conflict, by: User, words: str) -> None:
    assert words in _prospect(conflict).refused
    before = list(Operation.objects.order_by("pk").values())
    with pytest.raises(CannotResolve, match=words):
        _keep(conflict, by)
    conflict.refresh_from_db()
    assert (conflict.state, list(Operation.objects.order_by("pk").values())) == (ConflictState.OPEN, before)


@pytest.mark.parametrize("case", mostly_long(REFUSED, quick=("voided", "paid in part")))
def test_ours_that_xero_would_refuse_is_not_kept(apart: Apart, super_user: User, case: str) -> None:
    ours, theirs, words = REFUSED[case]
    conflict = apart.open(ours, theirs)
    _refuses(conflict, super_user, words)


@pytest.mark.long
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_called_refused_is_refused_by_xero(
    apart: Apart, super_user: User, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "refuse_what_xero_would", lambda *asked: None)
    ours, theirs, _ = REFUSED[case]
    _keep(apart.open(ours, theirs), super_user)
    apart.sync()
    assert Operation.objects.filter(state=OpState.FAILED).exists()


def test_void_of_what_has_credit_there_is_not_kept(apart: Apart, super_user: User, sandbox: Handle) -> None:
    _void(apart)
    _there(**DUE_THERE)(apart)
    sandbox.apply_credit(apart.link.remote_id, Decimal(15))
    apart.hear()
    _refuses(Conflict.objects.get(), super_user, "cannot be voided there")


def test_what_xero_takes_of_a_paid_invoice_is_kept(apart: Apart, super_user: User) -> None:
    conflict = apart.open(_due, _paid(137.99, **DUE_THERE))
    assert _prospect(conflict) == Prospect()
    _keep(conflict, super_user)
    apart.sync()
    assert (apart.there()["due_date"], Operation.objects.count()) == ("2026-04-01", 0)


def test_picks_that_xero_would_refuse_are_told_in_the_rehearsal(apart: Apart) -> None:
    conflict = apart.open(*(KINDS["line content"][0], _paid(10, **DUE_THERE)))
    quantity = next(name for name in choices_of(conflict) if name.endswith("quantity"))
    picks: dict[str, Any] = {name: "theirs" for name in choices_of(conflict)} | {quantity: "ours"}
    with pytest.raises(CannotResolve, match="a payment or credit"):
        rehearse(conflict=conflict, picks=picks, seen=conflict.version)


@pytest.mark.parametrize("rule", mostly_long(LockedPeriod, quick=("block",)))
def test_ours_in_a_locked_period_is_refused_or_waits(
    apart: Apart, connected: Connection, super_user: User, rule: LockedPeriod
) -> None:
    Mapping.objects.update(locked_period=rule)
    conflict = apart.open(_due, _there(**DUE_THERE))
    Connection.objects.update(period_lock_date=dt.date(2026, 3, 31))
    conflict = Conflict.objects.select_related("connection", "link__connection").get()
    if rule == LockedPeriod.PARK:
        assert "waits" not in _prospect(conflict).refused
        assert "Its period is locked in Xero" in _prospect(conflict).held
        _keep(conflict, super_user)
    else:
        _refuses(conflict, super_user, "Xero's books are locked up to 31 Mar 2026")


def test_draft_of_what_was_approved_there_is_kept_and_waits(apart: Apart, super_user: User) -> None:
    """Xero takes no step back: it goes there once it is approved again."""
    conflict = apart.open(_reopen, _there(**DUE_THERE))
    assert _prospect(conflict).held == "Held here until it is approved again."
    _keep(conflict, super_user)
    apart.sync()
    assert not Operation.objects.filter(state=OpState.FAILED).exists()


def _archived_there(apart: Apart) -> None:
    city = [{"AddressType": "POBOX", "City": "Theirs"}]
    apart.bookkeeper.change_contact(apart.link.remote_id, Addresses=city)
    apart.bookkeeper.change_contact(apart.link.remote_id, ContactStatus="ARCHIVED")


def test_contact_that_was_archived_there_is_not_overwritten(contact: Apart, super_user: User) -> None:
    conflict = contact.open(
        lambda apart: update_customer(customer=apart.record, by=None, city="Ours"),
        _archived_there,
    )
    _refuses(conflict, super_user, "The contact is archived in Xero. Restore it there")


def test_page_says_why_ours_cannot_be_kept_and_offers_what_works(
    apart: Apart, super_client: Client, workspace: Workspace
) -> None:
    conflict = apart.open(_due, _there(Status="VOIDED"))
    page = url("conflict", workspace, conflict.pk)
    response = super_client.get(page, {"choice": "keep_ours", "seen": 1})
    text = words(response)
    assert "Tandem's version cannot be kept In Xero this invoice was voided" in text
    assert url("pair", workspace, "invoice", apart.record.pk) in response.content.decode()
    assert ("Send ours to Xero" in text, 'value="keep_ours"' in response.content.decode()) == (False, False)
    told = notices(super_client.post(page, {"choice": "keep_ours", "seen": 1}, follow=True))
    assert told[0].startswith("This could not be done: In Xero this invoice was voided")


def test_several_leave_out_and_name_what_cannot_be_kept(
    apart: Apart, super_client: Client, workspace: Workspace
) -> None:
    conflict = apart.open(_due, _there(Status="VOIDED"))
    form = {"choice": "keep_ours", "chosen": [f"{conflict.pk}:1"]}
    text = words(super_client.get(url("decide_many", workspace), form))
    assert f"Ours cannot be kept for 1: it stays as it is Invoice {apart.record.number}: In Xero" in text
    assert "Send ours to Xero" not in text


def test_page_says_that_a_kept_draft_waits(apart: Apart, super_client: Client, workspace: Workspace) -> None:
    conflict = apart.open(_reopen, _there(**DUE_THERE))
    page = url("conflict", workspace, conflict.pk)
    assert "This is kept here" in words(super_client.get(page, {"choice": "keep_ours", "seen": 1}))
    told = notices(super_client.post(page, {"choice": "keep_ours", "seen": 1}, follow=True))
    assert told == ["Settled. Tandem's version was kept. Held here until it is approved again. Take it back"]
