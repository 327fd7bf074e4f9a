"""A conflict of each kind, settled in every way there is: both sides end equal to the cent, and it does not come back
by itself, whoever looks again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounting.enums import ConflictState, Kind, LinkState, Resolution
from accounting.models import Conflict, Connection, Mapping, Operation
from accounting.sync import statement as statements
from accounting.sync.reconcile import reconcile
from accounting.sync.resolve import resolve
from accounting.sync.resolve_many import resolve_many
from accounting.sync.taking_back import take_back
from accounting.sync.together import choices_of
from catalogue.models import TaxRate
from customers.models import Customer
from invoices.services import reopen_invoice, update_invoice
from tests.accounting.apart import CONTACT, KINDS, Apart, linked_customer, linked_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from tests.sampling import mostly_long
from workspaces.models import User
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
Way = Callable[[Conflict, User], None]
KEEP, TAKE = Resolution.KEEP_OURS, Resolution.TAKE_THEIRS


def _whole(choice: Resolution) -> Way:
    return lambda conflict, by: resolve(conflict=conflict, choice=choice, seen=conflict.version, by=by)


def _by_picks(first: str, second: str) -> Way:
    def settle(conflict: Conflict, by: User) -> None:
        """Where nothing can be picked, the first side stands as a whole."""
        picks: Any = {name: (first, second)[at % 2] for at, name in enumerate(choices_of(conflict))}
        choice = Resolution.MERGE if picks else (KEEP if first == "ours" else TAKE)
        resolve(conflict=conflict, choice=choice, picks=picks, seen=conflict.version, by=by)

    return settle


def _in_bulk(choice: Resolution) -> Way:
    def settle(conflict: Conflict, by: User) -> None:
        outcomes = resolve_many(answers=[(conflict, conflict.version)], choice=choice, by=by)
        assert outcomes.settled == [conflict]

    return settle


def _taken_back(first: Way, then: Way) -> Way:
    def settle(conflict: Conflict, by: User) -> None:
        first(conflict, by)
        take_back(conflict=Conflict.objects.get(pk=conflict.pk), by=by)
        then(Conflict.objects.get(pk=conflict.pk), by)

    return settle


WAYS: dict[str, Way] = {
    "keep": _whole(KEEP),
    "take": _whole(TAKE),
    "picks": _by_picks("ours", "theirs"),
    "other picks": _by_picks("theirs", "ours"),
    "bulk keep": _in_bulk(KEEP),
    "bulk take": _in_bulk(TAKE),
    "kept, taken back, taken": _taken_back(_whole(KEEP), _whole(TAKE)),
    "taken, taken back, kept": _taken_back(_whole(TAKE), _whole(KEEP)),
    "picked, taken back, picked otherwise": _taken_back(
        _by_picks("ours", "theirs"), _by_picks("theirs", "ours")
    ),
    "bulk, taken back, picked": _taken_back(_in_bulk(TAKE), _by_picks("ours", "theirs")),
}

STANDS = {
    "keep": "ours",
    "take": "theirs",
    "bulk keep": "ours",
    "bulk take": "theirs",
    "kept, taken back, taken": "theirs",
    "taken, taken back, kept": "ours",
}
"""By the way, whose version stands at the end as a whole; the others put both together."""


def _moved_here(apart: Apart) -> None:
    """To another customer, and due otherwise."""
    other = Customer.objects.exclude(pk=apart.record.customer_id).order_by("pk")[0]
    reopen_invoice(invoice=apart.record, by=None)
    update_invoice(invoice=apart.record, customer=other, by=None, approve=True)


def _moved_there(apart: Apart) -> None:
    """To a third one."""
    third = Customer.objects.exclude(pk=apart.record.customer_id).order_by("pk")[1]
    link = apart.connection.links.get(local_id=third.pk)
    apart.bookkeeper.change_invoice(apart.link.remote_id, Contact={"ContactID": link.remote_id})


def _approved_here(apart: Apart) -> None:
    update_invoice(invoice=apart.record, due_date=dt.date(2026, 4, 1), by=None, approve=True)


def _submitted_there(apart: Apart) -> None:
    apart.bookkeeper.change_invoice(apart.link.remote_id, Status="SUBMITTED", DueDate="2026-05-01")


MOVED = (_moved_here, _moved_there)
INVOICES = {**KINDS, "contact": MOVED}
QUICK = [("two at once", "bulk, taken back, picked")]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def apart(connected: Connection, bookkeeper: Bookkeeper, sync: Sync, gst: TaxRate) -> Apart:
    return linked_invoice(connected, bookkeeper, sync, gst)


def _everybody_looks_again(apart: Apart) -> None:
    apart.sync()
    apart.hear()
    Connection.objects.update(resume_at=None)
    assert reconcile(apart.connection.pk)
    apart.sync()
    apart.hear()


def _settle_for_good(apart: Apart, conflict: Conflict, way: str, by: User) -> None:
    said = {"ours": apart.here(), "theirs": apart.there()}
    WAYS[way](conflict, by)
    _is_settled_for_good(apart)
    if side := STANDS.get(way):
        assert apart.here() == said[side]


def _is_settled_for_good(apart: Apart) -> None:
    _everybody_looks_again(apart)
    assert apart.here() == apart.there()
    (conflict,) = Conflict.objects.all()
    assert conflict.state == ConflictState.RESOLVED
    assert (Operation.objects.count(), apart.link.state) == (0, LinkState.ACTIVE)
    made = statements.make(connection=apart.connection)
    assert (made.apart, made.waiting) == (0, 0)
    for line in made.lines:
        assert line["ours"] == line["theirs"]


@pytest.mark.parametrize("case", mostly_long([(kind, way) for kind in INVOICES for way in WAYS], quick=QUICK))
def test_settled_conflict_stays_settled(
    apart: Apart, super_user: User, case: tuple[str, str], sync: Sync
) -> None:
    kind, way = case
    if kind == "contact":
        for name in ("Second", "Third"):
            make_customer(apart.connection.workspace, name=name)
        sync()
    _settle_for_good(apart, apart.open(*INVOICES[kind]), way, super_user)


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
def test_settled_conflict_of_a_contact_stays_settled(
    connected: Connection, bookkeeper: Bookkeeper, sync: Sync, super_user: User, way: str
) -> None:
    contact = linked_customer(connected, bookkeeper, sync, make_customer(connected.workspace, city="Nelson"))
    _settle_for_good(contact, contact.open(*CONTACT), way, super_user)


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
def test_settled_conflict_of_a_status_stays_settled(
    connected: Connection, bookkeeper: Bookkeeper, sync: Sync, gst: TaxRate, super_user: User, way: str
) -> None:
    """A draft that was approved and changed here, and submitted and changed there."""
    Mapping.objects.update(invoice_status="with_status")
    draft = make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)])
    sync()
    apart = Apart(connected, bookkeeper, sync, draft, Kind.INVOICE)
    _settle_for_good(apart, apart.open(_approved_here, _submitted_there), way, super_user)
