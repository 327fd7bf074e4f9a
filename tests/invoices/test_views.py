"""The pages: who may open them, what they send back, and that nothing typed is lost."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import approve_invoice, mark_sent, update_invoice
from lines.signals import Objection, before_approval
from tests.factories.catalogue import make_service, make_tax_rate
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from tests.factories.payments import make_payment
from tests.invoices.pages import as_shown, url_of
from workspaces.models import User, Workspace

HTMX = {"HTTP_HX_REQUEST": "true"}


def _posted(lines: list[dict[str, Any]], **header: Any) -> dict[str, Any]:
    """The editor's form as a browser sends it."""
    data = {"issue_date": "2026-03-02", "amounts": "exclusive", "lines-TOTAL_FORMS": len(lines)}
    data |= {"lines-INITIAL_FORMS": 0, **header}
    for row, line in enumerate(lines):
        for name in (
            "id",
            "service",
            "description",
            "quantity",
            "unit_amount",
            "discount_percent",
            "tax_rate",
        ):
            data[f"lines-{row}-{name}"] = line.get(name, "")
    return data


def _line(**fields: Any) -> dict[str, Any]:
    return {"description": "Design", "quantity": "1", "unit_amount": "100", **fields}


def _page(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


# The list


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_the_same_queries_for_any_number_of_rows(
    in_workspace: Workspace, staff_client: Client, rows: int
) -> None:
    for _ in range(rows):
        make_payment(in_workspace)

    with assert_queries(LIST_QUERIES):
        response = staff_client.get(url_of(in_workspace, "list"))

    assert response.content.count(b'<th scope="row"') == rows


LIST_QUERIES = 8


def test_list_of_a_new_workspace_says_how_to_begin(in_workspace: Workspace, staff_client: Client) -> None:
    page = _page(staff_client.get(url_of(in_workspace, "list")))

    assert "No invoices yet" in page
    assert url_of(in_workspace, "create") in page


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, ["A-3", "A-2", "A-1"]),
        ({"status": "draft"}, ["A-2", "A-1"]),
        ({"status": "draft", "q": "a-1"}, ["A-1"]),
        ({"q": "nothing like it"}, []),
        ({"status": "unheard of"}, []),
        ({"page": "99"}, ["A-3", "A-2", "A-1"]),
    ],
)
def test_list_shows_what_was_asked_for(
    in_workspace: Workspace, staff_client: Client, query: dict[str, str], numbers: list[str]
) -> None:
    make_invoice(in_workspace, number="A-1")
    make_invoice(in_workspace, number="A-2")
    make_invoice(in_workspace, number="A-3", status=InvoiceStatus.SENT)

    page = staff_client.get(url_of(in_workspace, "list"), query).content.decode()

    assert re.findall(r"row-link[^>]*>([^<]+)<", page) == numbers


def test_list_of_one_customer_leaves_the_others_out(in_workspace: Workspace, staff_client: Client) -> None:
    mine = make_invoice(in_workspace)
    make_invoice(in_workspace)

    page = staff_client.get(url_of(in_workspace, "list"), {"customer": mine.customer.pk}).content.decode()

    assert re.findall(r"row-link[^>]*>([^<]+)<", page) == [mine.number]


@pytest.mark.parametrize("customer", ["no-uuid", "0199f3f2-0000-7000-8000-000000000000"])
def test_list_of_an_unknown_customer_is_not_found(
    in_workspace: Workspace, staff_client: Client, customer: str
) -> None:
    assert staff_client.get(url_of(in_workspace, "list"), {"customer": customer}).status_code == 404


def test_list_pages_at_25(in_workspace: Workspace, staff_client: Client) -> None:
    customer = make_customer(in_workspace)
    for _ in range(26):
        make_invoice(in_workspace, customer=customer)

    second = staff_client.get(url_of(in_workspace, "list"), {"page": 2}).content

    assert second.count(b'<th scope="row"') == 1


