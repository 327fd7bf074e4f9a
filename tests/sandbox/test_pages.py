"""The sandbox's pages: what a bookkeeper does there by hand."""

from __future__ import annotations

import re

import pytest
import requests

from tests.sandbox.browsing import BASE, get, post, said
from tests.sandbox.conftest import Api, Desk
from xero_sandbox.handle import Handle

PAGES = [
    f"{BASE}/",
    f"{BASE}/invoices/",
    f"{BASE}/invoices/new",
    f"{BASE}/contacts/",
    f"{BASE}/contacts/new",
    f"{BASE}/accounts/",
    f"{BASE}/tax-rates/",
    f"{BASE}/tracking/",
    f"{BASE}/settings/",
    f"{BASE}/connected-apps/",
    "/developer/webhooks/",
    "/developer/faults/",
    "/developer/requests/",
]


def edit_form(desk: Desk, invoice: dict, **changes: str) -> list[tuple[str, str]]:
    """The editor's form as a browser would send it."""
    rows = invoice["LineItems"]
    form = {
        "contact": invoice["Contact"]["ContactID"],
        "number": invoice["InvoiceNumber"],
        "reference": invoice["Reference"],
        "date": invoice["DateString"][:10],
        "due_date": invoice["DueDateString"][:10],
        "currency": invoice["CurrencyCode"],
        "line_amount_types": invoice["LineAmountTypes"],
        "line_id": rows[0]["LineItemID"],
        "line_description": rows[0]["Description"],
        "line_quantity": str(rows[0]["Quantity"]),
        "line_unit": str(rows[0]["UnitAmount"]),
        "line_account": rows[0]["AccountID"],
        "line_tax": rows[0]["TaxType"],
        **changes,
    }
    return list(form.items())


@pytest.mark.parametrize("path", PAGES)
def test_page_answers_under_a_strict_policy(sandbox: Handle, path: str) -> None:
    reply = get(sandbox, path)

    assert reply.status_code == 200
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "Not Xero" in reply.text
    assert not re.search(r"<style|<script(?! src)| style=| on\w+=|https?://(?!localhost)", reply.text)


def test_first_page_leads_to_the_first_organisation(sandbox: Handle) -> None:
    assert get(sandbox, "/").url.endswith("/o/maple-florist/")


def test_unknown_page_is_a_sentence(sandbox: Handle) -> None:
    for path in ("/o/nobody/", "/nothing", f"{BASE}/invoices/none/", f"{BASE}/contacts/none/"):
        reply = get(sandbox, path)
        assert reply.status_code == 404
        assert "There is nothing at this address" in reply.text


def test_form_from_another_site_is_refused(sandbox: Handle) -> None:
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:8000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        assert post(sandbox, "/developer/faults/clear", headers=headers).status_code == 403
    good = {"Origin": sandbox.url, "Sec-Fetch-Site": "same-origin"}
    assert post(sandbox, "/developer/faults/clear", headers=good).status_code == 200


def test_texts_from_the_app_are_escaped(desk: Desk, sandbox: Handle) -> None:
    invoice = desk.invoice(Reference="<script>alert(1)</script>")

    page = get(sandbox, f"{BASE}/invoices/{invoice['InvoiceID']}/").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_list_finds_by_text_and_status(desk: Desk, sandbox: Handle) -> None:
    desk.invoice(InvoiceNumber="A-1", Reference="roses")
    desk.invoice(InvoiceNumber="A-2", Status="DRAFT")

    assert "A-2" not in get(sandbox, f"{BASE}/invoices/?q=ROSES").text
    assert "A-1" not in get(sandbox, f"{BASE}/invoices/?status=DRAFT").text
    assert "Nothing fits this search" in get(sandbox, f"{BASE}/invoices/?q=zzz").text


def test_list_is_paged(desk: Desk, api: Api, sandbox: Handle) -> None:
    api.put("Invoices", {"Invoices": [desk.sent_invoice() for _ in range(30)]})

    assert "Page 2 of 2" in get(sandbox, f"{BASE}/invoices/?page=2").text


