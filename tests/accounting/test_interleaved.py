"""An edit that is committed while Xero's change is applied, or a conflict settled, is never lost, whichever statement
it comes before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from msgspec.structs import replace

from accounting.enums import Change, ConflictState, Kind, OpState, Resolution
from accounting.models import Batch, Conflict, Connection, Link, Operation
from accounting.port.documents import Document
from accounting.port.exchange import PushResult, RemoteRecord
from accounting.port.provider import Books
from accounting.port.snapshots import dump, load
from accounting.providers.registry import get_books
from accounting.resources.desk import open_desk
from accounting.resources.registry import get_resource
from accounting.sync import due, freeze, plan, settle
from accounting.sync.apply import apply
from accounting.sync.decide import Outcome
from accounting.sync.resolve import ConflictMoved, look_again, resolve
from accounting.sync.taking_back import CannotTakeBack, take_back
from customers.models import Customer
from customers.services import update_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import update_invoice
from tests.accounting.interleave import meanwhile
from tests.factories.accounting import make_connection, map_rate
from tests.factories.catalogue import make_tax_rate
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User, Workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

OURS, THEIRS = dt.date(2026, 4, 1), dt.date(2026, 5, 1)
Step = Callable[[Connection, Kind, Any, RemoteRecord], object]


@pytest.fixture
def connection(in_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Connection:
    monkeypatch.setattr("accounting.wakeup.kick", lambda **names: None)
    return make_connection(in_workspace)


def _linked(connection: Connection, kind: Kind, record: Any) -> Link:
    """In step with Xero, as it is now."""
    resource, desk = get_resource(kind), open_desk(connection)
    for need_kind, local_id in resource.needs(record):
        desk.load_links(need_kind, [local_id])
    document = resource.to_document(resource.load([record.pk])[record.pk], desk)
    if kind == Kind.INVOICE:
        lines = [replace(line, remote_id=f"line-{line.ref}") for line in document.lines]
        document = replace(document, lines=tuple(lines), state="authorised")
    Operation.objects.filter(local_id=record.pk).delete()
    return Link.objects.create(
        workspace_id=connection.workspace_id,
        connection=connection,
        kind=kind,
        local_id=record.pk,
        remote_id=f"there-{record.pk}"[:64],
        remote_version=timezone.now(),
        base=dump(document),
    )


def _changed_there(link: Link, **values: Any) -> RemoteRecord:
    document: Document = replace(load(link.kind, link.base), **values)
    return RemoteRecord(link.kind, link.remote_id, link.remote_version + dt.timedelta(minutes=1), document)


def _invoice(connection: Connection) -> tuple[Kind, Invoice]:
    rate = make_tax_rate(connection.workspace)
    map_rate(connection, rate)
    customer = make_customer(connection.workspace)
    _linked(connection, Kind.CUSTOMER, customer)
    lines = [make_line(tax_rate=rate)]
    made = make_invoice(connection.workspace, customer=customer, status=InvoiceStatus.APPROVED, lines=lines)
    return Kind.INVOICE, made


def _customer(connection: Connection) -> tuple[Kind, Customer]:
    return Kind.CUSTOMER, make_customer(connection.workspace, city="Nelson")


def _edit(record: Any) -> Callable[[], object]:
    if isinstance(record, Invoice):
        return lambda: update_invoice(invoice=record, due_date=OURS, by=None)
    return lambda: update_customer(customer=record, city="Ours", by=None)


def _is_kept(record: Any) -> bool:
    record.refresh_from_db()
    return bool(record.due_date == OURS if isinstance(record, Invoice) else record.city == "Ours")


def _theirs(link: Link) -> RemoteRecord:
    return _changed_there(link, **({"due_date": THEIRS} if link.kind == Kind.INVOICE else {"city": "Theirs"}))


@pytest.mark.parametrize("make", [_invoice, _customer])
def test_edit_while_a_change_of_theirs_is_applied_is_kept(
    connection: Connection, make: Callable[[Connection], tuple[Kind, Any]]
) -> None:
    lost = []
    for at in count():
        kind, record = make(connection)
        theirs = _theirs(_linked(connection, kind, record))
        with meanwhile(connection.workspace, at, _edit(record)) as other:
            apply(connection, theirs, open_desk(connection))
        if not other.began:
            break
        assert other.raised is None
        if not _is_kept(record) or not Operation.objects.filter(local_id=record.pk).exists():
            lost.append(at)
    assert (lost, at > 10) == ([], True)


def _conflict(connection: Connection, make: Callable[[Connection], tuple[Kind, Any]]) -> tuple[Any, Conflict]:
    """Both sides changed the same field."""
    kind, record = make(connection)
    theirs = _theirs(_linked(connection, kind, record))
    if isinstance(record, Invoice):
        update_invoice(invoice=record, due_date=OURS - dt.timedelta(days=3), by=None)
    else:
        update_customer(customer=record, city="Ours before", by=None)
    assert apply(connection, theirs, open_desk(connection)) == Outcome.CONFLICT
    return record, Conflict.objects.get(local_id=record.pk)


@pytest.mark.parametrize("choice", [Resolution.TAKE_THEIRS, Resolution.KEEP_OURS])
@pytest.mark.parametrize("make", [_invoice, _customer])
def test_edit_while_a_conflict_is_settled_is_kept(
    connection: Connection,
    make: Callable[[Connection], tuple[Kind, Any]],
    choice: Resolution,
    super_user: User,
) -> None:
    """It comes before, and then nobody has seen it; or after, on top of what was decided."""
    lost, came_first = [], []
    for at in count():
        record, conflict = _conflict(connection, make)
        with meanwhile(connection.workspace, at, _edit(record)) as other:
            try:
                resolve(conflict=conflict, choice=choice, seen=conflict.version, by=super_user)
            except ConflictMoved:
                came_first.append(at)
        if not other.began:
            break
        assert other.raised is None
        if not _is_kept(record) or not Operation.objects.filter(local_id=record.pk).exists():
            lost.append(at)
    assert (lost, bool(came_first), at > 10) == ([], True, True)


@pytest.mark.parametrize("make", [_invoice, _customer])
def test_edit_while_ours_is_found_made_equal_by_hand_is_kept(
    connection: Connection, make: Callable[[Connection], tuple[Kind, Any]]
) -> None:
    for at in count():
        record, conflict = _conflict(connection, make)
        if isinstance(record, Invoice):
            update_invoice(invoice=record, due_date=THEIRS, by=None)
        else:
            update_customer(customer=record, city="Theirs", by=None)
        with meanwhile(connection.workspace, at, _edit(record)) as other:
            look_again(conflict.link, open_desk(connection))
        if not other.began:
            break
        assert other.raised is None
        assert _is_kept(record)
        waiting = Operation.objects.get(local_id=record.pk)
        conflict.refresh_from_db()
        assert waiting.state == OpState.PENDING
        assert conflict.state in (ConflictState.OPEN, ConflictState.RESOLVED)
    assert at > 5


def _unsent(connection: Connection) -> tuple[Invoice, Books, list[plan.Plan]]:
    """An invoice that a worker is about to send for the first time."""
    _, invoice = _invoice(connection)
    desk, books = open_desk(connection), get_books(connection, "access")
    planned = plan.plan_next(connection, desk, due.Queue(connection).look()).first()
    assert planned is not None
    return invoice, books, [plan for plan in planned[1] if plan.operation.local_id == invoice.pk]


def _delete(invoice: Invoice) -> None:
    with transaction.atomic():
        Invoice.objects.get(pk=invoice.pk).delete()


def _waits_for_removal(invoice: Invoice) -> bool:
    return Operation.objects.filter(local_id=invoice.pk, state=OpState.PENDING, change=Change.REMOVE).exists()


def test_record_that_is_sent_while_it_is_deleted_is_removed_there(connection: Connection) -> None:
    """A worker stores its write before the delete's statements, or finds nothing to send."""
    outcomes = set()
    for at in count():
        invoice, books, plans = _unsent(connection)
        with meanwhile(
            connection.workspace,
            at,
            partial(freeze.freeze, connection, books, Kind.INVOICE, "create", plans),
        ) as other:
            _delete(invoice)
        if not other.began:
            break
        assert other.raised is None
        is_sent = Operation.objects.filter(local_id=invoice.pk, state=OpState.IN_FLIGHT).exists()
        assert (at, _waits_for_removal(invoice)) == (at, is_sent)
        outcomes.add(is_sent)
        Batch.objects.update(items=[])
        Operation.objects.all().delete()
        Batch.objects.all().delete()
    assert outcomes == {True, False}