def test_list_answers_htmx_with_its_results_only(in_workspace: Workspace, staff_client: Client) -> None:
    make_invoice(in_workspace)

    response = staff_client.get(url_of(in_workspace, "list"), **HTMX)

    assert (b"<html" in response.content, b"INV-0001" in response.content) == (False, True)


def test_list_marks_what_is_overdue(in_workspace: Workspace, staff_client: Client) -> None:
    make_invoice(in_workspace, status=InvoiceStatus.SENT, due_date=dt.date(2020, 1, 1))

    page = _page(staff_client.get(url_of(in_workspace, "list")))

    assert "Overdue" in page


def test_list_of_overdue_invoices_counts_and_sums_them(in_workspace: Workspace, staff_client: Client) -> None:
    make_invoice(in_workspace, status=InvoiceStatus.SENT, number="LATE-1", due_date=dt.date(2026, 3, 3))
    make_invoice(in_workspace, status=InvoiceStatus.APPROVED, number="LATE-2", due_date=dt.date(2026, 3, 3))
    make_invoice(in_workspace, status=InvoiceStatus.SENT, number="OPEN", due_date=dt.date(9000, 1, 1))

    response = staff_client.get(url_of(in_workspace, "list"), {"status": "overdue"})
    page = _page(response)

    counts = {value: count for value, _, count in response.context["tabs"]}
    assert (counts["overdue"], counts["awaiting_payment"], counts[""]) == (2, 3, 3)
    assert ("LATE-1" in page, "LATE-2" in page, "OPEN" in page) == (True, True, False)
    assert [sums["overdue"] for sums in response.context["sums"]] == [200]


@pytest.mark.parametrize("status", [InvoiceStatus.APPROVED, InvoiceStatus.SENT])
def test_issued_invoice_is_called_by_the_word_of_its_tab(
    in_workspace: Workspace, staff_client: Client, status: str
) -> None:
    invoice = make_invoice(in_workspace, status=status, due_date=dt.date(9000, 1, 1))

    for page in (url_of(in_workspace, "list"), url_of(in_workspace, "detail", invoice.pk)):
        html = staff_client.get(page).content.decode()
        badge = html.split('class="badge tone--info"')[1].split("</span>")[0]
        assert badge.endswith("Awaiting payment")
        assert ("Sent to the customer" in html) is (status == InvoiceStatus.SENT)


def test_rows_of_an_unconnected_workspace_have_no_badge_and_the_page_one_banner(
    in_workspace: Workspace, staff_client: Client
) -> None:
    make_invoice(in_workspace)
    make_invoice(in_workspace)

    page = staff_client.get(url_of(in_workspace, "list")).content.decode()

    assert (page.count("data-sync="), page.count("Xero is not connected, so nothing here is sent.")) == (0, 1)
    assert '<th scope="col">Xero</th>' not in page


def test_paid_invoice_offers_marking_as_sent_in_the_menu_only(
    in_workspace: Workspace, staff_client: Client
) -> None:
    unpaid = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)
    paid = make_payment(in_workspace, amount="100").invoice

    pages = [
        staff_client.get(url_of(in_workspace, "detail", invoice.pk)).content.decode()
        for invoice in (unpaid, paid)
    ]

    before_the_menu = [page.split('class="menu__panel" id="menu-')[0] for page in pages]
    assert ["Mark as sent" in page for page in pages] == [True, True]
    assert ["Mark as sent" in part for part in before_the_menu] == [True, False]


# Who may


@pytest.mark.parametrize("name", ["list", "create"])
def test_pages_are_not_there_for_strangers(
    workspace: Workspace, stranger: User, client: Client, name: str
) -> None:
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(url_of(workspace, name)).status_code == 404


@pytest.mark.parametrize(
    "name", ["approve", "submit", "sent", "reopen", "void", "delete", "edit", "preview_edit"]
)
def test_steps_are_not_there_for_strangers(
    in_workspace: Workspace, stranger: User, client: Client, name: str
) -> None:
    invoice = make_invoice(in_workspace)
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(url_of(in_workspace, name, invoice.pk)).status_code == 404