def test_bookkeeper_approves_pays_unpays_and_voids(desk: Desk, sandbox: Handle) -> None:
    invoice = desk.invoice(Status="DRAFT")
    path = f"{BASE}/invoices/{invoice['InvoiceID']}"
    bank = next(row.id for row in sandbox.books().accounts.all() if row.code == "090")

    post(sandbox, f"{path}/status", {"status": "AUTHORISED"})
    assert desk.fresh(invoice)["Status"] == "AUTHORISED"
    form = {"amount": "115.00", "date": "2026-11-06", "account": bank, "reference": "by hand"}
    post(sandbox, f"{path}/payments", form)
    paid = desk.fresh(invoice)
    assert (paid["Status"], paid["Payments"][0]["Reference"]) == ("PAID", "by hand")
    post(sandbox, f"{path}/payments/{paid['Payments'][0]['PaymentID']}/delete")
    assert desk.fresh(invoice)["Status"] == "AUTHORISED"
    post(sandbox, f"{path}/status", {"status": "VOIDED"})
    assert desk.fresh(invoice)["Status"] == "VOIDED"


def test_what_xero_refuses_is_said_in_its_words(desk: Desk, sandbox: Handle) -> None:
    invoice = desk.invoice()
    desk.pay(invoice, 10)

    with requests.Session() as session:
        reply = session.post(
            f"{sandbox.url}{BASE}/invoices/{invoice['InvoiceID']}/status",
            data={"status": "VOIDED"},
            timeout=5,
        )

    assert any("because it has payments or credit notes" in words for words in said(reply))


def test_pages_raise_webhooks_like_the_api(desk: Desk, sandbox: Handle) -> None:
    invoice = desk.invoice(Status="DRAFT")
    before = len(sandbox.webhooks.captured)

    post(sandbox, f"{BASE}/invoices/{invoice['InvoiceID']}/status", {"status": "AUTHORISED"})

    assert len(sandbox.webhooks.captured) == before + 1


def test_editing_keeps_line_ids_and_saves(desk: Desk, sandbox: Handle) -> None:
    invoice = desk.invoice()
    path = f"{BASE}/invoices/{invoice['InvoiceID']}/edit"

    reply = post(sandbox, path, edit_form(desk, invoice, reference="PO 9", line_quantity="2"))

    after = desk.fresh(invoice)
    assert reply.url.endswith(f"{invoice['InvoiceID']}/")
    assert (after["Reference"], after["Total"]) == ("PO 9", 230)
    assert after["LineItems"][0]["LineItemID"] == invoice["LineItems"][0]["LineItemID"]


def test_editing_that_is_refused_keeps_what_was_typed(desk: Desk, sandbox: Handle) -> None:
    desk.invoice(InvoiceNumber="TAKEN")
    invoice = desk.invoice()
    path = f"{BASE}/invoices/{invoice['InvoiceID']}/edit"

    reply = post(sandbox, path, edit_form(desk, invoice, number="TAKEN", line_description="Typed with care"))

    assert reply.status_code == 422
    assert "Invoice # must be unique." in reply.text
    assert "Typed with care" in reply.text
    assert desk.fresh(invoice)["UpdatedDateUTC"] == invoice["UpdatedDateUTC"]


def test_paid_invoice_can_change_words_and_account_by_hand(desk: Desk, sandbox: Handle) -> None:
    invoice = desk.invoice()
    desk.pay(invoice, 10)
    other = next(row.id for row in sandbox.books().accounts.all() if row.code == "260")
    form = edit_form(desk, invoice, line_description="Tulips", line_account=other)
    form = [(name, value) for name, value in form if name not in ("currency", "line_amount_types")]

    assert post(sandbox, f"{BASE}/invoices/{invoice['InvoiceID']}/edit", form).status_code == 200

    [line] = desk.fresh(invoice)["LineItems"]
    assert (line["Description"], line["AccountCode"]) == ("Tulips", "260")


