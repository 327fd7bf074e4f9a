"""A form counts once, however often and however simultaneously it arrives."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Service, TaxRate
from core.tickets import SentBefore, Ticket
from core.transactions import TransactionRequired
from customers.models import Customer
from customers.services import create_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from tests.architecture.source import HOUSE, functions_of, modules_of
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from tests.factories.people import signed_in
from tests.sampling import mostly_long
from workspaces.models import Invitation, Submission, User, Workspace
from workspaces.scope import scope
from workspaces.submissions import KEPT, forget_old_submissions, once

pytestmark = pytest.mark.long


class Typed(NamedTuple):
    """Where a form is sent, what is typed into it, and the page that shows it, when that is another."""

    url: str
    fields: dict[str, Any]
    page: str = ""


def _customer(workspace: Workspace) -> Typed:
    fields = {"name": "Ana", "currency": "NZD", "payment_terms_days": "14"}
    return Typed(reverse("customers:create", args=[workspace.slug]), fields)


def _invoice(workspace: Workspace) -> Typed:
    line = {"description": "Design", "quantity": "1", "unit_amount": "100"}
    fields = {f"lines-0-{name}": value for name, value in line.items()}
    fields |= {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "amounts": "exclusive"}
    fields |= {"customer": str(make_customer(workspace).pk), "issue_date": "2026-03-02", "approve": "1"}
    return Typed(reverse("invoices:create", args=[workspace.slug]), fields)


def _payment(workspace: Workspace) -> Typed:
    invoice = make_invoice(workspace, status=InvoiceStatus.SENT)
    fields = {"amount": "10.00", "date": "2026-03-10"}
    return Typed(reverse("payments:record", args=[workspace.slug, invoice.pk]), fields)


def _service(workspace: Workspace) -> Typed:
    fields = {"name": "Workshop", "unit_amount": "90"}
    return Typed(reverse("catalogue:create_service", args=[workspace.slug]), fields)


def _tax_rate(workspace: Workspace) -> Typed:
    fields = {"name": "GST", "percent": "15"}
    return Typed(reverse("catalogue:create_tax_rate", args=[workspace.slug]), fields)


def _invitation(workspace: Workspace) -> Typed:
    fields = {"email": "ana@example.com", "role": "staff"}
    page = reverse("workspaces:members", args=[workspace.slug])
    return Typed(reverse("workspaces:invite", args=[workspace.slug]), fields, page)


CREATING: dict[Any, Callable[[Workspace], Typed]] = {
    Customer: _customer,
    Invitation: _invitation,
    Invoice: _invoice,
    Payment: _payment,
    Service: _service,
    TaxRate: _tax_rate,
}
each_form = pytest.mark.parametrize("model", CREATING, ids=lambda model: model.__name__)


def _filled_in(user: User, workspace: Workspace, model: Any) -> Typed:
    """The form as the page shows it, with its token."""
    with scope(workspace):
        typed = CREATING[model](workspace)
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
    made = sorted(ast.unparse(f.node.returns) for f in counting if f.node.returns)
    assert made == sorted(model.__name__ for model in CREATING)


@each_form
def test_form_sent_twice_makes_one_record_and_leads_to_it(
    workspace: Workspace, super_user: User, model: Any
) -> None:
    url, fields, _ = _filled_in(super_user, workspace, model)

    first, second = _send(super_user, url, fields), _send(super_user, url, fields)

    with scope(workspace):
        assert model.objects.count() == 1
    assert _led_to(second) == _led_to(first) == (True, first.get("Location", ""))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "model", mostly_long(CREATING, quick=[Invoice, Payment]), ids=lambda model: model.__name__
)
def test_form_sent_five_times_at_once_makes_one_record(
    model: Any, workspace: Workspace, super_user: User
) -> None:
    with scope(workspace), transaction.atomic():
        url, fields, _ = CREATING[model](workspace)
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
        assert model.objects.count() == 1
    assert len(set(led_to)) == 1
    assert led_to[0][0]


@each_form
def test_form_refused_first_can_be_put_right_and_sent_again(
    workspace: Workspace, super_user: User, model: Any
) -> None:
    url, fields, _ = _filled_in(super_user, workspace, model)
    wrong = {name: "?" * 300 if name in ("name", "amount", "lines-0-quantity", "email") else value
             for name, value in fields.items()}  # fmt: skip

    answers = [_led_to(_send(super_user, url, each))[0] for each in (wrong, fields)]

    with scope(workspace):
        assert (answers, model.objects.count()) == ([False, True], 1)


@each_form
def test_form_sent_again_with_other_content_says_what_it_made_and_loses_nothing(
    workspace: Workspace, super_user: User, model: Any
) -> None:
    url, fields, _ = _filled_in(super_user, workspace, model)
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
        assert (answer.status_code, model.objects.count()) == (422, 1)
        assert f"This form was sent before and made {model.objects.get()}." in page
    fresh = re.search(r'name="once" value="([^"]+)"', page)
    assert fresh
    assert fresh.group(1) != fields["once"]
    assert _led_to(_send(super_user, url, other | {"once": fresh.group(1)}))[0]


def test_form_whose_record_was_deleted_says_so(workspace: Workspace, staff: User) -> None:
    with scope(workspace):
        url, fields, _ = _invoice(workspace)
    fields = {name: value for name, value in fields.items() if name != "approve"} | {"once": str(uuid4())}
    _send(staff, url, fields)
    with scope(workspace), transaction.atomic():
        Invoice.objects.get().delete()

    answer = _send(staff, url, fields)

    assert answer.status_code == 422
    assert "what it made is deleted by now" in answer.content.decode()


@pytest.mark.parametrize("token", [None, "", "no-uuid"])
def test_form_without_a_token_still_works(workspace: Workspace, staff: User, token: str | None) -> None:
    url, fields, _ = _customer(workspace)

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
