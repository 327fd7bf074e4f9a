"""*Test connection* looks at everything that must hold, says each in words, and changes nothing."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from accounting.enums import ConnectionState, GrantState
from accounting.models import Connection, Grant, RemoteAccount
from accounting.port.organisation import Allowance
from accounting.providers.xero.provider import XeroBooks
from accounting.sync.probe import Finding, Verdict, probe
from catalogue.models import TaxRate
from tests.accounting.pages import notices, url, words
from tests.accounting.pausing import helper, paused
from webhooks.models import Delivery, Event
from workspaces.models import Workspace
from xero_sandbox.handle import Handle

__all__ = ["helper", "paused"]


@pytest.fixture
def ready(connected: Connection, gst: TaxRate) -> Connection:
    """Connected, with every choice made."""
    return connected


def _found(connection: Connection) -> dict[str, Finding]:
    return {finding.subject: finding for finding in probe(Connection.objects.get(pk=connection.pk))}


def _verdicts(connection: Connection) -> dict[str, str]:
    return {subject: str(finding.verdict) for subject, finding in _found(connection).items()}


def _let_survey_say(monkeypatch: pytest.MonkeyPatch, **changed: object) -> None:
    real = XeroBooks.survey
    monkeypatch.setattr(XeroBooks, "survey", lambda self: dataclasses.replace(real(self), **changed))


def test_everything_is_good_and_only_reads(ready: Connection, sandbox: Handle) -> None:
    delivery = Delivery.objects.create(body=b"")
    Event.objects.create(
        delivery=delivery, key="k", tenant_id=ready.tenant_id, category="INVOICE", change="UPDATE"
    )
    sandbox.clear_requests()
    assert set(_verdicts(ready).values()) == {"good"}
    assert {call.method for call in sandbox.requests()} == {"GET"}


def test_dead_access_says_to_reconnect_and_that_the_rest_is_unknown(ready: Connection) -> None:
    Grant.objects.update(state=GrantState.REFUSED, failed_at=timezone.now())
    found = _found(ready)
    assert found["Access"].cure == "Reconnect in Settings > Accounting."
    assert [name for name, each in found.items() if each.verdict == Verdict.UNKNOWN] == [
        "Organisation", "Permissions", "Role and plan", "Lock dates", "Clock",
    ]  # fmt: skip


def test_organisation_that_was_disconnected_there_is_told(ready: Connection, sandbox: Handle) -> None:
    Connection.objects.update(tenant_id="another")
    assert "was disconnected in Xero" in _found(ready)["Organisation"].told


@pytest.mark.parametrize(("essential", "verdict"), [(True, Verdict.BAD), (False, Verdict.NOTE)])
def test_act_that_role_or_plan_forbid_is_told(
    ready: Connection, monkeypatch: pytest.MonkeyPatch, essential: bool, verdict: Verdict
) -> None:
    forbidden = Allowance("approve invoices", allowed=False, essential=essential)
    _let_survey_say(monkeypatch, allowances=(forbidden,))
    finding = _found(ready)["Role and plan"]
    assert (finding.verdict, "approve invoices" in finding.told) == (verdict, True)


def test_forbidden_act_of_the_sandbox_is_heard(ready: Connection, sandbox: Handle) -> None:
    """One currency only: Xero names the action and forbids it."""
    books = sandbox.books()
    books.put(dataclasses.replace(books.organisation, currencies=("NZD",)))
    assert _found(ready)["Role and plan"].told.startswith("Whoever connected may not use several currencies")


def test_locked_period_is_a_note_with_its_day(ready: Connection, sandbox: Handle) -> None:
    books = sandbox.books()
    books.put(dataclasses.replace(books.organisation, period_lock_date=dt.date(2026, 1, 31)))
    finding = _found(ready)["Lock dates"]
    assert (finding.verdict, "31 Jan 2026" in finding.told) == (Verdict.NOTE, True)


@pytest.mark.parametrize(
    ("apart", "verdict"), [(dt.timedelta(minutes=5), Verdict.BAD), (dt.timedelta(seconds=5), Verdict.GOOD)]
)
def test_clock_that_is_wrong_is_told(
    ready: Connection, monkeypatch: pytest.MonkeyPatch, apart: dt.timedelta, verdict: Verdict
) -> None:
    _let_survey_say(monkeypatch, at=timezone.now() + apart)
    assert _found(ready)["Clock"].verdict == verdict


def test_choice_that_broke_is_told(ready: Connection) -> None:
    RemoteAccount.objects.filter(code="200").update(active=False)
    assert "was archived in Xero" in _found(ready)["Choices"].told


def test_silence_of_events_is_a_note(ready: Connection) -> None:
    assert _found(ready)["Events from Xero"].verdict == Verdict.NOTE


def test_outage_of_xero_is_told_and_nothing_is_cut_off(ready: Connection, sandbox: Handle) -> None:
    sandbox.faults.add("maintenance", method="GET", path="Organisation")
    found = _found(ready)
    assert (found["Organisation"].verdict, found["Clock"].verdict) == (Verdict.BAD, Verdict.UNKNOWN)
    assert Connection.objects.get().state == ConnectionState.ACTIVE


def test_page_shows_each_and_how_many_are_to_put_right(
    super_client: Client, workspace: Workspace, ready: Connection
) -> None:
    RemoteAccount.objects.filter(code="200").update(active=False)
    page = words(super_client.post(url("test", workspace)))
    assert "1 thing to put right" in page
    assert "Whoever connected may create draft invoices, approve invoices" in page


def test_paused_connection_is_not_tested(
    super_client: Client, workspace: Workspace, paused: Connection, sandbox: Handle
) -> None:
    shown = super_client.post(url("test", workspace), follow=True)
    assert "It can be tested once they resume it." in " ".join(notices(shown))
    assert sandbox.requests() == []


def test_staff_may_not_test(staff_client: Client, workspace: Workspace, ready: Connection) -> None:
    assert staff_client.post(url("test", workspace)).status_code == 403
