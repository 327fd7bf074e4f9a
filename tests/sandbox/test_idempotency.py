from __future__ import annotations

import requests

from tests.sandbox.conftest import Api, Desk


def put(api: Api, body: dict, key: str, path: str = "Invoices") -> requests.Response:
    return api.put(path, body, headers={"Idempotency-Key": key})


def test_same_key_and_bytes_are_answered_from_memory(desk: Desk, api: Api) -> None:
    sent = desk.sent_invoice()

    first, second = put(api, sent, "k-1"), put(api, sent, "k-1")

    assert first.content == second.content
    assert len(api.get("Invoices").json()["Invoices"]) == 1
    assert api.handle.counters()["idempotent_replays"] == 1
    assert [entry.replayed for entry in api.handle.requests(method="PUT")] == [False, True]


def test_key_with_another_body_url_or_method_is_refused(desk: Desk, api: Api) -> None:
    sent = desk.sent_invoice()
    put(api, sent, "k-1")

    for reply in (
        put(api, {**sent, "Reference": "x"}, "k-1"),
        put(api, sent, "k-1", "Invoices?unitdp=4"),
        api.post("Invoices", sent, headers={"Idempotency-Key": "k-1"}),
    ):
        assert reply.status_code == 400
        assert "Idempotency Key: k-1 is used with a different request." in reply.text
    assert api.handle.counters()["key_body_mismatch"] == 3


def test_key_is_new_after_six_minutes_and_makes_a_second_document(desk: Desk, api: Api) -> None:
    sent = desk.sent_invoice()
    put(api, sent, "k-1")
    api.handle.advance(5 * 60 + 59)
    put(api, sent, "k-1")
    assert len(api.get("Invoices").json()["Invoices"]) == 1

    api.handle.advance(2)
    put(api, sent, "k-1")

    assert len(api.get("Invoices").json()["Invoices"]) == 2
    assert api.handle.counters()["key_resent_after_window"] == 1


def test_forgetting_keys_is_as_good_as_waiting(desk: Desk, api: Api) -> None:
    sent = desk.sent_invoice()
    put(api, sent, "k-1")
    api.handle.forget_idempotency_keys()
    put(api, sent, "k-1")

    assert len(api.get("Invoices").json()["Invoices"]) == 2


def test_errors_are_kept_as_well(desk: Desk, api: Api) -> None:
    other = desk.invoice(InvoiceNumber="A-1", Status="DRAFT")
    sent = desk.sent_invoice(InvoiceNumber="A-1")
    assert put(api, sent, "k-1").status_code == 400
    api.post(f"Invoices/{other['InvoiceID']}", {"Status": "DELETED"})

    assert put(api, sent, "k-1").status_code == 400
    assert put(api, sent, "k-2").status_code == 200


def test_key_over_128_characters_is_refused(desk: Desk, api: Api) -> None:
    assert put(api, desk.sent_invoice(), "k" * 128).status_code == 200

    reply = put(api, desk.sent_invoice(), "k" * 129)

    assert reply.status_code == 400
    assert "129" in reply.text


def test_key_is_ignored_on_reads(api: Api) -> None:
    headers = {"Idempotency-Key": "k-1"}
    before = api.get("Contacts", headers=headers).json()["Contacts"]
    api.put("Contacts", {"Name": "New"})

    assert len(api.get("Contacts", headers=headers).json()["Contacts"]) == len(before) + 1


def test_replays_use_up_the_rate_limit(desk: Desk, api: Api) -> None:
    sent = desk.sent_invoice()

    first, second = (int(put(api, sent, "k-1").headers["X-DayLimit-Remaining"]) for _ in range(2))

    assert second == first - 1


def test_key_belongs_to_the_app_and_not_to_the_organisation(desk: Desk, api: Api) -> None:
    sent = {"Name": "Somebody"}
    maple = put(api, sent, "k-1", "Contacts").json()
    other = api.handle.connect("harbour-studio")
    headers = {"Authorization": f"Bearer {other['access_token']}", "xero-tenant-id": other["tenant_id"]}

    replayed = api.put("Contacts", sent, headers={**headers, "Idempotency-Key": "k-1"})

    assert replayed.json() == maple
    assert api.get("Contacts", headers=headers, params={"searchTerm": "Somebody"}).json()["Contacts"] == []
