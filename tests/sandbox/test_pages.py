"""The bookkeeper's side over HTTP: every page answers, every form does what its button says."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Api, Desk
from xero_sandbox.handle import Handle

BASE = "/o/maple-florist"
PAGES = [
    f"{BASE}/",
    f"{BASE}/invoices/",
    f"{BASE}/invoices/new",
    f"{BASE}/contacts/",
    f"{BASE}/contacts/new",
    f"{BASE}/accounts/",
    f"{BASE}/tax-rates/",
    f"{BASE}/settings/",
    f"{BASE}/connected-apps/",
    "/developer/webhooks/",
    "/developer/faults/",
    "/developer/requests/",
]


def get(sandbox: Handle, path: str, **options: Any) -> requests.Response:
    return requests.get(f"{sandbox.url}{path}", timeout=5, **options)


def post(sandbox: Handle, path: str, form: Any = None, **options: Any) -> requests.Response:
    return requests.post(f"{sandbox.url}{path}", data=form or {}, timeout=5, **options)


def said(reply: requests.Response) -> list[str]:
    return re.findall(r'<p class="notice[^>]*>([^<]+)', reply.text)


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


def test_settings_set_locks_and_currencies(sandbox: Handle, api: Api) -> None:
    post(sandbox, f"{BASE}/settings/locks", {"period_lock_date": "2026-10-31", "end_of_year_lock_date": ""})
    post(sandbox, f"{BASE}/settings/currencies", {"currency": ["EUR", "XXX"]})

    organisation = api.get("Organisation").json()["Organisations"][0]
    assert organisation["PeriodLockDate"] == "/Date(1793404800000+0000)/"
    assert [item["Code"] for item in api.get("Currencies").json()["Currencies"]] == ["NZD", "EUR"]


def test_disconnecting_on_the_page_refuses_the_app(sandbox: Handle, api: Api) -> None:
    assert "Robin Hale" in get(sandbox, f"{BASE}/connected-apps/").text

    post(sandbox, f"{BASE}/connected-apps/disconnect")

    assert api.get("Organisation").status_code == 403


def test_fault_buttons_queue_faults(sandbox: Handle, api: Api) -> None:
    page = get(sandbox, "/developer/faults/").text
    keys = re.findall(r'name="key" value="([^"]+)"', page)
    assert len(keys) == 16
    for key in keys:
        assert post(sandbox, "/developer/faults/add", {"key": key, "times": "3"}).status_code == 200
    assert len(sandbox.faults.waiting()) == 16

    post(sandbox, "/developer/faults/remove", {"number": str(sandbox.faults.waiting()[0].number)})
    assert len(sandbox.faults.waiting()) == 15
    post(sandbox, "/developer/faults/clear")
    assert sandbox.faults.waiting() == []


def test_lost_answer_button_saves_and_drops(sandbox: Handle, api: Api, desk: Desk) -> None:
    post(sandbox, "/developer/faults/add", {"key": "lost"})
    assert api.get("Invoices").status_code == 200

    with pytest.raises(requests.ConnectionError):
        api.put("Invoices", desk.sent_invoice())

    assert len(sandbox.dump()["Invoices"]) == 1


def test_refusal_by_text_takes_it_literally(sandbox: Handle, api: Api, desk: Desk) -> None:
    post(sandbox, "/developer/faults/reject", {"text": "A.1 (x)", "message": "Not this one"})

    assert api.refusal("PUT", "Invoices", desk.sent_invoice(Reference="A.1 (x)")) == ["Not this one"]
    assert api.put("Invoices", desk.sent_invoice(Reference="AB1 (x)")).status_code == 200


def test_clock_and_tokens_move_from_the_page(sandbox: Handle, api: Api) -> None:
    post(sandbox, "/developer/faults/expire-tokens")
    assert api.get("Organisation").status_code == 401
    before = sandbox.clock.now()

    post(sandbox, "/developer/faults/clock", {"minutes": "31"})

    assert (sandbox.clock.now() - before).total_seconds() >= 31 * 60


def test_webhook_page_sets_tricks_and_pause(sandbox: Handle, api: Api, desk: Desk) -> None:
    post(sandbox, "/developer/webhooks/tricks", {"copies": "2", "shuffle": "on", "drop": "x"})
    post(sandbox, "/developer/webhooks/pause", {"paused": "1"})

    assert (sandbox.tricks.copies, sandbox.tricks.shuffle, sandbox.tricks.drop) == (2, True, 0)
    assert sandbox.webhooks.paused
    desk.contact()
    sandbox.webhooks.captured.clear()
    assert "Captured" in get(sandbox, "/developer/webhooks/").text


def test_request_log_page_lists_and_empties(sandbox: Handle, api: Api) -> None:
    api.put("Contacts", {"Name": "Logged"}, headers={"Idempotency-Key": "key-77"})

    assert "key-77" in get(sandbox, "/developer/requests/?method=PUT&path=contacts").text
    assert "key-77" not in get(sandbox, "/developer/requests/?method=POST").text
    post(sandbox, "/developer/requests/clear")
    assert "No calls yet" in get(sandbox, "/developer/requests/").text


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