def test_pages_send_the_anonymous_to_sign_in(workspace: Workspace, client: Client) -> None:
    assert client.get(url_of(workspace, "list")).status_code == 302


def test_super_user_may_do_what_staff_may(in_workspace: Workspace, super_client: Client) -> None:
    invoice = make_invoice(in_workspace)

    super_client.post(url_of(in_workspace, "approve", invoice.pk))

    assert Invoice.objects.get().status == InvoiceStatus.APPROVED


# The editor


def test_create_page_starts_with_today_and_one_line(in_workspace: Workspace, staff_client: Client) -> None:
    gst = make_tax_rate(in_workspace, is_default=True)
    customer = make_customer(in_workspace)

    response = staff_client.get(url_of(in_workspace, "create"), {"customer": customer.pk})
    editor = response.context["editor"]

    assert len(editor.rows) == 1
    assert editor.blank == {"quantity": "1", "tax_rate": gst.pk}
    assert (editor.number_hint, editor.form["customer"].value()) == ("INV-0001", str(customer.pk))


@pytest.mark.parametrize("lines", [1, 3])
def test_editor_takes_the_same_queries_for_any_number_of_lines(
    in_workspace: Workspace, staff_client: Client, lines: int
) -> None:
    gst = make_tax_rate(in_workspace)
    service = make_service(in_workspace, tax_rate=gst)
    line = make_line(tax_rate=gst, service=service)
    invoice = make_invoice(in_workspace, lines=[line] * lines)

    with assert_queries(EDIT_QUERIES):
        staff_client.get(url_of(in_workspace, "edit", invoice.pk))


EDIT_QUERIES = 10


def test_create_saves_and_shows_the_invoice(
    in_workspace: Workspace, staff: User, staff_client: Client
) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    customer = make_customer(in_workspace, payment_terms_days=20)
    lines = [_line(unit_amount="1,250.50", tax_rate=gst.pk), {"quantity": "1", "tax_rate": gst.pk}]

    response = staff_client.post(
        url_of(in_workspace, "create"), _posted(lines, customer=customer.pk, reference="PO 1")
    )

    invoice = Invoice.objects.get()
    assert response["Location"] == url_of(in_workspace, "detail", invoice.pk)
    assert (str(invoice.net), str(invoice.total), invoice.lines.count()) == ("1250.50", "1438.08", 1)
    assert (invoice.due_date, invoice.currency, invoice.reference) == (dt.date(2026, 3, 22), "NZD", "PO 1")


def test_create_and_approve_in_one_go(in_workspace: Workspace, staff: User, staff_client: Client) -> None:
    customer = make_customer(in_workspace)

    staff_client.post(
        url_of(in_workspace, "create"), _posted([_line()], customer=customer.pk, approve="1", number="X7")
    )

    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.status, invoice.approved_by) == ("X7", InvoiceStatus.APPROVED, staff)


@pytest.fixture
def objecting() -> Iterator[list[Objection]]:
    """A room above that objects to approvals."""
    objections: list[Objection] = []

    def answer(**kwargs: Any) -> list[Objection]:
        return objections

    before_approval.connect(answer)
    yield objections
    before_approval.disconnect(answer)


