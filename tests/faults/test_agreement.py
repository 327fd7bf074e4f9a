"""Both sides come to agree: what no webhook told, and what was cut off in the middle of a drain (rows R23, R24)."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from itertools import count

import pytest
from django.db.models.functions import Now

from accounting.enums import ConnectionState, EventKind, InvoiceStatusRule, Kind, LinkState, OpState
from accounting.models import Grant, Link, Mapping, Operation, SyncEvent
from accounting.port.errors import Permanent
from accounting.providers.xero import errors
from accounting.queries.conflicts import open_conflicts
from accounting.queries.status import states_of
from accounting.resources.registry import kinds_read_by_themselves
from accounting.sync import push
from accounting.sync.reconcile import reconcile
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import update_invoice
from payments.models import Payment
from tests.faults.conftest import LONG, Tell
from tests.faults.inside import Clerk, Inside, clerk, inside
from xero_sandbox.api import gateway
from xero_sandbox.api.access import Refused, read_claims
from xero_sandbox.api.call import Call
from xero_sandbox.reply import Reply, json_reply
from xero_sandbox.sandbox import Sandbox
from xero_sandbox.tokens import Claims

__all__ = ["clerk", "inside"]

BOOKS = 10_000 if LONG else 300
THEIRS, OURS = "theirs", "ours"
DAY = 24 * 3600


class Quiet:
    """A day on which Xero tells us nothing: 1 % of the invoices are changed there, as many there and here (each
    once before our change is sent, and once before it could be), two are voided and a draft is deleted."""

    def __init__(self, inside: Inside, clerk: Clerk) -> None:
        self._inside, self._clerk = inside, clerk
        inside.add(BOOKS, payments=False)
        inside.work_off()
        self.gone = [self._draft()]
        links = list(Link.objects.filter(kind=Kind.INVOICE).exclude(pk=self.gone[0].pk).order_by("remote_id"))
        random.Random(23).shuffle(links)
        share = BOOKS // 100
        self.moved, self.both = links[:share], links[share : 2 * share]
        self.gone += links[-2:]
        reconcile(inside.connection.pk)

    def _draft(self) -> Link:
        Mapping.objects.update(invoice_status=InvoiceStatusRule.DRAFT)
        self._inside.add(1, customers=1, payments=False)
        self._inside.work()
        Mapping.objects.update(invoice_status=InvoiceStatusRule.AUTHORISED)
        return Link.objects.filter(kind=Kind.INVOICE).latest("pk")

    def pass_by(self) -> None:
        for link in [*self.moved, *self.both]:
            self._clerk.change_invoice(link.remote_id, Reference=THEIRS)
        for link, status in zip(self.gone, ("DELETED", "VOIDED", "VOIDED"), strict=True):
            self._clerk.change_invoice(link.remote_id, Status=status)
        half = len(self.both) // 2
        self._change_here(self.both[:half])
        self._inside.work()
        self._inside.wait(DAY)
        self._change_here(self.both[half:])

    def _change_here(self, links: list[Link]) -> None:
        for link in links:
            update_invoice(invoice=Invoice.objects.get(pk=link.local_id), reference=OURS, by=None)

    @property
    def changes(self) -> int:
        return len([*self.moved, *self.both, *self.gone])

    def unseen(self) -> int:
        """Changes in Xero that nobody here is shown: neither taken over with a line in the history, nor listed
        as a conflict."""
        told = set(SyncEvent.objects.filter(event=EventKind.RECEIVED).values_list("local_id", flat=True))
        listed = set(open_conflicts().values_list("local_id", flat=True))
        here = {row.pk: row for row in Invoice.objects.all()}
        moved = [link for link in self.moved if here[link.local_id].reference != THEIRS]
        both = [link for link in self.both if link.local_id not in listed]
        gone = [link for link in self.gone if here[link.local_id].status != InvoiceStatus.VOIDED]
        silent = [link for link in [*self.moved, *self.gone] if link.local_id not in told]
        return len({link.pk for link in [*moved, *both, *gone, *silent]})

    def overwritten(self) -> int:
        """Changes of either side that the other's has replaced without a word."""
        there = {row["InvoiceID"]: row["Reference"] for row in self._inside.sandbox.dump()["Invoices"]}
        theirs = [link for link in [*self.moved, *self.both] if there[link.remote_id] != THEIRS]
        ours = Invoice.objects.filter(pk__in=[link.local_id for link in self.both]).exclude(reference=OURS)
        return len(theirs) + ours.count()


