"""A form counts once, however often and however simultaneously it arrives."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.utils import timezone

from core.tickets import SentBefore, Ticket
from core.transactions import TransactionRequired
from customers.models import Customer
from customers.services import create_customer
from invoices.models import Invoice
from tests.architecture.source import HOUSE, functions_of, modules_of
from tests.factories.customers import make_customer
from tests.factories.people import signed_in
from tests.sampling import mostly_long
from tests.workspaces.creating import CREATING, Typed, typed_customer, typed_invoice
from workspaces.models import Submission, User, Workspace
from workspaces.scope import scope
from workspaces.submissions import KEPT, forget_old_submissions, once

pytestmark = pytest.mark.long


each_form = pytest.mark.parametrize("service", CREATING)


def _filled_in(user: User, workspace: Workspace, service: str) -> Typed:
    """The form as the page shows it, with its token."""
    with scope(workspace):
        typed = CREATING[service].typed(workspace)
    page = typed.page or typed.url
    token = re.search(r'name="once" value="([^"]+)"', signed_in(user).get(page).content.decode())
    assert token, f"the form at {page} carries no token"
    return typed._replace(fields=typed.fields | {"once": token.group(1)})


def _send(user: User, url: str, fields: dict[str, Any]) -> HttpResponse:
    return signed_in(user).post(url, fields)


def _led_to(answer: HttpResponse) -> tuple[bool, str]:
    """Whether it was taken, and where it leads: nowhere else, where the page itself shows what was made."""
    return answer.status_code in (200, 302), answer.get("Location", "")


def test_every_service_that_counts_forms_has_its_form_walked() -> None:
    counting = [f for module in modules_of(*HOUSE) for f in functions_of(module) if "once" in f.decorators]
    assert sorted(f.node.name for f in counting) == sorted(CREATING)


@each_form
def test_form_sent_twice_makes_one_record_and_leads_to_it(
    workspace: Workspace, super_user: User, service: str
) -> None:
    url, fields, _ = _filled_in(super_user, workspace, service)

    first, second = _send(super_user, url, fields), _send(super_user, url, fields)

    with scope(workspace):
        assert CREATING[service].makes.objects.count() == 1
    assert _led_to(second) == _led_to(first) == (True, first.get("Location", ""))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("service", mostly_long(CREATING, quick=["create_invoice", "record_payment"]))
def test_form_sent_five_times_at_once_makes_one_record(
    service: str, workspace: Workspace, super_user: User
) -> None:
    with scope(workspace), transaction.atomic():
        url, fields, _ = CREATING[service].typed(workspace)
    fields["once"] = str(uuid4())
    together = Barrier(5)

    def send(_: int) -> tuple[bool, str]:
        together.wait(timeout=10)
        try:
            return _led_to(_send(super_user, url, fields))
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        led_to = list(pool.map(send, range(5)))

    with scope(workspace):
        assert CREATING[service].makes.objects.count() == 1
    assert len(set(led_to)) == 1
    assert led_to[0][0]


@each_form
def test_form_refused_first_can_be_put_right_and_sent_again(
    workspace: Workspace, super_user: User, service: str
) -> None:
    url, fields, _ = _filled_in(super_user, workspace, service)
    judged = ("name", "amount", "lines-0-quantity", "quantity-", "email")
    wrong = {name: "?" * 300 if name.startswith(judged) else value for name, value in fields.items()}

    answers = [_led_to(_send(super_user, url, each))[0] for each in (wrong, fields)]

    with scope(workspace):
        assert (answers, CREATING[service].makes.objects.count()) == ([False, True], 1)


@each_form
def test_form_sent_again_with_other_content_says_what_it_made_and_loses_nothing(
    workspace: Workspace, super_user: User, service: str
) -> None:
    url, fields, _ = _filled_in(super_user, workspace, service)
    other = {
        name: {
            "Ana": "Bea",
            "Workshop": "Retreat",
            "ana@example.com": "bea@example.com",
            "GST": "VAT",
            "10.00": "11.00",
            "100": "110",
        }.get(value, value)
        for name, value in fields.items()
    }

    _send(super_user, url, fields)
    answer = _send(super_user, url, other)

    page = answer.content.decode()
    with scope(workspace):
        assert (answer.status_code, CREATING[service].makes.objects.count()) == (422, 1)
        assert f"This form was sent before and made {CREATING[service].leads_to.objects.get()}." in page
    fresh = re.search(r'name="once" value="([^"]+)"', page)
    assert fresh
    assert fresh.group(1) != fields["once"]
    assert _led_to(_send(super_user, url, other | {"once": fresh.group(1)}))[0]


def test_form_whose_record_was_deleted_says_so(workspace: Workspace, staff: User) -> None:
    with scope(workspace):
        url, fields, _ = typed_invoice(workspace)
    fields = {name: value for name, value in fields.items() if name != "approve"} | {"once": str(uuid4())}
    _send(staff, url, fields)
    with scope(workspace), transaction.atomic():
        Invoice.objects.get().delete()

    answer = _send(staff, url, fields)

    assert answer.status_code == 422
    assert "what it made is deleted by now" in answer.content.decode()


@pytest.mark.parametrize("token", [None, "", "no-uuid"])
def test_form_without_a_token_still_works(workspace: Workspace, staff: User, token: str | None) -> None:
    url, fields, _ = typed_customer(workspace)

    answer = _send(staff, url, fields if token is None else fields | {"once": token})

    assert answer.status_code == (422 if token == "no-uuid" else 302)


def test_ticket_of_a_transaction_that_was_lost_is_free(in_workspace: Workspace) -> None:
    ticket = Ticket(uuid4(), "typed")
    with transaction.atomic():
        create_customer(workspace=in_workspace, by=None, name="Ana", ticket=ticket)
        transaction.set_rollback(True)

    create_customer(workspace=in_workspace, by=None, name="Ana", ticket=ticket)

    assert Customer.objects.count() == Submission.objects.count() == 1


def test_ticket_of_another_workspace_is_another_ticket(in_workspace: Workspace, stranger: User) -> None:
    ticket, other = Ticket(uuid4(), "typed"), stranger.memberships.get().workspace
    create_customer(workspace=in_workspace, by=None, name="Ana", ticket=ticket)

    with scope(other):
        made = create_customer(workspace=other, by=None, name="Ana", ticket=ticket)

    assert made.workspace == other


def test_ticket_used_with_other_content_is_refused(in_workspace: Workspace) -> None:
    token = uuid4()
    create_customer(workspace=in_workspace, by=None, name="Ana", ticket=Ticket(token, "typed"))

    with pytest.raises(SentBefore, match="made Ana"):
        create_customer(workspace=in_workspace, by=None, name="Bea", ticket=Ticket(token, "other"))


@pytest.mark.django_db(transaction=True)
def test_ticket_outside_a_transaction_is_a_fault(workspace: Workspace) -> None:
    with scope(workspace), pytest.raises(TransactionRequired):
        once(make_customer)(ticket=Ticket(uuid4(), "typed"), workspace=workspace)


def test_submission_names_its_record_whole(in_workspace: Workspace) -> None:
    with pytest.raises(IntegrityError, match="submission_target_is_whole"):
        Submission.objects.create(
            workspace=in_workspace, token=uuid4(), digest="", target_kind="customers.customer"
        )


def test_sweep_forgets_what_is_older_than_two_days(in_workspace: Workspace) -> None:
    for age in (KEPT * 0.9, KEPT * 1.1):
        row = Submission.objects.create(workspace=in_workspace, token=uuid4(), digest="")
        Submission.objects.filter(pk=row.pk).update(created_at=timezone.now() - age)

    assert (forget_old_submissions(), Submission.objects.count()) == (1, 1)