@pytest.mark.parametrize("page", ["create", "edit"])
def test_save_and_approve_with_objections_says_each_by_its_field_and_saves_nothing(
    in_workspace: Workspace, staff_client: Client, objecting: list[Objection], page: str
) -> None:
    objecting += [Objection("No such money there.", "currency"), Objection("No rate.", "tax_rate", line=2)]
    invoice = make_invoice(in_workspace) if page == "edit" else None
    shown = as_shown(in_workspace, staff_client, invoice) if invoice else {}
    typed = shown or {"customer": make_customer(in_workspace).pk}
    typed |= _posted([_line(), {"quantity": "1"}, _line(description="Second")])
    before = list(Invoice.objects.values())

    response = staff_client.post(
        url_of(in_workspace, page, *([invoice.pk] if invoice else [])),
        {**typed, "reference": "Mine", "approve": "1"},
    )

    editor = response.context["editor"]
    assert (response.status_code, list(Invoice.objects.values())) == (422, before)
    assert editor.form.errors == {"currency": ["No such money there."]}
    assert [form.errors.get("tax_rate") for form in editor.lines] == [None, None, ["No rate."]]
    assert editor.form["reference"].value() == "Mine"


def test_step_approve_with_an_objection_says_why(
    in_workspace: Workspace, staff_client: Client, objecting: list[Objection]
) -> None:
    objecting.append(Objection("No rate.", "tax_rate", line=1))
    invoice = make_invoice(in_workspace)

    page = staff_client.post(url_of(in_workspace, "approve", invoice.pk), follow=True).content.decode()

    assert "Line 1: No rate." in page
    assert Invoice.objects.get().status == InvoiceStatus.DRAFT


def test_create_fills_a_line_from_its_service(in_workspace: Workspace, staff_client: Client) -> None:
    service = make_service(in_workspace, name="Workshop", unit_amount=Decimal(900))

    staff_client.post(
        url_of(in_workspace, "create"),
        _posted([{"service": service.pk, "quantity": "2"}], customer=make_customer(in_workspace).pk),
    )

    line = Invoice.objects.get().lines.get()
    assert (line.description, line.line_amount, line.service) == ("Workshop", 1800, service)


@pytest.mark.parametrize(
    ("header", "line", "sentence"),
    [
        ({"customer": ""}, {}, "Choose a customer."),
        ({"issue_date": ""}, {}, "Give the issue date."),
        ({"due_date": "2026-03-01"}, {}, "The due date is before the issue date."),
        ({"number": "A,1"}, {}, "An invoice number cannot contain a comma."),
        ({"number": "TAKEN"}, {}, "TAKEN is taken by another invoice."),
        ({"currency": "dollars"}, {}, "Choose a currency from the list."),
        ({"currency": "XQZ"}, {}, "Choose a currency from the list."),
        ({}, {"description": ""}, "Describe what is invoiced."),
        ({}, {"description": "x" * 4001}, "A description has at most 4000 characters, as in Xero."),
        ({}, {"quantity": "two"}, "Write a number like 1250.50."),
        ({}, {"unit_amount": "12,5"}, "Write a number like 1250.50."),
        ({}, {"unit_amount": ""}, "Give the price; 0 if it is free."),
        ({}, {"unit_amount": " "}, "Give the price; 0 if it is free."),
        ({"approve": "1"}, {"unit_amount": ""}, "Give the price; 0 if it is free."),
        ({}, {"quantity": ""}, "Give the quantity."),
        ({}, {"unit_amount": "0.00001"}, "Use at most 4 decimals."),
        ({}, {"unit_amount": "9" * 11}, "This number is too large."),
        ({}, {"discount_percent": "101"}, "A discount is between 0 and 100."),
        ({}, {"tax_rate": "gone"}, "This choice is no longer there. Pick another."),
        ({}, {"quantity": "999999999", "unit_amount": "9999999999"}, "Line 1 comes to more than"),
        ({}, {"description": "", "unit_amount": ""}, "Add at least one line."),
    ],
)
def test_create_with_an_error_keeps_what_was_typed(
    in_workspace: Workspace,
    staff_client: Client,
    header: dict[str, str],
    line: dict[str, str],
    sentence: str,
) -> None:
    make_invoice(in_workspace, number="TAKEN")
    typed = {"customer": str(make_customer(in_workspace).pk), "reference": "Typed reference", **header}

    response = staff_client.post(url_of(in_workspace, "create"), _posted([_line(**line)], **typed))

    assert (response.status_code, Invoice.objects.count()) == (422, 1)
    assert sentence in response.content.decode()
    assert response.content.count(b"Typed reference") == 1
    assert response.context["editor"].lines[0]["quantity"].value() == line.get("quantity", "1")
    assert response.context["editor"].lines[0]["unit_amount"].value() == line.get("unit_amount", "100")


