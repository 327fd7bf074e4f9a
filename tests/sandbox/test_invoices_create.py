from __future__ import annotations

import pytest

from tests.sandbox.conftest import Api, Desk, line
from xero_sandbox.currencies import day_rate

NIL = "00000000-0000-0000-0000-000000000000"


def refusal(desk: Desk, **fields: object) -> list[str]:
    return desk.api.refusal("PUT", "Invoices", desk.sent_invoice(**fields))


def test_new_invoice_is_a_draft_with_a_number_unless_told_otherwise(desk: Desk, api: Api) -> None:
    sent = {"Type": "ACCREC", "Contact": {"ContactID": desk.any_contact}}

    invoice = api.one("PUT", "Invoices", sent)

    assert (invoice["Status"], invoice["LineAmountTypes"], invoice["CurrencyCode"]) == (
        "DRAFT",
        "Exclusive",
        "NZD",
    )
    assert invoice["InvoiceNumber"] == "INV-0001"


def test_generated_numbers_step_over_taken_ones(desk: Desk) -> None:
    desk.invoice(InvoiceNumber="INV-0001")
    desk.invoice(InvoiceNumber="inv-0002")

    assert desk.invoice()["InvoiceNumber"] == "INV-0003"


def test_bill_gets_no_number(desk: Desk) -> None:
    bill = desk.invoice(Type="ACCPAY", LineItems=[line(AccountCode="400")])

    assert bill["InvoiceNumber"] == ""


def test_default_date_is_today_in_the_organisations_zone(desk: Desk, api: Api) -> None:
    books = api.handle.books()
    sent = desk.sent_invoice()
    del sent["Date"]

    invoice = api.one("PUT", "Invoices", sent)

    assert invoice["DateString"][:10] == books.clock.today("Pacific/Auckland").isoformat()


def test_sales_number_is_unique_in_any_case(desk: Desk) -> None:
    desk.invoice(InvoiceNumber="A-1")

    assert refusal(desk, InvoiceNumber="a-1") == ["Invoice # must be unique."]


def test_sales_number_is_unique_within_a_batch(desk: Desk, api: Api) -> None:
    batch = {"Invoices": [desk.sent_invoice(InvoiceNumber="A-1"), desk.sent_invoice(InvoiceNumber="A-1")]}

    first, second = api.put("Invoices?summarizeErrors=false", batch).json()["Invoices"]

    assert (first["StatusAttributeString"], second["StatusAttributeString"]) == ("OK", "ERROR")


def test_number_of_a_deleted_draft_is_free_and_of_a_voided_one_is_not(desk: Desk, api: Api) -> None:
    draft = desk.invoice(InvoiceNumber="D-1", Status="DRAFT")
    api.one("POST", f"Invoices/{draft['InvoiceID']}", {"Status": "DELETED"})
    desk.invoice(InvoiceNumber="D-1")

    voided = desk.invoice(InvoiceNumber="V-1")
    api.one("POST", f"Invoices/{voided['InvoiceID']}", {"Status": "VOIDED"})
    assert refusal(desk, InvoiceNumber="V-1") == ["Invoice # must be unique."]


def test_number_of_bills_may_repeat(desk: Desk) -> None:
    bills = [
        desk.invoice(Type="ACCPAY", InvoiceNumber="S-9", LineItems=[line(AccountCode="400")])
        for _ in range(2)
    ]

    assert bills[0]["InvoiceID"] != bills[1]["InvoiceID"]