def test_invoice_can_be_written_by_hand(desk: Desk, sandbox: Handle, api: Api) -> None:
    form = {
        "type": "ACCREC",
        "contact": desk.any_contact,
        "date": "2026-11-01",
        "due_date": "2026-11-30",
        "line_id": "",
        "line_description": "By hand",
        "line_quantity": "1",
        "line_unit": "1,250.50",
        "line_account": next(row.id for row in sandbox.books().accounts.all() if row.code == "200"),
        "line_tax": "",
    }

    reply = post(sandbox, f"{BASE}/invoices/new", form)

    assert reply.status_code == 200
    [invoice] = api.get("Invoices?page=1").json()["Invoices"]
    assert (invoice["Status"], invoice["SubTotal"]) == ("DRAFT", 1250.50)
    assert api.get("Invoices?createdByMyApp=true").json()["Invoices"] == []


def test_contact_is_made_edited_archived_and_merged_by_hand(sandbox: Handle, api: Api) -> None:
    made = post(
        sandbox, f"{BASE}/contacts/new", {"name": "Hand Made", "email": "a@b.example", "city": "Nelson"}
    )
    contact = api.one("GET", f"Contacts/{made.url.rstrip('/').split('/')[-1]}")
    path = f"{BASE}/contacts/{contact['ContactID']}/"
    winner = next(row for row in sandbox.books().contacts.all() if row.name == "City Limousines")

    post(sandbox, path, {"name": "Hand Changed", "email": ""})
    changed = api.one("GET", f"Contacts/{contact['ContactID']}")
    assert (changed["Name"], changed.get("EmailAddress")) == ("Hand Changed", None)
    refused = post(sandbox, path, {"name": "City Limousines"})
    assert (refused.status_code, "already assigned" in refused.text) == (422, True)
    post(sandbox, f"{path}merge", {"winner": winner.id})
    merged = api.one("GET", f"Contacts/{contact['ContactID']}")
    assert (merged["ContactStatus"], merged["MergedToContactID"]) == ("ARCHIVED", winner.id)
    post(sandbox, f"{BASE}/contacts/{winner.id}/archive")
    assert api.one("GET", f"Contacts/{winner.id}")["ContactStatus"] == "ARCHIVED"


def test_account_and_tax_rate_are_archived_and_restored(sandbox: Handle) -> None:
    books = sandbox.books()
    sales = next(row for row in books.accounts.all() if row.code == "200")

    post(sandbox, f"{BASE}/accounts/{sales.id}/status", {"status": "ARCHIVED"})
    post(sandbox, f"{BASE}/tax-rates/OUTPUT2/status", {"status": "ARCHIVED"})
    assert (books.accounts.get(sales.id).status, books.tax_rates.get("OUTPUT2").status) == (
        "ARCHIVED",
        "ARCHIVED",
    )
    post(sandbox, f"{BASE}/accounts/{sales.id}/status", {"status": "ACTIVE"})
    assert books.accounts.get(sales.id).status == "ACTIVE"


def test_tracking_option_and_category_are_archived_and_restored(sandbox: Handle) -> None:
    books = sandbox.books()
    [region] = books.tracking_categories.all()
    path = f"{BASE}/tracking/{region.id}"

    post(sandbox, f"{path}/{region.options[0].id}/status", {"status": "ARCHIVED"})
    post(sandbox, f"{path}/status", {"status": "ARCHIVED"})
    after = books.tracking_categories.get(region.id)
    assert after.status == after.options[0].status == "ARCHIVED"
    post(sandbox, f"{path}/status", {"status": "ACTIVE"})
    assert books.tracking_categories.get(region.id).status == "ACTIVE"


def test_consent_policy_allows_the_way_back(sandbox: Handle) -> None:
    back = "http://localhost:8000/accounting/callback/"
    query = {"client_id": "tandem-sandbox", "redirect_uri": back, "response_type": "code", "scope": "openid"}

    policy = get(sandbox, "/identity/connect/authorize", params=query).headers["Content-Security-Policy"]

    assert "form-action 'self' http://localhost:8000" in policy
    assert "frame-ancestors 'none'" in policy


def test_api_answers_carry_no_page_headers(api: Api) -> None:
    reply = api.get("Contacts")

    assert "Content-Security-Policy" not in reply.headers
    assert "Set-Cookie" not in reply.headers