def test_create_with_a_price_of_zero_is_meant_so(in_workspace: Workspace, staff_client: Client) -> None:
    customer = make_customer(in_workspace)

    staff_client.post(
        url_of(in_workspace, "create"), _posted([_line(unit_amount="0")], customer=customer.pk, approve="1")
    )

    assert (Invoice.objects.get().total, Invoice.objects.get().status) == (0, InvoiceStatus.APPROVED)


def test_create_with_more_lines_than_fit_says_so(in_workspace: Workspace, staff_client: Client) -> None:
    customer = make_customer(in_workspace)

    response = staff_client.post(
        url_of(in_workspace, "create"), _posted([_line()] * 101, customer=customer.pk)
    )

    assert response.status_code == 422
    assert "at most 100 lines" in response.content.decode()


def test_editor_without_script_adds_rows_and_keeps_what_was_typed(
    in_workspace: Workspace, staff_client: Client
) -> None:
    response = staff_client.post(
        url_of(in_workspace, "create"), _posted([_line(description="Half typed")], more="1", notes="Thanks")
    )

    editor = response.context["editor"]
    assert (response.status_code, len(editor.rows), Invoice.objects.count()) == (200, 4, 0)
    assert editor.lines[0]["description"].value() == "Half typed"
    assert editor.form["notes"].value() == "Thanks"
    assert not editor.has_errors


def test_edit_without_a_change_saves_nothing(in_workspace: Workspace, staff_client: Client) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    invoice = make_invoice(
        in_workspace, lines=[make_line(quantity="2.5", unit_amount="80.5555", tax_rate=gst)]
    )
    before = Invoice.objects.values().get()

    staff_client.post(url_of(in_workspace, "edit", invoice.pk), as_shown(in_workspace, staff_client, invoice))

    assert Invoice.objects.values().get() == before


def test_edit_moves_and_removes_lines(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace, lines=[make_line("A"), make_line("B"), make_line("C")])
    a, _, c = invoice.lines.all()
    lines = [_line(id=c.pk, description="C"), _line(id=a.pk, description="A!")]

    shown = as_shown(in_workspace, staff_client, invoice)

    staff_client.post(url_of(in_workspace, "edit", invoice.pk), {**shown, **_posted(lines)})

    assert list(invoice.lines.values_list("pk", "description")) == [(c.pk, "C"), (a.pk, "A!")]


def test_edit_of_a_draft_somebody_else_saved_shows_what_they_changed_and_loses_nothing(
    in_workspace: Workspace, staff: User, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace, reference="Before")
    mine = as_shown(in_workspace, staff_client, invoice) | {"reference": "Mine"}
    update_invoice(invoice=invoice, by=staff, reference="Theirs", notes="Their note")

    response = staff_client.post(url_of(in_workspace, "edit", invoice.pk), mine)

    form = response.context["form"]
    assert response.status_code == 422
    assert "INV-0001 was changed while you were editing it" in response.content.decode()
    assert form.meanwhile == [("Reference", "Theirs", "Mine", True), ("Notes", "Their note", "", False)]
    assert (form["reference"].value(), form["notes"].value()) == ("Mine", "Their note")
    assert Invoice.objects.get().reference == "Theirs"


