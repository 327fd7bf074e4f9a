"""The regular check goes on page by page, loses nothing at a page's border, and is in nobody's way."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounting import wakeup
from accounting.enums import Kind
from accounting.models import Connection, Link, Operation
from accounting.providers.xero import limits, provider
from accounting.sync import checks, reconcile, walk
from accounting.sync.drain import drain
from accounting.sync.reconcile import reconcile as check
from core.testing import capture_commits
from customers.models import Customer
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from xero_sandbox.documents import Contact
from xero_sandbox.handle import Handle

pytestmark = pytest.mark.long

Sync = Callable[[], None]
Message = dict[str, Any]
PAGE = 20
STRANGERS = 1200


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "PAGE", PAGE)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """What would be published, instead of publishing it."""
    messages: list[Message] = []
    monkeypatch.setattr(
        wakeup.current_app,
        "send_task",
        lambda name, kwargs, **options: messages.append({"task": name, **kwargs}),
    )
    return messages


@pytest.fixture
def linked(connected: Connection, sync: Sync, sandbox: Handle) -> list[Customer]:
    """Customers in step with Xero, whose contacts are older than the overlap."""
    made = [make_customer(connected.workspace, name=f"Customer {n:03}") for n in range(60)]
    sync()
    assert Link.objects.count() == len(made)
    sandbox.advance(600)
    check(connected.pk)
    sandbox.advance(600)
    sandbox.clear_requests()
    return made


def contacts(sandbox: Handle, connection: Connection) -> list[Contact]:
    return list(sandbox.books(connection.tenant_id).contacts.all())


def stamp(sandbox: Handle, connection: Connection, changed: list[tuple[Contact, dt.datetime]]) -> None:
    """Contacts as if they had been changed there at these instants."""
    books = sandbox.books(connection.tenant_id)
    for contact, at in changed:
        books.contacts.load(contact.id, dataclasses.replace(contact, updated=at))


def rename_all(sandbox: Handle, connection: Connection, made: list[Customer], **every: float) -> None:
    """Another name for each there, so far apart in time from the one before."""
    known = {link.remote_id for link in Link.objects.filter(kind=Kind.CUSTOMER)}
    theirs = [contact for contact in contacts(sandbox, connection) if contact.id in known]
    first = sandbox.clock.now() - dt.timedelta(minutes=9)
    apart = dt.timedelta(**every)
    assert len(theirs) == len(made)
    stamp(
        sandbox,
        connection,
        [
            (dataclasses.replace(contact, name=f"There {n:03}"), first + n * apart)
            for n, contact in enumerate(theirs)
        ],
    )


def renamed() -> int:
    return Customer.objects.filter(name__startswith="There").count()


def pages(sandbox: Handle) -> int:
    return len(sandbox.requests(method="GET", path="Contacts"))


def turns(connection: Connection, most: int = 50) -> int:
    """Let the check go on until it has nothing left; how many turns it took."""
    for number in range(1, most):
        Connection.objects.update(resume_at=None)
        assert check(connection.pk)
        if walk.UNDER_WAY not in Connection.objects.get().cursors:
            return number
    raise AssertionError("the check never came to its end")


@pytest.mark.parametrize("every", [{"seconds": 3}, {"milliseconds": 1}, {"seconds": 0}])
def test_check_takes_every_change_whatever_their_times(
    connected: Connection, sandbox: Handle, linked: list[Customer], every: dict[str, float]
) -> None:
    """Apart by more than a border, within one second, and in one instant over three pages."""
    rename_all(sandbox, connected, linked, **every)
    turns(connected)
    assert renamed() == len(linked)


@pytest.mark.parametrize("every", [{"seconds": 3}, {"seconds": 0}])
@pytest.mark.parametrize("read", [1, 2, 3])
def test_change_of_a_record_that_was_read_moves_none_out_of_the_next_page(
    connected: Connection,
    sandbox: Handle,
    linked: list[Customer],
    monkeypatch: pytest.MonkeyPatch,
    every: dict[str, float],
    read: int,
) -> None:
    """It goes to the end, and all behind it move up: the first of the next page to one that was read."""
    rename_all(sandbox, connected, linked, **every)
    moved = next(contact for contact in contacts(sandbox, connected) if contact.name == "There 003")
    left = [read]
    real = provider.XeroBooks.changes

    def changes(self: provider.XeroBooks, kind: Any, place: str) -> Any:
        page = real(self, kind, place)
        left[0] -= kind == "customer"
        if not left[0]:
            Bookkeeper(sandbox, connected).change_contact(moved.id, Name="There again")
        return page

    monkeypatch.setattr(provider.XeroBooks, "changes", changes)
    turns(connected)
    assert renamed() == len(linked)


def test_page_that_was_applied_is_not_read_again_after_a_crash(
    connected: Connection, sandbox: Handle, linked: list[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    rename_all(sandbox, connected, linked, seconds=3)
    real = provider.XeroBooks.changes
    left = [2]

    def changes(self: provider.XeroBooks, kind: Any, place: str) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return real(self, kind, place)

    with monkeypatch.context() as patch:
        patch.setattr(provider.XeroBooks, "changes", changes)
        with pytest.raises(KeyboardInterrupt):
            check(connected.pk)
    before, took = renamed(), []
    assert 0 < before < len(linked)
    apply = reconcile.try_apply
    monkeypatch.setattr(reconcile, "try_apply", lambda *args: took.append(args) or apply(*args))
    first = len(sandbox.requests())
    turns(connected)
    again = [call for call in sandbox.requests()[first:] if "Contacts" in call.path]
    assert (len(took), renamed()) == (len(linked) - before, len(linked))
    assert len(again) == 2, "the two pages that were left"


def test_thousands_of_changes_come_to_an_end_in_turns(
    connected: Connection, sandbox: Handle, linked: list[Customer], settings: Any, published: list[Message]
) -> None:
    """A hundred thousand are a hundred pages of Xero's: here as many of a smaller size, most of them nobody's here."""
    pattern = contacts(sandbox, connected)[0]
    first = sandbox.clock.now() - dt.timedelta(minutes=11)
    strangers = [
        (
            dataclasses.replace(pattern, id=f"{n:032x}", name=f"Stranger {n}"),
            first + n * dt.timedelta(milliseconds=500),
        )
        for n in range(STRANGERS)
    ]
    stamp(sandbox, connected, strangers)
    rename_all(sandbox, connected, linked, seconds=3)

    took, calls = 0, 0
    while walk.UNDER_WAY in Connection.objects.get().cursors or not took:
        limits.reset(settings.RATE_LIMIT_STORAGE)
        sandbox.limiter.reset()
        with capture_commits():
            check(connected.pk)
        took += 1
        assert took < 100
    calls = pages(sandbox)

    assert renamed() == len(linked)
    assert took >= 8, "each leaves the worker to others after so many pages"
    assert calls < 10 + STRANGERS / (PAGE - 7), "each page is a step forward"
    assert len([message for message in published if message["task"] == wakeup.RECONCILE]) == took - 1


def test_check_gives_way_to_what_somebody_saved_and_goes_on(
    connected: Connection,
    sandbox: Handle,
    linked: list[Customer],
    monkeypatch: pytest.MonkeyPatch,
    published: list[Message],
) -> None:
    rename_all(sandbox, connected, linked, seconds=3)
    real = provider.XeroBooks.changes

    def changes(self: provider.XeroBooks, kind: Any, place: str) -> Any:
        page = real(self, kind, place)
        if not Customer.objects.filter(name="Somebody waits").exists():
            make_customer(connected.workspace, name="Somebody waits")
        return page

    monkeypatch.setattr(provider.XeroBooks, "changes", changes)
    with capture_commits():
        check(connected.pk)

    assert pages(sandbox) == 1, "no second page before the save"
    assert [message["task"] for message in published][-1] == wakeup.DRAIN
    drain(connected.pk)
    assert "Somebody waits" in [contact.name for contact in contacts(sandbox, connected)]
    assert Connection.objects.get().check_due_at <= timezone.now() + checks.SOON  # type: ignore[operator]
    turns(connected)
    assert renamed() == len(linked)


def test_check_gives_way_in_the_middle_of_a_page(
    connected: Connection, sandbox: Handle, linked: list[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    rename_all(sandbox, connected, linked, seconds=3)
    monkeypatch.setattr(reconcile, "LOOK_UP_EVERY", 5)
    apply = reconcile.try_apply

    def one(*args: Any) -> Any:
        if not Customer.objects.filter(name="Somebody waits").exists():
            make_customer(connected.workspace, name="Somebody waits")
        return apply(*args)

    monkeypatch.setattr(reconcile, "try_apply", one)
    check(connected.pk)
    assert renamed() == 5
    drain(connected.pk)
    turns(connected)
    assert renamed() == len(linked)


@pytest.mark.parametrize("hours", [0, 20])
def test_check_leaves_the_days_last_calls_to_people_until_the_count_is_old(
    connected: Connection, sandbox: Handle, linked: list[Customer], hours: int
) -> None:
    seen = timezone.now() - dt.timedelta(hours=hours)
    Connection.objects.update(day_remaining=90, quota_seen_at=seen)
    check(connected.pk)
    assert pages(sandbox) == (0 if hours == 0 else 1)


def test_check_leaves_the_minutes_last_calls_to_people_and_the_connection_does_not_rest(
    connected: Connection, sandbox: Handle, linked: list[Customer], settings: Any
) -> None:
    limits.reset(settings.RATE_LIMIT_STORAGE)
    for _ in range(60 - limits.RESERVE):
        limits.take_call(settings.RATE_LIMIT_STORAGE, connected.tenant_id)
    check(connected.pk)
    assert pages(sandbox) == 0
    assert Connection.objects.get().resume_at is None
    make_customer(connected.workspace, name="Somebody waits")
    drain(connected.pk)
    assert not Operation.objects.exists()


def test_what_was_saved_during_a_check_is_woken_after_it(
    connected: Connection, linked: list[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[Any] = []
    real = provider.XeroBooks.changes

    def changes(self: provider.XeroBooks, kind: Any, place: str) -> Any:
        page = real(self, kind, place)
        if kind == "invoice":  # the last page: nothing gives way any more
            make_customer(connected.workspace, name="Somebody waits")
            assert not drain(connected.pk), "the wake-up finds the lease taken"
            woken.clear()
        return page

    monkeypatch.setattr(wakeup, "kick", lambda **whom: woken.append(whom["connection_id"]))
    monkeypatch.setattr(provider.XeroBooks, "changes", changes)
    check(connected.pk)
    assert woken == [connected.pk]
