from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sandbox.conftest import Api, Desk
from xero_sandbox.writes.contacts import merge_contacts

NIL = "00000000-0000-0000-0000-000000000000"


def taken(name: str) -> str:
    return (
        f"The contact name {name} is already assigned to another contact. "
        "The contact name must be unique across all active contacts."
    )


def archive(api: Api, contact: dict) -> dict:
    return api.one("POST", f"Contacts/{contact['ContactID']}", {"ContactStatus": "ARCHIVED"})


def test_new_contact_comes_back_in_full(desk: Desk) -> None:
    contact = desk.contact(
        ContactNumber="T-1",
        EmailAddress="ann@archer.example",
        FirstName="Ann",
        Addresses=[
            {"AddressType": "POBOX", "AddressLine1": "PO Box 1", "City": "Nelson", "Country": "New Zealand"}
        ],
        Phones=[{"PhoneType": "DEFAULT", "PhoneNumber": "555 1234"}],
    )

    assert (contact["ContactStatus"], contact["ContactNumber"]) == ("ACTIVE", "T-1")
    assert (contact["EmailAddress"], contact["FirstName"]) == ("ann@archer.example", "Ann")
    street, pobox = contact["Addresses"]
    assert (street["AddressType"], street["City"]) == ("STREET", "")
    assert (pobox["AddressLine1"], pobox["City"]) == ("PO Box 1", "Nelson")
    assert [phone["PhoneType"] for phone in contact["Phones"]] == ["DDI", "DEFAULT", "FAX", "MOBILE"]
    assert contact["Phones"][1]["PhoneNumber"] == "555 1234"


def test_put_with_a_known_name_is_refused_in_any_case(desk: Desk, api: Api) -> None:
    desk.contact("Ann Archer")

    assert api.refusal("PUT", "Contacts", {"Name": "ANN ARCHER"}) == [taken("ANN ARCHER")]


def test_put_with_a_known_number_is_refused(desk: Desk, api: Api) -> None:
    desk.contact(ContactNumber="T-1")

    [said] = api.refusal("PUT", "Contacts", {"Name": "Other", "ContactNumber": "T-1"})

    assert "already assigned to another contact" in said


def test_account_number_of_another_active_contact_is_refused_in_any_case(desk: Desk, api: Api) -> None:
    other = desk.contact(AccountNumber="C-1")

    said = api.refusal("PUT", "Contacts", {"Name": "Other", "AccountNumber": "c-1"})

    assert said == ["The Account Number already exists. Please enter a different Account Number."]
    archive(api, other)
    assert desk.contact("Other", AccountNumber="c-1")["AccountNumber"] == "c-1"


def test_contact_whose_website_is_none_takes_no_change(desk: Desk, api: Api) -> None:
    contact = desk.contact()
    books = api.handle.books()
    there = books.contacts.get(contact["ContactID"])
    books.contacts.write(there.id, replace(there, details={**there.details, "Website": "not a page"}))

    said = api.refusal("POST", f"Contacts/{there.id}", {"FirstName": "Anna"})

    assert said == ["Website must be valid"]


@pytest.mark.parametrize("key", ["ContactID", "ContactNumber", "Name"])
def test_post_finds_a_contact_by_id_number_or_name(desk: Desk, api: Api, key: str) -> None:
    contact = desk.contact(ContactNumber="T-1")

    after = api.one("POST", "Contacts", {key: contact[key], "FirstName": "Anna"})

    assert (after["ContactID"], after["FirstName"], after["Name"]) == (
        contact["ContactID"],
        "Anna",
        "Ann Archer",
    )


def test_post_with_nothing_known_creates(api: Api) -> None:
    assert api.one("POST", "Contacts", {"Name": "Brand New"})["ContactStatus"] == "ACTIVE"


def test_fields_left_out_keep_their_value_and_blank_clears(desk: Desk, api: Api) -> None:
    contact = desk.contact(EmailAddress="a@b.example", FirstName="Ann")

    after = api.one("POST", f"Contacts/{contact['ContactID']}", {"FirstName": ""})

    assert after["EmailAddress"] == "a@b.example"
    assert "FirstName" not in after


def test_address_of_one_type_leaves_the_other(desk: Desk, api: Api) -> None:
    contact = desk.contact(Addresses=[{"AddressType": "STREET", "City": "Nelson"}])

    body = {"Addresses": [{"AddressType": "POBOX", "City": "Picton"}]}
    after = api.one("POST", f"Contacts/{contact['ContactID']}", body)

    assert [address["City"] for address in after["Addresses"]] == ["Nelson", "Picton"]


