"""The pages of credit notes, and of where their credit goes."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.testing import assert_queries
from credit.models import Allocation, CreditNote, Refund
from invoices.models import Invoice
from lines.totals import LineInput
from tests.factories.credit import make_allocation, make_credit_note, make_pair, make_refund
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from tests.invoices.pages import filled_form, text_of, typed_line
from workspaces.models import Workspace


def url_of(workspace: Workspace, name: str, *args: Any) -> str:
    return reverse(f"credit:{name}", args=[workspace.slug, *args])


def _numbers(page: str) -> list[str]:
    return re.findall(r'<a class="row-link"[^>]*>([^<]+)</a>', page)


@pytest.fixture
def three(in_workspace: Workspace) -> Workspace:
    """A draft of Kea; one of which 70 is left; one that is used up."""
    kea = make_customer(in_workspace, name="Kea Ltd")
    make_credit_note(
        in_workspace, number="CN-A", customer=kea, status="draft", lines=[make_line(unit_amount="5")]
    )
    note, invoice = make_pair(in_workspace, number="CN-B")
    make_allocation(note, invoice, "30")
    used = make_credit_note(in_workspace, number="CN-C", lines=[make_line(unit_amount="20")])
    make_refund(used, "20")
    return in_workspace


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"sort": "number"}, ["CN-A", "CN-B", "CN-C"]),
        ({"sort": "-total"}, ["CN-B", "CN-C", "CN-A"]),
        ({"stage": "draft"}, ["CN-A"]),
        ({"stage": "open"}, ["CN-B"]),
        ({"stage": "used"}, ["CN-C"]),
        ({"stage": "voided"}, []),
        ({"q": "kea"}, ["CN-A"]),
        ({"since": "2030-01-01"}, []),
    ],
)
def test_list_shows_what_was_asked_for(
    staff_client: Client, three: Workspace, asked: dict[str, str], told: list[str]
) -> None:
    page = staff_client.get(url_of(three, "list"), asked).content.decode()
    table = b"".join(staff_client.get(url_of(three, "download"), asked)).decode()

    assert _numbers(page) == told
    assert [row.partition(",")[0] for row in table.splitlines()[1:]] == told


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_the_same_queries_for_any_number_of_rows(
    staff_client: Client, in_workspace: Workspace, rows: int
) -> None:
    for _ in range(rows):
        make_credit_note(in_workspace)
    with assert_queries(9):
        staff_client.get(url_of(in_workspace, "list"))


def test_note_is_made_and_approved_in_the_editor(staff_client: Client, in_workspace: Workspace) -> None:
    customer = make_customer(in_workspace)
    form = filled_form([typed_line()], customer=customer.pk, amounts="no_tax", approve="1")
    page = staff_client.post(url_of(in_workspace, "create"), form, follow=True)

    note = CreditNote.objects.get()
    assert (note.status, note.total, note.customer) == ("approved", 100, customer)
    assert f"{note.number} is approved." in text_of(page)


def test_editor_has_no_discounts(staff_client: Client, in_workspace: Workspace) -> None:
    page = text_of(staff_client.get(url_of(in_workspace, "create")))
    assert "Disc. %" not in page

    form = filled_form(
        [typed_line(discount_percent="10")], customer=make_customer(in_workspace).pk, amounts="no_tax"
    )
    refused = staff_client.post(url_of(in_workspace, "create"), form)
    assert refused.status_code == 422
    assert "A credit note has no discounts" in text_of(refused)


def test_saved_note_is_edited_and_keeps_its_lines(staff_client: Client, in_workspace: Workspace) -> None:
    note = make_credit_note(in_workspace, status="draft")
    editor = staff_client.get(url_of(in_workspace, "edit", note.pk)).context["editor"]
    data = {field.html_name: field.value() for field in editor.form}
    for row in editor.lines:
        data |= {field.html_name: field.value() for field in row}
    data |= {"lines-TOTAL_FORMS": 1, "lines-INITIAL_FORMS": 0, "reference": "PO 9"}
    line = note.lines.get().pk
    staff_client.post(
        url_of(in_workspace, "edit", note.pk), {k: "" if v is None else v for k, v in data.items()}
    )

    note.refresh_from_db()
    assert (note.reference, note.lines.get().pk) == ("PO 9", line)


@pytest.mark.parametrize(("step", "status"), [("submit", "awaiting_approval"), ("approve", "approved")])
def test_steps_are_taken(staff_client: Client, in_workspace: Workspace, step: str, status: str) -> None:
    note = make_credit_note(in_workspace, status="draft")
    staff_client.post(url_of(in_workspace, step, note.pk))

    assert CreditNote.objects.get().status == status


def test_draft_is_deleted_and_an_issued_one_is_not(staff_client: Client, in_workspace: Workspace) -> None:
    draft, issued = make_credit_note(in_workspace, status="draft"), make_credit_note(in_workspace)
    for note in (draft, issued):
        staff_client.post(url_of(in_workspace, "delete", note.pk))

    assert list(CreditNote.objects.all()) == [issued]


def _invoice(workspace: Workspace, *lines: LineInput) -> Invoice:
    return make_invoice(workspace, status="approved", lines=list(lines))


def test_invoice_is_credited_by_lines_and_quantities(staff_client: Client, in_workspace: Workspace) -> None:
    invoice = _invoice(
        in_workspace, make_line("Design", quantity="3"), make_line("Hosting", unit_amount="40")
    )
    first, second = invoice.lines.all()
    wanted = {f"quantity-{first.pk}": "2", f"quantity-{second.pk}": "", "issue_date": "2026-03-20"}
    staff_client.post(url_of(in_workspace, "from_invoice", invoice.pk), wanted)

    note = CreditNote.objects.get()
    (line,) = note.lines.all()
    assert (note.invoice, note.total, note.status) == (invoice, 200, "draft")
    assert (line.description, line.quantity, line.account) == ("Design", 2, first.account)


def test_whole_invoice_comes_to_its_cent_without_discounts(
    staff_client: Client, in_workspace: Workspace
) -> None:
    invoice = _invoice(in_workspace, make_line(quantity="3", unit_amount="9.99", discount_percent="33"))
    page = staff_client.get(url_of(in_workspace, "from_invoice", invoice.pk))
    form = {field.html_name: field.value() for _, field in page.context["form"].offered}
    staff_client.post(url_of(in_workspace, "from_invoice", invoice.pk), {**form, "issue_date": "2026-03-20"})

    assert CreditNote.objects.get().total == invoice.total


def test_more_than_was_invoiced_is_refused(staff_client: Client, in_workspace: Workspace) -> None:
    invoice = _invoice(in_workspace, make_line(quantity="3"))
    line = invoice.lines.get()
    answer = staff_client.post(
        url_of(in_workspace, "from_invoice", invoice.pk),
        {f"quantity-{line.pk}": "4", "issue_date": "2026-03-20"},
    )

    assert answer.status_code == 422
    assert "Only 3 was invoiced." in text_of(answer)


def test_credit_is_suggested_the_oldest_first_and_applied_at_once(
    staff_client: Client, in_workspace: Workspace
) -> None:
    first, invoice = make_pair(in_workspace, lines=[make_line(unit_amount="30")])
    second = make_credit_note(in_workspace, customer=first.customer)
    url = url_of(in_workspace, "apply_to", invoice.pk)
    form = {field.html_name: field.value() for _, field in staff_client.get(url).context["form"].offered}
    assert list(form.values()) == [Decimal(30), Decimal(70)]

    staff_client.post(url, {**form, "date": "2026-03-20"})
    invoice.refresh_from_db()
    second.refresh_from_db()
    assert (invoice.credited, invoice.is_paid, second.remaining) == (100, True, 30)


def test_note_is_applied_to_what_has_been_due_longest(staff_client: Client, in_workspace: Workspace) -> None:
    note, invoice = make_pair(in_workspace)
    url = url_of(in_workspace, "apply_from", note.pk)
    staff_client.post(url, {f"amount-{invoice.pk}": "25.50", "date": "2026-03-20"})

    assert Allocation.objects.get().amount == Decimal("25.50")


@pytest.mark.parametrize(("typed", "told"), [("", "at least one of them"), ("101", "At most 100.00.")])
def test_amount_that_does_not_fit_is_refused(
    staff_client: Client, in_workspace: Workspace, typed: str, told: str
) -> None:
    note, invoice = make_pair(in_workspace)
    url = url_of(in_workspace, "apply_from", note.pk)
    answer = staff_client.post(url, {f"amount-{invoice.pk}": typed, "date": "2026-03-20"})

    assert (answer.status_code, Allocation.objects.count()) == (422, 0)
    assert told in text_of(answer)


def test_credit_is_taken_off_and_the_page_is_the_one_that_asked(
    staff_client: Client, in_workspace: Workspace
) -> None:
    note, invoice = make_pair(in_workspace)
    allocation = make_allocation(note, invoice)
    back = reverse("invoices:detail", args=[in_workspace.slug, invoice.pk])
    panel = text_of(staff_client.get(url_of(in_workspace, "panel", invoice.pk)))
    assert all(told in panel for told in ("NZ$30.00", note.number, "NZ$70.00 left", "Apply credit"))

    answer = staff_client.post(url_of(in_workspace, "remove", allocation.pk), {"side": "invoice"})
    assert answer["Location"] == back
    assert Allocation.objects.get().is_removed


def test_credit_is_paid_back_and_that_taken_back(staff_client: Client, in_workspace: Workspace) -> None:
    note = make_credit_note(in_workspace)
    url = url_of(in_workspace, "refund", note.pk)
    refused = staff_client.post(url, {"amount": "101", "date": "2026-03-20"})
    assert (refused.status_code, Refund.objects.count()) == (422, 0)

    staff_client.post(url, {"amount": "40", "date": "2026-03-20", "reference": "Bank 3"})
    paid = Refund.objects.get()
    assert "Bank 3" in text_of(staff_client.get(url_of(in_workspace, "detail", note.pk)))
    staff_client.post(url_of(in_workspace, "reverse_refund", paid.pk))
    note.refresh_from_db()
    assert note.remaining == 100


def test_invoice_is_voided_with_its_credit_taken_off(staff_client: Client, in_workspace: Workspace) -> None:
    note, invoice = make_pair(in_workspace)
    allocation = make_allocation(note, invoice)
    url = reverse("payments:void", args=[in_workspace.slug, invoice.pk])
    assert "is taken off, and can be used again" in text_of(staff_client.get(url))

    staff_client.post(url, {"credit": [allocation.pk]})
    invoice.refresh_from_db()
    note.refresh_from_db()
    assert (invoice.status, note.remaining) == ("voided", 100)