def test_record_whose_sending_ends_while_it_is_deleted_is_removed_there(connection: Connection) -> None:
    for at in count():
        invoice, books, plans = _unsent(connection)
        batch = freeze.freeze(connection, books, Kind.INVOICE, "create", plans)
        assert batch is not None
        document = replace(plans[0].document, state="authorised")
        there = RemoteRecord(Kind.INVOICE, f"there-{invoice.pk}"[:64], timezone.now(), document)
        answer = [(batch.items[0], PushResult(record=there))]
        with meanwhile(connection.workspace, at, partial(settle.settle, connection, batch, answer)) as other:
            _delete(invoice)
        if not other.began:
            break
        assert other.raised is None
        assert Link.objects.filter(local_id=invoice.pk).exists()
        assert (at, _waits_for_removal(invoice)) == (at, True)
        Operation.objects.all().delete()
    assert at > 5


def _decided(
    connection: Connection, make: Callable[[Connection], tuple[Kind, Any]], by: User
) -> tuple[Conflict, partial[Batch | None]]:
    """Ours was kept, and a worker is about to store the write of it."""
    record, conflict = _conflict(connection, make)
    resolve(conflict=conflict, choice=Resolution.KEEP_OURS, seen=conflict.version, by=by)
    desk, books = open_desk(connection), get_books(connection, "access")
    heads = [head for head in due.Queue(connection).look() if head.kind == conflict.kind]
    planned = plan.plan_next(connection, desk, heads).first()
    assert planned is not None
    mine = [plan for plan in planned[1] if plan.operation.local_id == record.pk]
    return Conflict.objects.get(pk=conflict.pk), partial(
        freeze.freeze, connection, books, conflict.kind, "update", mine
    )