def test_edit_saved_again_keeps_ones_own_choice_and_leaves_the_rest_as_it_is_now(
    in_workspace: Workspace, staff: User, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace)
    mine = as_shown(in_workspace, staff_client, invoice) | {"reference": "Mine"}
    lines = [make_line("New line"), make_line("And one more")]
    update_invoice(invoice=invoice, by=staff, reference="Theirs", notes="Their note", lines=lines)

    shown = staff_client.post(url_of(in_workspace, "edit", invoice.pk), mine).context["editor"]
    again = staff_client.post(url_of(in_workspace, "edit", invoice.pk), _sent_again(shown))

    saved = Invoice.objects.get()
    assert again.status_code == 302
    assert (saved.reference, saved.notes) == ("Mine", "Their note")
    assert [line.description for line in saved.lines.all()] == ["New line", "And one more"]


def test_edit_of_lines_both_changed_shows_theirs_beside_ones_own(
    in_workspace: Workspace, staff: User, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace)
    mine = as_shown(in_workspace, staff_client, invoice) | {"lines-0-unit_amount": "120"}
    update_invoice(invoice=invoice, by=staff, lines=[make_line("Thinking", unit_amount="80.50")])

    shown = staff_client.post(url_of(in_workspace, "edit", invoice.pk), mine).context["editor"]
    staff_client.post(url_of(in_workspace, "edit", invoice.pk), _sent_again(shown))

    assert shown.form.meanwhile == [("Lines", "Thinking: 1 × 80.5", "Design: 1 × 120", True)]
    assert [line.told() for line in _inputs(Invoice.objects.get())] == ["Design: 1 × 120"]


def test_edit_of_what_others_changed_elsewhere_is_simply_saved(
    in_workspace: Workspace, staff: User, staff_client: Client
) -> None:
    """Marking it as sent is a revision, but it is on no field of the form."""
    invoice = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)
    mine = _as_shown_issued(in_workspace, staff_client, invoice) | {"notes": "Mine"}
    mark_sent(invoice=invoice, by=staff)

    response = staff_client.post(url_of(in_workspace, "edit", invoice.pk), mine)

    assert (response.status_code, Invoice.objects.get().notes) == (302, "Mine")


def test_edit_of_a_draft_approved_meanwhile_says_so_and_keeps_what_was_typed(
    in_workspace: Workspace, staff: User, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace)
    mine = as_shown(in_workspace, staff_client, invoice) | {"lines-0-description": "Typed"}
    approve_invoice(invoice=invoice, by=staff)

    response = staff_client.post(url_of(in_workspace, "edit", invoice.pk), mine)

    assert response.status_code == 422
    assert "INV-0001 is approved: only its reference, due date and notes can change." in response.text
    assert "Typed" in response.text


@pytest.mark.parametrize("read", ["", "garbage", "[1]", '["0",{}]', "[" * 5000])
def test_edit_without_a_reading_overwrites_nothing_unseen(
    in_workspace: Workspace, staff_client: Client, read: str
) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT, reference="Theirs")

    response = staff_client.post(
        url_of(in_workspace, "edit", invoice.pk),
        {"reference": "Mine", "due_date": "2026-06-01", "read": read},
    )

    assert (response.status_code, Invoice.objects.get().reference) == (422, "Theirs")


def test_edit_of_notes_with_several_lines_changes_only_what_was_typed(
    in_workspace: Workspace, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT, notes="One\nTwo")
    mine = _as_shown_issued(in_workspace, staff_client, invoice) | {"notes": "One\r\nTwo", "reference": "PO"}

    staff_client.post(url_of(in_workspace, "edit", invoice.pk), mine)

    assert Invoice.objects.values_list("notes", "reference").get() == ("One\nTwo", "PO")


def _as_shown_issued(workspace: Workspace, client: Client, invoice: Invoice) -> dict[str, Any]:
    form = client.get(url_of(workspace, "edit", invoice.pk)).context["form"]
    return {field.html_name: "" if field.value() is None else field.value() for field in form}


def _sent_again(editor: Any) -> dict[str, Any]:
    """What the browser sends when nothing more is typed into the page that came back."""
    return {name: value for name, value in editor.form.data.items() if name != "csrfmiddlewaretoken"}


def _inputs(invoice: Invoice) -> list[Any]:
    return [line.as_input() for line in invoice.lines.all()]


