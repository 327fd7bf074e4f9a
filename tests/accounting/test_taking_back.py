"""A decision is taken back until it is sent: everything is as it was, and it can be decided otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounting.enums import Blocker, ConflictState, EventKind, LinkState, OpState, Resolution
from accounting.models import Conflict, Connection, Operation, SyncEvent
from accounting.resources.rows import rows_of
from accounting.sync import taking_back
from accounting.sync.resolve import resolve
from accounting.sync.taking_back import CannotTakeBack, take_back
from accounting.sync.together import choices_of
from catalogue.models import TaxRate
from invoices.services import update_invoice
from tests.accounting.apart import CONTACT, ENDED, KINDS, Apart, linked_customer, linked_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.sampling import mostly_long
from workspaces.models import AuditEntry, User
from xero_sandbox.handle import Handle

CHOICES = (Resolution.KEEP_OURS, Resolution.TAKE_THEIRS, Resolution.MERGE)


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def apart(connected: Connection, bookkeeper: Bookkeeper, sync: Callable[[], None], gst: TaxRate) -> Apart:
    return linked_invoice(connected, bookkeeper, sync, gst)


@pytest.fixture
def contact(connected: Connection, bookkeeper: Bookkeeper, sync: Callable[[], None]) -> Apart:
    return linked_customer(connected, bookkeeper, sync, make_customer(connected.workspace, city="Nelson"))


def _world(apart: Apart, conflict: Conflict) -> dict[str, Any]:
    """All that a decision changes, but for a counter that only goes on."""
    rows = rows_of(apart.kind, apart.record.pk)
    told: list[Any] = [
        {name: value for name, value in row.items() if name != "revision"}
        for label in rows
        for row in rows[label]
    ]
    link = {name: getattr(apart.link, name) for name in taking_back.AGREED}
    row = Conflict.objects.values().get(pk=conflict.pk)
    row.pop("updated_at")
    (push,) = Operation.objects.filter(local_id=apart.record.pk)
    return {"record": told, "link": link, "conflict": row, "push": (push.state, push.blocker, push.change)}


def _decide(conflict: Conflict, choice: Resolution, by: User) -> None:
    picks: Any = {name: ("ours", "theirs")[at % 2] for at, name in enumerate(choices_of(conflict))}
    resolve(conflict=conflict, choice=choice, picks=picks, seen=conflict.version, by=by)


WAYS = [(kind, choice) for kind in (*KINDS, *ENDED) for choice in CHOICES]
WAYS = [way for way in WAYS if way not in ((kind, Resolution.MERGE) for kind in ENDED)]
WAYS.remove(("voided there", Resolution.KEEP_OURS))  # Xero would not take it
QUICK = [("line deleted", Resolution.TAKE_THEIRS), ("line count", Resolution.MERGE)]


@pytest.mark.parametrize("way", mostly_long(WAYS, quick=QUICK))
def test_decision_that_is_taken_back_leaves_everything_as_it_was(
    apart: Apart, super_user: User, way: tuple[str, Resolution]
) -> None:
    kind, choice = way
    conflict = apart.open(*{**KINDS, **ENDED}[kind])
    before = _world(apart, conflict)
    _decide(conflict, choice, super_user)
    decided = Conflict.objects.get(pk=conflict.pk)
    assert decided.state == ConflictState.RESOLVED
    take_back(conflict=decided, by=super_user)
    assert _world(apart, conflict) == before
    assert apart.link.state == LinkState.OUT_OF_SYNC
    apart.sync()
    assert Operation.objects.get().blocker == Blocker.CONFLICT
    told = SyncEvent.objects.filter(event=EventKind.DECIDED).latest("pk")
    assert (told.actor, "Taken back" in told.message) == (super_user, True)


@pytest.mark.parametrize("choice", mostly_long(CHOICES, quick=()))
def test_decision_about_a_contact_is_taken_back(contact: Apart, super_user: User, choice: Resolution) -> None:
    conflict = contact.open(*CONTACT)
    before = _world(contact, conflict)
    _decide(conflict, choice, super_user)
    take_back(conflict=Conflict.objects.get(), by=super_user)
    assert _world(contact, conflict) == before


def test_what_was_written_here_is_told_in_the_record_s_own_history(apart: Apart, super_user: User) -> None:
    _decide(apart.open(*KINDS["total"]), Resolution.TAKE_THEIRS, super_user)
    take_back(conflict=Conflict.objects.get(), by=super_user)
    assert AuditEntry.objects.get(action="invoice.put_back").actor == super_user


@pytest.mark.parametrize("after", mostly_long(CHOICES[:2], quick=(Resolution.TAKE_THEIRS,)))
def test_taken_back_it_is_decided_otherwise(apart: Apart, super_user: User, after: Resolution) -> None:
    conflict = apart.open(*KINDS["total"])
    first = Resolution.KEEP_OURS if after == Resolution.TAKE_THEIRS else Resolution.TAKE_THEIRS
    _decide(conflict, first, super_user)
    take_back(conflict=Conflict.objects.get(), by=super_user)
    wanted = conflict.theirs if after == Resolution.TAKE_THEIRS else conflict.ours
    _decide(Conflict.objects.get(), after, super_user)
    apart.sync()
    apart.hear()
    assert apart.here() == apart.there()
    assert (apart.here()["total"], Operation.objects.count()) == (wanted["total"], 0)


@pytest.mark.parametrize("state", mostly_long([OpState.IN_FLIGHT, OpState.UNCERTAIN], quick=()))
def test_what_is_on_its_way_is_not_taken_back(
    apart: Apart, super_user: User, state: OpState, monkeypatch: pytest.MonkeyPatch
) -> None:
    _decide(apart.open(*KINDS["total"]), Resolution.KEEP_OURS, super_user)
    monkeypatch.setattr(taking_back, "FLYING_STATES", (OpState.PENDING,))
    with pytest.raises(CannotTakeBack, match="on its way"):
        take_back(conflict=Conflict.objects.get(), by=super_user)


@pytest.mark.parametrize("choice", mostly_long(CHOICES, quick=(Resolution.KEEP_OURS,)))
def test_what_was_sent_is_not_taken_back(apart: Apart, super_user: User, choice: Resolution) -> None:
    conflict = apart.open(*KINDS["line content"])
    _decide(conflict, choice, super_user)
    apart.sync()
    decided = Conflict.objects.get()
    if choice == Resolution.TAKE_THEIRS:  # nothing of it was to be sent
        take_back(conflict=decided, by=super_user)
        return
    there = apart.there()
    with pytest.raises(CannotTakeBack, match="It was sent to Xero"):
        take_back(conflict=decided, by=super_user)
    apart.sync()
    assert (apart.there(), Conflict.objects.get().state) == (there, ConflictState.RESOLVED)


@pytest.mark.long
def test_what_was_edited_since_is_not_taken_back(apart: Apart, super_user: User) -> None:
    _decide(apart.open(*KINDS["total"]), Resolution.TAKE_THEIRS, super_user)
    update_invoice(invoice=apart.record, reference="later", by=None)
    with pytest.raises(CannotTakeBack, match="has changed since"):
        take_back(conflict=Conflict.objects.get(), by=super_user)
    apart.record.refresh_from_db()
    assert apart.record.reference == "later"


def test_what_is_taken_back_already_waits(apart: Apart, super_user: User) -> None:
    _decide(apart.open(*KINDS["dates"]), Resolution.KEEP_OURS, super_user)
    conflict = Conflict.objects.get()
    take_back(conflict=conflict, by=super_user)
    with pytest.raises(CannotTakeBack, match="waits for a decision again"):
        take_back(conflict=conflict, by=super_user)


def test_an_open_conflict_remembers_no_decision(apart: Apart) -> None:
    conflict = apart.open(*KINDS["dates"])
    with pytest.raises(IntegrityError, match="open_remembers_nothing"), transaction.atomic():
        Conflict.objects.filter(pk=conflict.pk).update(memory={"before": {}})
