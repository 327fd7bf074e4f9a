from __future__ import annotations

from email.utils import format_datetime

import pytest

from tests.sandbox.conftest import Api, Desk, line
from xero_sandbox.fields import Fields
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.invoices import write_invoice


@pytest.fixture
def seven(desk: Desk, api: Api) -> list[dict]:
    """Seven invoices in order of their last change."""
    batch = [
        desk.sent_invoice(InvoiceNumber=f"N-{number}", Reference=f"Ref {number}", Date=f"2026-11-0{number}")
        for number in range(1, 8)
    ]
    items: list[dict] = api.put("Invoices", {"Invoices": batch}).json()["Invoices"]
    return items


def numbers(api: Api, query: str, **options: object) -> list[str]:
    reply = api.get(f"Invoices?{query}", **options)
    assert reply.status_code == 200, reply.text
    return [item["InvoiceNumber"] for item in reply.json()["Invoices"]]


def test_page_has_lines_and_a_pagination_object(api: Api, seven: list[dict]) -> None:
    body = api.get("Invoices?page=2&pageSize=3").json()

    assert body["pagination"] == {"page": 2, "pageSize": 3, "pageCount": 3, "itemCount": 7}
    assert [item["InvoiceNumber"] for item in body["Invoices"]] == ["N-4", "N-5", "N-6"]
    assert body["Invoices"][0]["LineItems"]


def test_page_past_the_end_is_empty(api: Api, seven: list[dict]) -> None:
    assert numbers(api, "page=9&pageSize=3") == []


def test_page_size_is_clamped(api: Api, seven: list[dict]) -> None:
    assert api.get("Invoices?page=1").json()["pagination"]["pageSize"] == 100
    assert api.get("Invoices?page=1&pageSize=5000").json()["pagination"]["pageSize"] == 1000
    assert api.get("Invoices?page=1&pageSize=0").json()["pagination"]["pageSize"] == 1


def test_page_that_is_no_number_is_400(api: Api) -> None:
    assert api.get("Invoices?page=two").json()["Type"] == "QueryParseException"


def test_list_without_pages_has_no_lines(api: Api, seven: list[dict]) -> None:
    body = api.get("Invoices").json()

    assert "pagination" not in body
    assert {tuple(item["LineItems"]) for item in body["Invoices"]} == {()}


def test_statuses_and_summary_only_enforce_paging(api: Api, seven: list[dict]) -> None:
    assert "pagination" in api.get("Invoices?Statuses=DRAFT,AUTHORISED").json()
    summary = api.get("Invoices?summaryOnly=true").json()
    assert "pagination" in summary
    assert not {"LineItems", "Payments", "HasAttachments"} & set(summary["Invoices"][0])


def test_default_order_is_the_last_change_first_to_last(api: Api, seven: list[dict]) -> None:
    api.post(f"Invoices/{seven[0]['InvoiceID']}", {"Reference": "moved"})

    assert numbers(api, "page=1") == ["N-2", "N-3", "N-4", "N-5", "N-6", "N-7", "N-1"]


def test_default_order_survives_a_refused_batch(api: Api, desk: Desk, seven: list[dict]) -> None:
    batch = [{"InvoiceID": seven[1]["InvoiceID"], "Reference": "x"}, desk.sent_invoice(Status="PAID")]

    assert api.post("Invoices", {"Invoices": batch}).status_code == 400
    assert numbers(api, "page=1") == [f"N-{number}" for number in range(1, 8)]


def test_order_by_date_descending(api: Api, seven: list[dict]) -> None:
    assert numbers(api, "page=1&order=Date DESC")[:2] == ["N-7", "N-6"]


def test_unknown_order_is_400(api: Api) -> None:
    assert api.get("Invoices?order=Colour").status_code == 400


def test_ids_pick_documents_without_lines_unless_paged(api: Api, seven: list[dict]) -> None:
    ids = ",".join(item["InvoiceID"] for item in (seven[4], seven[1]))

    assert numbers(api, f"IDs={ids}") == ["N-2", "N-5"]
    assert api.get(f"Invoices?IDs={ids}").json()["Invoices"][0]["LineItems"] == []
    assert api.get(f"Invoices?IDs={ids}&page=1").json()["Invoices"][0]["LineItems"]


def test_unknown_ids_are_left_out(api: Api, seven: list[dict]) -> None:
    assert numbers(api, f"IDs={seven[0]['InvoiceID']},00000000-0000-0000-0000-000000000000") == ["N-1"]


def test_invoice_numbers_pick_documents(api: Api, seven: list[dict]) -> None:
    assert numbers(api, "InvoiceNumbers=n-3,N-1,none") == ["N-1", "N-3"]