@pytest.fixture
def quiet(inside: Inside, clerk: Clerk) -> Quiet:
    return Quiet(inside, clerk)


def test_r23_regular_check_finds_what_nobody_told(inside: Inside, quiet: Quiet, tell_row: Tell) -> None:
    """All of it is found: taken over with a line in the history, or listed as a conflict; nothing is overwritten."""
    quiet.pass_by()
    inside.work(2)  # the check gives way to what was saved here
    reconcile(inside.connection.pk)
    inside.work(2)
    tell_row("R23", f"changed in {BOOKS} invoices, no webhook", quiet.changes,
             lost=quiet.unseen(), doubled=quiet.overwritten())  # fmt: skip
    assert (quiet.unseen(), quiet.overwritten()) == (0, 0)
    assert open_conflicts().count() == len(quiet.both)
    assert {Link.objects.get(pk=link.pk).state for link in quiet.gone} == {LinkState.TOMBSTONED}
    assert inside.states() <= {OpState.BLOCKED}


def test_r23_second_check_changes_nothing(inside: Inside, quiet: Quiet) -> None:
    """What was found is not found again."""
    quiet.pass_by()
    inside.work(2)  # the check gives way to what was saved here
    reconcile(inside.connection.pk)
    inside.work(2)
    events, calls = SyncEvent.objects.count(), len(inside.asked())
    inside.wait(DAY)
    reconcile(inside.connection.pk)
    inside.work()
    assert (SyncEvent.objects.count(), open_conflicts().count()) == (events, len(quiet.both))
    assert len(inside.asked()) == calls + len(kinds_read_by_themselves())


def test_r23_control_sees_what_nobody_told(inside: Inside, quiet: Quiet) -> None:
    """Without the regular check only those are seen that we were about to overwrite."""
    quiet.pass_by()
    inside.work(2)
    assert quiet.unseen() >= len(quiet.moved) + len(quiet.gone)


