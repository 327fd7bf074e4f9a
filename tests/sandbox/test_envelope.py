from __future__ import annotations

import re
from decimal import Decimal

from tests.sandbox.conftest import Api, Desk, line
from xero_sandbox.wire import to_json

NIL = "00000000-0000-0000-0000-000000000000"


def test_answer_is_xml_unless_json_is_asked_for(api: Api) -> None:
    for accept in ("*/*", "text/html"):
        reply = api.get("Organisation", headers={"Accept": accept})

        assert reply.headers["Content-Type"].startswith("text/xml")
        assert "<Organisations><Organisation><Name>Maple Florist</Name>" in reply.text


def test_envelope_frames_the_list(api: Api) -> None:
    body = api.get("Accounts").json()

    assert list(body) == ["Id", "Status", "ProviderName", "DateTimeUTC", "Accounts"]
    assert (body["Status"], body["ProviderName"]) == ("OK", "Tandem")
    assert re.fullmatch(r"/Date\(\d+\)/", body["DateTimeUTC"])


def test_dates_come_as_midnight_utc_with_a_readable_twin(desk: Desk) -> None:
    invoice = desk.invoice(Date="2019-03-12")

    assert invoice["Date"] == "/Date(1552348800000+0000)/"
    assert invoice["DateString"] == "2019-03-12T00:00:00"
    assert invoice["DueDateString"] == "2026-11-30T00:00:00"


def test_dates_are_read_in_every_spelling(desk: Desk) -> None:
    for spelling in (
        "2019-03-12",
        "2019-03-12T23:59:59",
        "/Date(1552348800000)/",
        "/Date(1552348800000+0000)/",
    ):
        assert desk.invoice(Date=spelling)["DateString"] == "2019-03-12T00:00:00"


def test_updated_dates_have_a_string_twin_in_seconds(desk: Desk) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", desk.invoice()["UpdatedDateUTCString"])


def test_updated_dates_never_tie(desk: Desk, api: Api) -> None:
    batch = {"Invoices": [desk.sent_invoice() for _ in range(20)]}

    stamps = [item["UpdatedDateUTC"] for item in api.put("Invoices", batch).json()["Invoices"]]

    assert len(set(stamps)) == 20
    assert stamps == sorted(stamps)


def test_money_is_a_json_number(desk: Desk, api: Api) -> None:
    invoice = desk.invoice(LineItems=[line(UnitAmount=33.335)])

    text = api.get(f"Invoices/{invoice['InvoiceID']}").text

    assert '"Total":38.34' in text


def test_unknown_id_is_404_html_with_nothing_in_it(api: Api) -> None:
    for path in (
        f"Invoices/{NIL}",
        f"Contacts/{NIL}",
        f"Payments/{NIL}",
        f"Accounts/{NIL}",
        "Organisation/Nothing",
    ):
        reply = api.get(path)

        assert (reply.status_code, reply.content) == (404, b"")
        assert reply.headers["Content-Type"].startswith("text/html")


def test_batch_with_one_bad_element_saves_nothing_by_default(desk: Desk, api: Api) -> None:
    before = api.get("Invoices?page=1").json()["pagination"]["itemCount"]
    batch = {"Invoices": [desk.sent_invoice(), desk.sent_invoice(InvoiceNumber="X-1", Status="PAID")]}

    reply = api.put("Invoices", batch)

    assert reply.status_code == 400
    body = reply.json()
    assert (body["ErrorNumber"], body["Type"]) == (10, "ValidationException")
    assert body["Message"] == "A validation exception occurred"
    [element] = body["Elements"]
    assert (element["InvoiceID"], element["InvoiceNumber"]) == (NIL, "X-1")
    assert element["ValidationErrors"] == [{"Message": "Invoice not of valid status for creation"}]
    assert api.get("Invoices?page=1").json()["pagination"]["itemCount"] == before


def test_batch_without_summary_answers_each_element_in_order(desk: Desk, api: Api) -> None:
    batch = [
        desk.sent_invoice(Reference="one"),
        desk.sent_invoice(Reference="two", Status="PAID"),
        desk.sent_invoice(Reference="three", Status="DRAFT", LineItems=[line(AccountCode="666")]),
    ]

    reply = api.put("Invoices?summarizeErrors=false", {"Invoices": batch})

    assert reply.status_code == 200
    good, bad, warned = reply.json()["Invoices"]
    assert [item["StatusAttributeString"] for item in (good, bad, warned)] == ["OK", "ERROR", "WARNING"]
    assert (bad["InvoiceID"], bad["Status"], bad["HasErrors"]) == (NIL, "PAID", True)
    assert [item["Reference"] for item in (good, bad, warned)] == ["one", "two", "three"]
    assert warned["Warnings"] == [
        {"Message": "Account code '666' has been removed as it does not match a recognised account."}
    ]
    assert "AccountCode" not in warned["LineItems"][0]


def test_status_word_is_absent_when_errors_are_summarised(desk: Desk) -> None:
    assert "StatusAttributeString" not in desk.invoice()


def test_element_in_error_echoes_what_was_asked(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()
    desk.pay(invoice, 10)

    body = {"Invoices": [{"InvoiceID": invoice["InvoiceID"], "Status": "VOIDED"}]}
    [element] = api.post("Invoices?summarizeErrors=false", body).json()["Invoices"]

    assert element["Status"] == "VOIDED"
    assert "InvoiceNumber" not in element
    assert desk.fresh(invoice)["Status"] == "AUTHORISED"


def test_one_bare_object_is_a_batch_of_one(desk: Desk, api: Api) -> None:
    assert len(api.put("Invoices", desk.sent_invoice()).json()["Invoices"]) == 1


def test_body_that_cannot_be_read_is_400_without_elements(api: Api) -> None:
    for body in (
        b"{",
        b"[1]",
        b'{"Invoices": 5}',
        b'{"Invoices": [{"Type": "ACCREC", "Contact": {"Name": "A"}, "Date": "soon"}]}',
        b"\xff",
    ):
        reply = api.call("PUT", "Invoices", data=body)

        assert reply.status_code == 400, body
        assert reply.json()["Type"] == "PostDataInvalidException"
        assert "Elements" not in reply.json()


def test_wrong_type_in_one_element_saves_none_of_the_others(desk: Desk, api: Api) -> None:
    batch = {"Invoices": [desk.sent_invoice(InvoiceNumber="GOOD-1"), desk.sent_invoice(LineItems="none")]}

    assert api.put("Invoices?summarizeErrors=false", batch).status_code == 400
    assert api.get("Invoices/GOOD-1").status_code == 404


def test_empty_batch_is_no_data_processed(api: Api) -> None:
    for body in ({"Invoices": []}, {}):
        assert api.put("Invoices", body).json()["Type"] == "NoDataProcessedException"


def test_null_counts_as_not_sent(desk: Desk, api: Api) -> None:
    invoice = desk.invoice(Reference="kept")

    body = {"Reference": None, "LineItems": None, "DueDate": None}
    after = api.one("POST", f"Invoices/{invoice['InvoiceID']}", body)

    assert (after["Reference"], after["Total"]) == ("kept", invoice["Total"])


def test_decimals_keep_their_digits_on_the_wire() -> None:
    assert (
        to_json({"a": Decimal("12345678901.23"), "b": Decimal("0.0001")})
        == b'{"a":12345678901.23,"b":0.0001}'
    )