def test_number_with_a_comma_is_only_found_by_where(api: Api, desk: Desk) -> None:
    desk.invoice(InvoiceNumber="A,1")

    assert numbers(api, "InvoiceNumbers=A,1") == []
    assert numbers(api, 'where=InvoiceNumber=="A,1"') == ["A,1"]


def test_contact_ids_pick_documents(api: Api, desk: Desk, seven: list[dict]) -> None:
    contact = desk.contact()
    desk.invoice(InvoiceNumber="C-1", Contact={"ContactID": contact["ContactID"]})

    assert numbers(api, f"ContactIDs={contact['ContactID']}") == ["C-1"]


def test_statuses_pick_documents(api: Api, desk: Desk, seven: list[dict]) -> None:
    desk.invoice(InvoiceNumber="D-1", Status="DRAFT")

    assert numbers(api, "Statuses=DRAFT,SUBMITTED") == ["D-1"]


def test_search_term_looks_at_number_and_reference(api: Api, seven: list[dict]) -> None:
    assert numbers(api, "searchTerm=ref 3") == ["N-3"]
    assert numbers(api, "searchTerm=n-4") == ["N-4"]


def test_created_by_my_app_leaves_out_what_a_person_made(api: Api, desk: Desk) -> None:
    desk.invoice(InvoiceNumber="APP-1")
    write_invoice(Fields(desk.sent_invoice(InvoiceNumber="HAND-1")), Writing(api.handle.books()))

    assert numbers(api, "createdByMyApp=true") == ["APP-1"]
    assert numbers(api, "page=1") == ["APP-1", "HAND-1"]


def test_documents_of_archived_contacts_need_include_archived(api: Api, desk: Desk) -> None:
    contact = desk.contact()
    desk.invoice(InvoiceNumber="X-1", Contact={"ContactID": contact["ContactID"]})
    api.post(f"Contacts/{contact['ContactID']}", {"ContactStatus": "ARCHIVED"})

    assert numbers(api, "page=1") == []
    assert numbers(api, "page=1&includeArchived=true") == ["X-1"]


def test_if_modified_since_answers_later_changes_only(api: Api, desk: Desk, seven: list[dict]) -> None:
    api.handle.advance(10)
    since = api.handle.clock.now()
    api.handle.advance(2)
    api.post(f"Invoices/{seven[2]['InvoiceID']}", {"Reference": "later"})

    for value in (since.strftime("%Y-%m-%dT%H:%M:%S"), since.isoformat(), format_datetime(since)):
        assert numbers(api, "page=1", headers={"If-Modified-Since": value}) == ["N-3"]


def test_if_modified_since_with_no_change_is_an_empty_list(api: Api, seven: list[dict]) -> None:
    api.handle.advance(60)
    since = api.handle.clock.now().strftime("%Y-%m-%dT%H:%M:%S")

    reply = api.get("Invoices", headers={"If-Modified-Since": since})

    assert (reply.status_code, reply.json()["Invoices"]) == (200, [])


def test_if_modified_since_sees_payments_and_their_deletion(api: Api, desk: Desk) -> None:
    invoice = desk.invoice()
    payment = desk.pay(invoice, 40)
    api.handle.advance(10)
    since = {"If-Modified-Since": api.handle.clock.now().strftime("%Y-%m-%dT%H:%M:%S")}
    api.handle.advance(2)
    api.post(f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})

    assert [item["Status"] for item in api.get("Payments", headers=since).json()["Payments"]] == ["DELETED"]
    assert numbers(api, "", headers=since) == [invoice["InvoiceNumber"]]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ('Type=="ACCREC" AND InvoiceNumber=="n-2"', ["N-2"]),
        ('Reference="ref 5"', ["N-5"]),
        ('InvoiceNumber=="N-1" OR InvoiceNumber=="N-7"', ["N-1", "N-7"]),
        ('InvoiceNumber=="N-1" || (InvoiceNumber=="N-7" && AmountDue==1)', ["N-1"]),
        ("Date>=DateTime(2026,11,06)", ["N-6", "N-7"]),
        ("Date>=DateTime(2026,11,02) AND Date<DateTime(2026,11,04)", ["N-2", "N-3"]),
        ("Date == DateTime.Parse(2026-11-04)", ["N-4"]),
        ("AmountDue>115", []),
        ('AmountDue==115.00 AND Status=="AUTHORISED" AND Date<=DateTime(2026,11,1)', ["N-1"]),
        ('Reference.Contains("F 6")', ["N-6"]),
        ('Status!="AUTHORISED"', []),
    ],
)
def test_where_picks_documents(api: Api, seven: list[dict], where: str, found: list[str]) -> None:
    reply = api.get("Invoices", params={"where": where})

    assert [item["InvoiceNumber"] for item in reply.json()["Invoices"]] == found