def test_edit_keeps_an_archived_customer_and_tax_rate(in_workspace: Workspace, staff_client: Client) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    invoice = make_invoice(in_workspace, lines=[make_line(tax_rate=gst)])
    type(gst).objects.update(archived_at=invoice.created_at)
    type(invoice.customer).objects.update(archived_at=invoice.created_at)

    response = staff_client.post(
        url_of(in_workspace, "edit", invoice.pk), as_shown(in_workspace, staff_client, invoice)
    )

    assert (response.status_code, invoice.lines.get().tax_rate) == (302, gst)


def test_edit_of_an_issued_invoice_opens_what_may_change(
    in_workspace: Workspace, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT)

    page = staff_client.get(url_of(in_workspace, "edit", invoice.pk)).content.decode()
    shown = _as_shown_issued(in_workspace, staff_client, invoice)
    staff_client.post(
        url_of(in_workspace, "edit", invoice.pk), {**shown, "reference": "PO 2", "due_date": "2026-06-01"}
    )

    invoice.refresh_from_db()
    assert "lines are locked" in page
    assert (invoice.reference, invoice.due_date) == ("PO 2", dt.date(2026, 6, 1))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"due_date": "2026-01-01"}, "The due date is before the issue date."),
        ({"due_date": ""}, "Give the due date."),
        ({"read": ""}, "was changed while you were editing it."),
    ],
)
def test_edit_of_an_issued_invoice_with_an_error_keeps_what_was_typed(
    in_workspace: Workspace, staff_client: Client, data: dict[str, str], sentence: str
) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT)
    shown = _as_shown_issued(in_workspace, staff_client, invoice)
    sent = {**shown, "reference": "Typed", "due_date": "2026-06-01", **data}

    response = staff_client.post(url_of(in_workspace, "edit", invoice.pk), sent)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert b'value="Typed"' in response.content
    assert bool(response.context["form"].meanwhile) == ("read" in data)


# The preview


def test_preview_computes_what_is_typed_so_far(in_workspace: Workspace, staff_client: Client) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    lines = [
        _line(quantity="3", unit_amount="33.3333", tax_rate=gst.pk),
        {},
        _line(unit_amount="8", description=""),
        _line(unit_amount="-10", discount_percent="50"),
    ]

    response = staff_client.post(url_of(in_workspace, "preview"), _posted(lines, currency="usd"))

    outputs = re.findall(r"<output data-line-amount>([^<]*)</output>", response.content.decode())
    assert outputs == ["100.00", "", "8.00", "-5.00"]
    assert "US$118.00" in response.content.decode() or "$118.00" in response.content.decode()


def test_preview_of_inclusive_amounts_takes_the_tax_out(
    in_workspace: Workspace, staff_client: Client
) -> None:
    gst = make_tax_rate(in_workspace, percent="15")

    response = staff_client.post(
        url_of(in_workspace, "preview"),
        _posted([_line(unit_amount="115", tax_rate=gst.pk)], amounts="inclusive"),
    )

    totals = response.context["editor"].totals
    assert (totals.net, totals.tax, totals.total) == (100, 15, 115)


def test_preview_of_nothing_is_zero(in_workspace: Workspace, staff_client: Client) -> None:
    response = staff_client.post(url_of(in_workspace, "preview"), {})

    assert (response.status_code, response.context["editor"].totals.total) == (200, 0)


def test_preview_of_an_invoice_knows_its_archived_tax_rate(
    in_workspace: Workspace, staff_client: Client
) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    invoice = make_invoice(in_workspace, lines=[make_line(tax_rate=gst)])
    type(gst).objects.update(archived_at=invoice.created_at)

    response = staff_client.post(
        url_of(in_workspace, "preview_edit", invoice.pk), _posted([_line(tax_rate=gst.pk)])
    )

    assert response.context["editor"].totals.total == 115


# The document and the steps