def test_r23_control_sees_the_overwriting(
    inside: Inside, quiet: Quiet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the look before the write, our change replaces theirs."""
    monkeypatch.setattr(push, "_look_before", lambda connection, books, kind, verb, plans, desk: plans)
    quiet.pass_by()
    inside.work(2)
    assert quiet.overwritten() == len(quiet.both)


class Door:
    """Xero's door for our access: after so many calls something happens, and from then on it may be shut."""

    def __init__(self, inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
        self.inside = inside
        self.shut: Reply | None = None
        self._event: Callable[[Door], None] = lambda door: None
        self._passed, self._at = count(1), 0
        monkeypatch.setattr(gateway, "read_claims", self._read_claims)

    def on_call(self, number: int, event: Callable[[Door], None]) -> None:
        """This happens just before the n-th call from now."""
        self._event, self._at, self._passed = event, number, count(1)

    def _read_claims(self, sandbox: Sandbox, call: Call) -> Claims:
        if next(self._passed) == self._at:
            self._event(self)
        if self.shut is not None:
            raise Refused(self.shut)
        return read_claims(sandbox, call)

    def turned_away(self) -> int:
        return len([call for call in self.inside.asked() if call.status in (401, 403)])


@pytest.fixture
def door(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> Door:
    return Door(inside, monkeypatch)


def _disconnected(door: Door) -> None:
    """On Xero's page of connected apps."""
    door.inside.sandbox.disconnect(door.inside.connection.tenant_id)


def _disconnected_told_by_401(door: Door) -> None:
    _disconnected(door)
    door.shut = json_reply(401, {"title": "Unauthorized", "detail": "AuthenticationUnsuccessful"})


def _revoked(door: Door) -> None:
    """The person who connected has left, and every grant of theirs with them."""
    grant = Grant.objects.get(connections=door.inside.connection)
    door.inside.sandbox.sandbox.tokens.revoke(grant.refresh_token)


def _refresh_refused(door: Door) -> None:
    """The access token ends before its time, and the refresh token with it."""
    Grant.objects.update(refreshed_at=Now() - dt.timedelta(minutes=20))
    door.inside.sandbox.expire_tokens()
    door.inside.sandbox.faults.add("invalid_grant")


def _role_taken(door: Door) -> None:
    door.shut = json_reply(403, {"Title": "Forbidden", "Status": 403, "Detail": "Not permitted"})


def _subscription_ended(door: Door) -> None:
    """What Xero says then is not known; nothing, is the least it could."""
    door.shut = Reply(403, b"", None)


def _subscription_ended_told_by_401(door: Door) -> None:
    door.shut = json_reply(
        401, {"Title": "Unauthorized", "Status": 401, "Detail": "AuthorizationUnsuccessful"}
    )


def _scope_taken(door: Door) -> None:
    challenge = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
    door.shut = json_reply(401, {"Title": "Unauthorized", "Status": 401}, challenge)


REAUTH, GONE = ConnectionState.NEEDS_REAUTH, ConnectionState.DISCONNECTED
LOSSES = {
    "organisation disconnected": (_disconnected, {GONE}),
    "organisation disconnected, told by 401": (_disconnected_told_by_401, {GONE}),
    "person left, access revoked": (_revoked, {GONE, REAUTH}),  # whichever Xero says first
    "access refused for good": (_refresh_refused, {REAUTH}),
    "role taken away": (_role_taken, {REAUTH}),
    "subscription ended, bare 403": (_subscription_ended, {REAUTH}),
    "subscription ended, told by 401": (_subscription_ended_told_by_401, {REAUTH}),
    "permission taken away": (_scope_taken, {REAUTH}),
}
WAITING = {REAUTH: {"paused", "waiting"}, GONE: {"paused"}}
CALLS = range(1, 6) if LONG else (2, 5)


def _lose_access(inside: Inside, door: Door, loss: str, call: int) -> None:
    """In the middle of a drain; then workers are woken every fifteen seconds for five minutes."""
    event, _ = LOSSES[loss]
    inside.add(60)
    door.on_call(call, event)
    for _ in range(20):
        inside.turn()
        inside.wait(15)


@pytest.mark.parametrize("loss", LOSSES)
def test_r24_access_lost_in_the_middle_of_a_drain(
    inside: Inside, door: Door, tell_row: Tell, loss: str
) -> None:
    """At whichever call: at most one more is made, every row is kept with no attempt burnt, the reason is shown
    once; after the reconnect everything is there, once."""
    for times, call in enumerate(CALLS, start=1):
        _lose_access(inside, door, loss, call)
        _look_cut_off(inside, LOSSES[loss][1], times)
        assert 1 <= door.turned_away() <= 2
        door.shut = None
        inside.reconnect(user=1)
        inside.work_off()
        assert inside.wrong() == {}
        inside.sandbox.clear_requests()
    tell_row("R24", loss, len(CALLS), lost=inside.ledger()["lost"], doubled=inside.ledger()["doubled"])


def _look_cut_off(inside: Inside, states: set[ConnectionState], times: int) -> None:
    """Every row is there, none was tried in vain, and whoever looks is told why it waits."""
    connection = inside.now()
    assert connection.state in states
    assert connection.state_reason
    told = SyncEvent.objects.filter(event=EventKind.REFUSED).order_by("pk")
    assert [event.message for event in told[times - 1 :]] == [connection.state_reason]
    assert set(Operation.objects.values_list("attempts", flat=True)) == {0}
    assert OpState.FAILED not in inside.states()
    assert _shown(inside) <= WAITING[ConnectionState(connection.state)]


def _shown(inside: Inside) -> set[str]:
    """The standings that people see on the pages of what is not finished."""
    found = set()
    for kind, model in (("invoice", Invoice), ("payment", Payment)):
        waiting = Operation.objects.filter(kind=kind).values("local_id")
        records = list(model._default_manager.filter(pk__in=waiting))
        found |= {status.code for status in states_of(kind, records).values()}
    return found


def test_r24_control_sees_the_harm(inside: Inside, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken for a refusal of what was sent, every row is tried alone, and fails alone."""
    monkeypatch.setattr(errors, "_refused", lambda *args: Permanent("No."))
    _lose_access(inside, door, "role taken away", 3)
    assert door.turned_away() > 20
    assert OpState.FAILED in inside.states()