def test_persons_that_are_left_out_of_a_list_are_removed(desk: Desk, api: Api) -> None:
    people = [{"FirstName": "A", "IncludeInEmails": True}, {"FirstName": "B"}]
    contact = desk.contact(ContactPersons=people)

    after = api.one("POST", f"Contacts/{contact['ContactID']}", {"ContactPersons": people[1:]})

    assert [person["FirstName"] for person in after["ContactPersons"]] == ["B"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Name": ""}, "must be specified"),
        ({"Name": "n" * 256}, "longer than 255"),
        ({"Name": "<b>Ann</b>"}, "angle brackets"),
        ({"Name": " Ann"}, "start or end with a space"),
        ({"Name": "Ann  Archer"}, "two in a row"),
        ({"EmailAddress": "not-an-address"}, "Email address must be valid"),
        ({"EmailAddress": "jürgen@x.example"}, "Email address must be valid"),
        ({"ContactNumber": "n" * 51}, "longer than 50"),
        ({"AccountNumber": "n" * 51}, "longer than 50"),
        ({"Addresses": [{"AddressType": "POBOX", "Country": "N2"}]}, "only contain letters"),
        ({"Addresses": [{"AddressType": "HOME"}]}, "POBOX or STREET"),
        ({"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "1" * 51}]}, "longer than 50"),
        ({"ContactPersons": [{"FirstName": "x"}] * 6}, "at most 5"),
        ({"ContactStatus": "GONE"}, "ACTIVE or ARCHIVED"),
    ],
)
def test_contact_that_breaks_a_rule_is_refused(api: Api, fields: dict, message: str) -> None:
    [said] = api.refusal("PUT", "Contacts", {"Name": "Somebody", **fields})

    assert message in said


def test_archived_contact_cannot_be_edited_or_revived(desk: Desk, api: Api) -> None:
    contact = archive(api, desk.contact())

    for body in ({"FirstName": "x"}, {"ContactStatus": "ACTIVE"}):
        [said] = api.refusal("POST", f"Contacts/{contact['ContactID']}", body)
        assert "Archived contacts cannot currently be edited" in said


def test_archived_contact_keeps_open_invoices(desk: Desk, api: Api) -> None:
    contact = desk.contact()
    desk.invoice(Contact={"ContactID": contact["ContactID"]})

    assert archive(api, contact)["ContactStatus"] == "ARCHIVED"


def test_name_of_an_archived_contact_is_free_for_put_but_matches_for_post(desk: Desk, api: Api) -> None:
    archive(api, desk.contact("Ann Archer"))

    [said] = api.refusal("POST", "Contacts", {"Name": "Ann Archer"})
    fresh = api.one("PUT", "Contacts", {"Name": "Ann Archer"})

    assert "matched an archived contact" in said
    assert fresh["ContactStatus"] == "ACTIVE"


def test_unknown_id_in_a_write_is_404_for_the_whole_call(api: Api) -> None:
    batch = {"Contacts": [{"Name": "Fine"}, {"ContactID": NIL, "Name": "Nobody"}]}

    reply = api.post("Contacts?summarizeErrors=false", batch)

    assert (reply.status_code, reply.content) == (404, b"")
    assert api.get('Contacts?where=Name=="Fine"').json()["Contacts"] == []


def test_contact_in_error_uses_has_validation_errors(api: Api) -> None:
    batch = {"Contacts": [{"Name": "<x>"}]}

    [element] = api.put("Contacts?summarizeErrors=false", batch).json()["Contacts"]

    assert (element["HasValidationErrors"], element["ContactID"]) == (True, NIL)


def test_contact_can_be_read_by_its_number(desk: Desk, api: Api) -> None:
    contact = desk.contact(ContactNumber="T-1")

    assert api.one("GET", "Contacts/T-1")["ContactID"] == contact["ContactID"]


def test_balances_and_roles_follow_the_documents(desk: Desk, api: Api) -> None:
    contact = desk.contact()
    key = {"ContactID": contact["ContactID"]}
    desk.invoice(Contact=key, DueDate="2026-01-01", Date="2026-01-01")
    desk.invoice(Contact=key, DueDate="2099-01-01")

    after = api.one("GET", f"Contacts/{contact['ContactID']}")

    assert (after["IsCustomer"], after["IsSupplier"]) == (True, False)
    assert after["Balances"]["AccountsReceivable"] == {"Outstanding": 230, "Overdue": 115}
    assert after["UpdatedDateUTC"] == contact["UpdatedDateUTC"]


def test_merge_archives_the_loser_and_points_at_the_winner(desk: Desk, api: Api) -> None:
    loser, winner = desk.contact("Loser"), desk.contact("Winner")
    invoice = desk.invoice(Contact={"ContactID": loser["ContactID"]})
    books = api.handle.books()

    merge_contacts(books, books.contacts.get(loser["ContactID"]), books.contacts.get(winner["ContactID"]))

    after = api.one("GET", f"Contacts/{loser['ContactID']}")
    assert (after["ContactStatus"], after["MergedToContactID"]) == ("ARCHIVED", winner["ContactID"])
    assert desk.fresh(invoice)["Contact"]["ContactID"] == winner["ContactID"]