@pytest.mark.parametrize("status", InvoiceStatus.values)
def test_detail_shows_the_document_in_every_status(
    in_workspace: Workspace, staff_client: Client, status: str
) -> None:
    gst = make_tax_rate(in_workspace, name="GST 15%", percent="15")
    line = make_line("Brand design", tax_rate=gst, discount_percent="10")
    invoice = make_invoice(in_workspace, status=status, lines=[line], notes="Thank you")

    page = _page(staff_client.get(url_of(in_workspace, "detail", invoice.pk)))

    for text in ("INV-0001", "Brand design", "GST 15%", "13.50", "103.50", "10 % discount", "Thank you"):
        assert text in page


def test_history_can_be_scrolled_by_keyboard(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace)
    page = _page(staff_client.get(url_of(in_workspace, "detail", invoice.pk)))
    assert '<ol class="history" tabindex="0" aria-label="History">' in page


@pytest.mark.parametrize("rows", [1, 3])
def test_detail_takes_the_same_queries_for_any_number_of_rows(
    in_workspace: Workspace, staff_client: Client, rows: int
) -> None:
    gst = make_tax_rate(in_workspace)
    lines = [make_line(tax_rate=gst)] * rows
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT, lines=lines)
    for _ in range(rows):
        make_payment(in_workspace, invoice=invoice, amount="1")

    with assert_queries(DETAIL_QUERIES):
        staff_client.get(url_of(in_workspace, "detail", invoice.pk))


DETAIL_QUERIES = 11


@pytest.mark.parametrize("name", ["header", "document", "history"])
def test_parts_of_the_page_refresh_by_themselves(
    in_workspace: Workspace, staff_client: Client, name: str
) -> None:
    invoice = make_invoice(in_workspace)

    response = staff_client.get(url_of(in_workspace, name, invoice.pk), **HTMX)

    page = response.content.decode()
    assert "<html" not in page
    assert f'hx-get="{url_of(in_workspace, name, invoice.pk)}"' in page
    assert 'hx-trigger="recordChanged from:body"' in page


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        (InvoiceStatus.DRAFT, "submit", InvoiceStatus.AWAITING_APPROVAL),
        (InvoiceStatus.AWAITING_APPROVAL, "approve", InvoiceStatus.APPROVED),
        (InvoiceStatus.APPROVED, "sent", InvoiceStatus.SENT),
        (InvoiceStatus.SENT, "reopen", InvoiceStatus.DRAFT),
        (InvoiceStatus.APPROVED, "void", InvoiceStatus.VOIDED),
    ],
)
def test_step_moves_the_invoice_and_names_who(
    in_workspace: Workspace, staff: User, staff_client: Client, before: str, step: str, after: str
) -> None:
    invoice = make_invoice(in_workspace, status=before)

    response = staff_client.post(url_of(in_workspace, step, invoice.pk), follow=True)

    assert Invoice.objects.get().status == after
    assert response.context["history"].first().actor == staff
    assert [message.level_tag for message in response.context["messages"]] == ["success"]


def test_step_that_is_refused_says_why(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_payment(in_workspace).invoice

    response = staff_client.post(url_of(in_workspace, "void", invoice.pk), follow=True)

    assert [str(message) for message in response.context["messages"]] == [
        f"{invoice} has payments. Reverse them, then void it."
    ]


def test_step_by_get_is_refused(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace)

    assert staff_client.get(url_of(in_workspace, "approve", invoice.pk)).status_code == 405


def test_delete_removes_a_draft(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace)

    response = staff_client.post(url_of(in_workspace, "delete", invoice.pk))

    assert (response["Location"], Invoice.objects.count()) == (url_of(in_workspace, "list"), 0)


def test_delete_of_an_issued_invoice_is_refused(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)

    response = staff_client.post(url_of(in_workspace, "delete", invoice.pk))

    assert (response["Location"], Invoice.objects.count()) == (url_of(in_workspace, "detail", invoice.pk), 1)
