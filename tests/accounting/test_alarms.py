"""Who is mailed about problems, and when."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest
from django.core.mail import EmailMessage
from django.db.models import F

from accounting.enums import ConnectionState, ErrorClass
from accounting.models import Connection, Operation, Problem
from accounting.sync import alarms
from accounting.sync.failing import fail
from core.testing import capture_commits
from tests.accounting.rows import connection, push
from tests.factories.invoices import make_invoice
from workspaces.models import User, Workspace

__all__ = ["connection"]

ARCHIVED = "Account code '200' has been archived and cannot be used on this document."
EMAIL = "Email address must be valid"
AUCKLAND_AT_SIX = dt.datetime(2026, 11, 28, 17, 0, tzinfo=dt.UTC)
AUCKLAND_AT_EIGHT = dt.datetime(2026, 11, 28, 19, 0, tzinfo=dt.UTC)


def refuse_money(connection: Connection) -> Problem:
    invoice = make_invoice(connection.workspace)
    fail(Operation.objects.get(local_id=invoice.pk), ErrorClass.PERMANENT, "Refused.", ARCHIVED)
    return _older(Problem.objects.get(key="account-archived"), minutes=3)


def refuse_other(connection: Connection) -> Problem:
    fail(push(connection, uuid4()), ErrorClass.PERMANENT, "Refused.", EMAIL)
    return Problem.objects.get(key="e-mail-refused")


def _older(problem: Problem, **by: int) -> Problem:
    Problem.objects.filter(pk=problem.pk).update(first_seen_at=F("first_seen_at") - dt.timedelta(**by))
    return problem


def tell() -> None:
    with capture_commits():
        alarms.tell_untold()


def test_problem_that_holds_up_money_is_mailed_once_and_opens_its_page(
    connection: Connection, super_user: User, staff: User, mailoutbox: list[EmailMessage]
) -> None:
    problem = refuse_money(connection)

    tell()
    tell()

    [mail] = mailoutbox
    assert mail.to == [super_user.email]
    assert mail.subject == f"1 invoice, NZ$100.00: Account archived: 200 ({connection.workspace})"
    assert f"/w/{connection.workspace.slug}/settings/accounting/problems/{problem.pk}/" in str(mail.body)


def test_problem_that_goes_on_failing_is_not_mailed_again(
    connection: Connection, super_user: User, mailoutbox: list[EmailMessage]
) -> None:
    refuse_money(connection)
    tell()

    refuse_money(connection)
    tell()

    assert len(mailoutbox) == 1


def test_problem_that_was_mailed_is_not_mailed_with_the_next_one(
    connection: Connection, super_user: User, mailoutbox: list[EmailMessage]
) -> None:
    refuse_money(connection)
    tell()
    invoice = make_invoice(connection.workspace)
    fail(
        Operation.objects.get(local_id=invoice.pk),
        ErrorClass.PERMANENT,
        "Refused.",
        "Invoice # must be unique.",
    )
    _older(Problem.objects.get(key="number-taken"), minutes=3)

    tell()

    assert ["archived" in mail.subject for mail in mailoutbox] == [True, False]


def test_problem_that_may_put_itself_right_is_not_mailed_yet(
    connection: Connection, super_user: User, mailoutbox: list[EmailMessage]
) -> None:
    problem = refuse_money(connection)
    Problem.objects.filter(pk=problem.pk).update(first_seen_at=F("last_seen_at"))

    tell()

    assert mailoutbox == []


@pytest.mark.parametrize(
    "change", [{"state": ConnectionState.NEEDS_REAUTH}, {"state": ConnectionState.DISCONNECTED}]
)
def test_nothing_is_mailed_while_the_connection_itself_is_down(
    connection: Connection, super_user: User, mailoutbox: list[EmailMessage], change: dict[str, object]
) -> None:
    refuse_money(connection)
    Connection.objects.update(**change)

    tell()

    assert mailoutbox == []


@pytest.mark.parametrize(("now", "mails"), [(AUCKLAND_AT_SIX, 0), (AUCKLAND_AT_EIGHT, 1)])
def test_problems_without_money_are_mailed_together_in_the_workspaces_morning(
    connection: Connection,
    super_user: User,
    mailoutbox: list[EmailMessage],
    monkeypatch: pytest.MonkeyPatch,
    now: dt.datetime,
    mails: int,
) -> None:
    Workspace.objects.update(time_zone="Pacific/Auckland")
    first = refuse_other(connection)
    fail(push(connection, uuid4()), ErrorClass.PERMANENT, "Refused.", "Website must be valid")
    Problem.objects.update(first_seen_at=AUCKLAND_AT_SIX - dt.timedelta(minutes=30))
    monkeypatch.setattr("accounting.sync.alarms.database_now", lambda: now)

    tell()
    tell()

    assert len(mailoutbox) == mails
    assert all(mail.subject.startswith("2 things need attention") for mail in mailoutbox)
    assert (Problem.objects.get(pk=first.pk).digested_at is not None) == bool(mails)


def test_nothing_is_mailed_where_nothing_is_held_up(
    connection: Connection, super_user: User, mailoutbox: list[EmailMessage]
) -> None:
    refuse_money(connection)
    Operation.objects.all().delete()

    tell()

    assert mailoutbox == []