@pytest.mark.parametrize("make", [_invoice, _customer])
def test_decision_that_is_taken_back_while_it_is_sent_is_one_or_the_other(
    connection: Connection, make: Callable[[Connection], tuple[Kind, Any]], super_user: User
) -> None:
    outcomes = set()
    for at in count():
        conflict, send = _decided(connection, make, super_user)
        is_late = False
        with meanwhile(connection.workspace, at, send) as other:
            try:
                take_back(conflict=conflict, by=super_user)
            except CannotTakeBack:
                is_late = True
        if not other.began:
            break
        assert other.raised is None
        conflict.refresh_from_db()
        is_sent = Operation.objects.filter(local_id=conflict.local_id, state=OpState.IN_FLIGHT).exists()
        assert (at, is_late, conflict.state == ConflictState.RESOLVED) == (at, is_sent, is_sent)
        outcomes.add(is_sent)
        Operation.objects.all().delete()
        Batch.objects.all().delete()
    assert outcomes == {True, False}


def test_write_that_was_planned_before_the_decision_was_changed_is_not_stored(
    connection: Connection, super_user: User
) -> None:
    """The push waits, is let go on by the other decision, and says nothing of the first one."""
    conflict, send = _decided(connection, _invoice, super_user)
    take_back(conflict=conflict, by=super_user)
    conflict = Conflict.objects.get(pk=conflict.pk)
    resolve(conflict=conflict, choice=Resolution.TAKE_THEIRS, seen=conflict.version, by=super_user)
    assert Operation.objects.get(local_id=conflict.local_id).state == OpState.PENDING
    assert send() is None