def test_put_never_edits(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()

    assert api.refusal("PUT", "Invoices", {"InvoiceID": invoice["InvoiceID"], **desk.sent_invoice()})


def test_post_with_a_known_sales_number_edits_that_invoice(desk: Desk, api: Api) -> None:
    invoice = desk.invoice(InvoiceNumber="A-1")

    after = api.one("POST", "Invoices", desk.sent_invoice(InvoiceNumber="A-1", Reference="overwritten"))

    assert (after["InvoiceID"], after["Reference"]) == (invoice["InvoiceID"], "overwritten")


def test_post_with_a_known_bill_number_makes_another_bill(desk: Desk, api: Api) -> None:
    sent = desk.sent_invoice(Type="ACCPAY", InvoiceNumber="S-9", LineItems=[line(AccountCode="400")])

    first, second = (api.one("POST", "Invoices", sent) for _ in range(2))

    assert first["InvoiceID"] != second["InvoiceID"]


def test_unknown_contact_id_makes_the_whole_call_404(desk: Desk, api: Api) -> None:
    batch = {
        "Invoices": [desk.sent_invoice(InvoiceNumber="OK-1"), desk.sent_invoice(Contact={"ContactID": NIL})],
    }

    reply = api.put("Invoices?summarizeErrors=false", batch)

    assert (reply.status_code, reply.content) == (404, b"")
    assert api.get("Invoices/OK-1").status_code == 404


def test_contact_by_name_is_made_or_found(desk: Desk, api: Api) -> None:
    first = desk.invoice(Contact={"Name": "New Person"})
    second = desk.invoice(Contact={"Name": "new person"})

    assert first["Contact"]["ContactID"] == second["Contact"]["ContactID"]
    assert api.get('Contacts?where=Name=="New Person"').json()["Contacts"][0]["IsCustomer"] is True


def test_contact_fields_inside_an_invoice_edit_the_contact(desk: Desk, api: Api) -> None:
    contact = desk.contact()

    desk.invoice(Contact={"ContactID": contact["ContactID"], "EmailAddress": "moved@x.example"})

    assert api.one("GET", f"Contacts/{contact['ContactID']}")["EmailAddress"] == "moved@x.example"


def test_archived_contact_is_refused(desk: Desk, api: Api) -> None:
    contact = desk.contact()
    api.one("POST", f"Contacts/{contact['ContactID']}", {"ContactStatus": "ARCHIVED"})

    [message] = refusal(desk, Contact={"ContactID": contact["ContactID"]})

    assert "archived contact" in message


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Contact": None}, "A Contact must be specified for this type of transaction"),
        ({"Type": "ACCRECCREDIT"}, "The document Type must be ACCREC or ACCPAY."),
        ({"Status": "VOIDED"}, "Invoice not of valid status for creation"),
        ({"Status": "DELETED"}, "Invoice not of valid status for creation"),
        ({"DueDate": None}, "The document DueDate field must be specified"),
        ({"LineItems": []}, "One or more line items must be specified"),
        ({"CurrencyCode": "EUR"}, "Organisation is not subscribed to currency EUR"),
        ({"Reference": "r" * 256}, "The Reference field cannot be longer than 255 characters."),
        ({"Url": "https://go.xero.example/"}, "may not contain the word xero"),
        ({"Url": "javascript:alert(1)"}, "valid absolute http or https address"),
    ],
)
def test_header_that_breaks_a_rule_is_refused(desk: Desk, fields: dict[str, object], message: str) -> None:
    [said] = refusal(desk, **fields)

    assert message in said


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"AccountCode": "ZZZ"}, "Account code 'ZZZ' is not a valid code for this document."),
        ({"AccountCode": "610"}, "Account code '610' is not a valid code for this document."),
        ({"AccountCode": "090"}, "Account code '090' is not a valid code for this document."),
        ({"AccountCode": "479"}, "Account code '479' has been archived and cannot be used on this document."),
        (
            {"AccountCode": None},
            "Account code or ID must be specified for each line of an approved document.",
        ),
        ({"TaxType": "INPUT2"}, "The TaxType code 'INPUT2' cannot be used with account code '200'."),
        ({"TaxType": "OUTPUT"}, "Tax rate must be Active"),
        ({"TaxType": "OUTPUT9"}, "The TaxType code 'OUTPUT9' does not exist"),
        ({"TaxAmount": 101}, "TaxAmount cannot be greater than UnitAmount"),
        ({"Description": "d" * 4001}, "cannot be longer than 4000 characters"),
        ({"Description": ""}, "must have a Description"),
        ({"LineAmount": 99}, "The line total 99 does not match the expected line total 100.00"),
        ({"UnitAmount": 10_000_000_000}, "cannot be greater than 9,999,999,999.99"),
        ({"UnitAmount": -1}, "cannot be negative"),
        ({"ItemCode": "ROSE"}, "Item code 'ROSE' is not valid."),
        ({"LineItemID": NIL}, "does not belong to this document"),
    ],
)
def test_line_that_breaks_a_rule_is_refused(desk: Desk, fields: dict[str, object], message: str) -> None:
    [said] = refusal(desk, LineItems=[line(**fields)])

    assert message in said


def test_draft_may_lack_due_date_lines_and_accounts(desk: Desk) -> None:
    sent = {"Description": "Something", "Quantity": 1, "UnitAmount": 5}

    draft = desk.invoice(Status="DRAFT", DueDate=None, LineItems=[sent])

    assert (draft["Status"], draft["Total"]) == ("DRAFT", 5)
    assert "DueDate" not in draft


def test_archived_account_is_refused_on_a_draft_too(desk: Desk) -> None:
    assert refusal(desk, Status="DRAFT", LineItems=[line(AccountCode="479")])


def test_account_may_be_named_by_id(desk: Desk, api: Api) -> None:
    account = next(row for row in api.handle.books().accounts.all() if row.code == "260")

    [item] = desk.invoice(LineItems=[line(AccountCode=None, AccountID=account.id)])["LineItems"]

    assert (item["AccountCode"], item["AccountID"]) == ("260", account.id)


def test_line_of_words_needs_no_figures(desk: Desk) -> None:
    invoice = desk.invoice(LineItems=[line(), {"Description": "Thank you"}])

    assert invoice["LineItems"][1]["LineAmount"] == 0
    assert "Quantity" not in invoice["LineItems"][1]


def test_tax_type_left_out_is_the_accounts_own(desk: Desk) -> None:
    assert desk.invoice()["LineItems"][0]["TaxType"] == "OUTPUT2"


def test_zero_total_is_paid_at_once(desk: Desk) -> None:
    invoice = desk.invoice(LineItems=[line(UnitAmount=0)])

    assert invoice["Status"] == "PAID"
    assert "FullyPaidOnDate" in invoice


def test_currency_of_the_organisation_has_rate_one(desk: Desk) -> None:
    assert desk.invoice(CurrencyRate=3)["CurrencyRate"] == 1


def test_foreign_currency_takes_the_days_rate_unless_given(desk: Desk) -> None:
    assert desk.invoice(CurrencyCode="USD")["CurrencyRate"] == float(day_rate("NZD", "USD"))
    assert desk.invoice(CurrencyCode="USD", CurrencyRate=0.6)["CurrencyRate"] == 0.6


def test_sent_to_contact_only_sticks_to_approved_documents(desk: Desk) -> None:
    assert desk.invoice(SentToContact=True)["SentToContact"] is True
    assert desk.invoice(SentToContact=True, Status="DRAFT")["SentToContact"] is False


def test_url_and_reference_come_back(desk: Desk) -> None:
    invoice = desk.invoice(Url="https://app.example/i/1", Reference="PO 7")

    assert (invoice["Url"], invoice["Reference"]) == ("https://app.example/i/1", "PO 7")


def test_bill_refuses_discounts(desk: Desk) -> None:
    [said] = refusal(desk, Type="ACCPAY", LineItems=[line(AccountCode="400", DiscountRate=10)])

    assert "Discounts are not supported" in said
