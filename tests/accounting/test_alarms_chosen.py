"""Each person chooses what to be mailed about problems; what is told alone is one thread, to its end."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.test import Client

from accounting.enums import ErrorClass
from accounting.models import Connection, MailChoice, MailRule, Operation, Problem
from accounting.sync import problems
from accounting.sync.failing import fail
from tests.accounting.pages import notices, url, words
from tests.accounting.rows import connection
from tests.accounting.test_alarms import (
    ARCHIVED,
    AUCKLAND_AT_EIGHT,
    AUCKLAND_AT_SIX,
    refuse_money,
    refuse_other,
    tell,
)
from tests.factories.invoices import make_invoice
from workspaces.models import AuditEntry, User, Workspace
from workspaces.scope import scope

__all__ = ["connection"]


def choose(connection: Connection, user: User, rule: str) -> None:
    MailChoice.objects.create(workspace=connection.workspace, user=user, rule=rule)


@pytest.fixture
def at_eight(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    Workspace.objects.update(time_zone="Pacific/Auckland")
    monkeypatch.setattr("accounting.sync.alarms.database_now", lambda: AUCKLAND_AT_EIGHT)


@pytest.mark.parametrize(
    ("rule", "subjects"),
    [
        (MailRule.MORNING, ["E-mail refused"]),
        (MailRule.AT_ONCE, ["1 invoice: E-mail refused"]),
        (MailRule.MONEY, []),
    ],
)
@pytest.mark.usefixtures("at_eight")
def test_what_holds_up_no_money_is_mailed_as_each_person_chose(
    connection: Connection, super_user: User, mailoutbox: list[EmailMessage], rule: str, subjects: list[str]
) -> None:
    choose(connection, super_user, rule)
    refuse_other(connection)
    Problem.objects.update(first_seen_at=AUCKLAND_AT_SIX - dt.timedelta(minutes=30))

    tell()
    tell()

    assert [mail.subject.split(" (")[0] for mail in mailoutbox] == subjects


@pytest.mark.parametrize("rule", MailRule)
def test_what_holds_up_money_is_mailed_to_everybody_once(
    connection: Connection, super_user: User, mailoutbox: list[EmailMessage], rule: str
) -> None:
    choose(connection, super_user, rule)
    refuse_money(connection)

    tell()
    tell()

    assert len(mailoutbox) == 1


def test_end_is_told_in_the_same_thread_once(
    connection: Connection, super_user: User, mailoutbox: list[EmailMessage]
) -> None:
    refuse_money(connection)
    tell()
    Operation.objects.all().delete()
    problems.keep_up()

    tell()
    tell()

    first, end = mailoutbox
    assert end.subject == f"Put right: Account archived: 200 ({connection.workspace})"
    assert end.extra_headers["In-Reply-To"] == first.extra_headers["Message-ID"]
    assert first.extra_headers["References"] in end.extra_headers["References"]


def test_cause_that_comes_back_goes_on_in_its_thread(
    connection: Connection, super_user: User, mailoutbox: list[EmailMessage]
) -> None:
    refuse_money(connection)
    tell()
    Problem.objects.update(closed_at=dt.datetime(2099, 1, 1, tzinfo=dt.UTC), is_threaded=False)
    again = make_invoice(connection.workspace)
    fail(Operation.objects.get(local_id=again.pk), ErrorClass.PERMANENT, "Refused.", ARCHIVED)
    Problem.objects.filter(closed_at=None).update(first_seen_at=AUCKLAND_AT_SIX - dt.timedelta(days=1))
    tell()

    first, again = (mail.extra_headers for mail in mailoutbox)
    assert first["References"] == again["References"]
    assert first["Message-ID"] != again["Message-ID"]


@pytest.mark.usefixtures("at_eight")
def test_end_of_what_was_told_with_others_is_not_mailed(
    connection: Connection, super_user: User, mailoutbox: list[EmailMessage]
) -> None:
    refuse_other(connection)
    Problem.objects.update(first_seen_at=AUCKLAND_AT_SIX - dt.timedelta(minutes=30))
    tell()
    Operation.objects.all().delete()
    problems.keep_up()
    tell()

    assert len(mailoutbox) == 1


def test_person_chooses_on_a_page_of_their_own(
    super_client: Client, staff_client: Client, super_user: User, workspace: Workspace
) -> None:
    page = url("problem_mail", workspace)
    assert "Mail me about what needs attention" in words(super_client.get(page))

    done = super_client.post(page, {"rule": "at_once"}, follow=True)

    assert notices(done) == ["Saved. You are mailed by this from now on."]
    assert super_client.get(page).context["form"].initial == {"rule": MailRule.AT_ONCE}
    assert super_client.post(page, {"rule": "never"}).status_code == 422
    assert staff_client.get(page).status_code == 403
    with scope(workspace):
        assert MailChoice.objects.get().user == super_user
        assert AuditEntry.objects.filter(action="problems.mail_chosen").count() == 1


def test_database_refuses_a_rule_that_is_none(connection: Connection, super_user: User) -> None:
    with pytest.raises(IntegrityError, match="mail_choice_known"), transaction.atomic():
        choose(connection, super_user, "never")


def test_database_refuses_a_second_choice_of_a_person(connection: Connection, super_user: User) -> None:
    choose(connection, super_user, MailRule.MONEY)

    with pytest.raises(IntegrityError, match="one_mail_choice_a_person"), transaction.atomic():
        choose(connection, super_user, MailRule.MORNING)


def test_database_refuses_a_thread_that_nobody_began(connection: Connection) -> None:
    refuse_money(connection)

    with pytest.raises(IntegrityError, match="problem_thread_has_begun"), transaction.atomic():
        Problem.objects.update(is_threaded=True)