def test_where_by_guid(api: Api, seven: list[dict]) -> None:
    contact, invoice = seven[0]["Contact"]["ContactID"], seven[3]["InvoiceID"]
    where = f'Contact.ContactID==guid("{contact}") AND InvoiceID==guid("{invoice}")'

    reply = api.get("Invoices", params={"where": where})

    assert [item["InvoiceNumber"] for item in reply.json()["Invoices"]] == ["N-4"]


@pytest.mark.parametrize(
    "where",
    [
        "Colour==1",
        "Status",
        "Status==",
        'Status=="X" AND',
        '(Status=="X"',
        "Status==DRAFT",
        "Date==DateTime(1)",
        "%",
    ],
)
def test_where_that_cannot_be_read_is_400(api: Api, where: str) -> None:
    reply = api.get("Invoices", params={"where": where})

    assert (reply.status_code, reply.json()["Type"]) == (400, "QueryParseException")


def test_payments_can_be_found_by_invoice_and_reference(api: Api, desk: Desk) -> None:
    invoice = desk.invoice()
    payment = desk.pay(invoice, 5, Reference="tandem-1")
    desk.pay(invoice, 5, Reference="tandem-2")

    where = f'Invoice.InvoiceId==guid("{invoice["InvoiceID"]}") AND Reference=="tandem-1"'
    found = api.get("Payments", params={"where": where}).json()["Payments"]

    assert [item["PaymentID"] for item in found] == [payment["PaymentID"]]


def test_payments_are_paged(api: Api, desk: Desk) -> None:
    invoice = desk.invoice()
    for _ in range(3):
        desk.pay(invoice, 5)

    assert api.get("Payments?page=2&pageSize=2").json()["pagination"]["itemCount"] == 3


def test_contacts_leave_out_archived_ones_unless_asked(api: Api, desk: Desk) -> None:
    contact = desk.contact()
    api.post(f"Contacts/{contact['ContactID']}", {"ContactStatus": "ARCHIVED"})

    def names(query: str) -> set[str]:
        return {item["Name"] for item in api.get(f"Contacts?{query}").json()["Contacts"]}

    assert "Ann Archer" not in names("page=1")
    assert "Ann Archer" in names("page=1&includeArchived=true")
    assert names(f"IDs={contact['ContactID']}") == set()
    assert names(f"IDs={contact['ContactID']}&includeArchived=true") == {"Ann Archer"}


def test_contacts_can_be_searched(api: Api, desk: Desk) -> None:
    desk.contact("Ann Archer", EmailAddress="bow@archer.example", ContactNumber="T-77")

    for term in ("ARCH", "bow@", "t-77"):
        found = api.get("Contacts", params={"searchTerm": term}).json()["Contacts"]
        assert [item["Name"] for item in found] == ["Ann Archer"]
    found = api.get("Contacts", params={"where": 'EmailAddress=="BOW@archer.example"'}).json()["Contacts"]
    assert [item["Name"] for item in found] == ["Ann Archer"]


def test_contacts_without_pages_are_light(api: Api, desk: Desk) -> None:
    contact = desk.contact(ContactPersons=[{"FirstName": "A"}])
    desk.invoice(Contact={"ContactID": contact["ContactID"]})

    [light] = api.get(f"Contacts?IDs={contact['ContactID']}").json()["Contacts"]
    [full] = api.get(f"Contacts?IDs={contact['ContactID']}&page=1").json()["Contacts"]
    [summary] = api.get(f"Contacts?IDs={contact['ContactID']}&summaryOnly=true").json()["Contacts"]

    assert (light["ContactPersons"], "Balances" in light) == ([], False)
    assert (full["ContactPersons"], "Balances" in full) == ([{"FirstName": "A"}], True)
    assert not {"Addresses", "ContactPersons", "IsCustomer", "IsSupplier", "Balances"} & set(summary)


def test_bills_and_invoices_share_one_list(api: Api, desk: Desk) -> None:
    desk.invoice(InvoiceNumber="A-1")
    desk.invoice(Type="ACCPAY", InvoiceNumber="B-1", LineItems=[line(AccountCode="400")])

    assert numbers(api, 'where=Type=="ACCPAY"') == ["B-1"]
    assert numbers(api, "page=1") == ["A-1", "B-1"]
