from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest

from tests.sandbox.conftest import Api, Desk
from tests.sandbox.noted import make_note
from tests.sandbox.receiver import Receiver, running_receiver, wait_until
from xero_sandbox.config import WebhookConfig
from xero_sandbox.handle import Handle

KEY = WebhookConfig().key


@pytest.fixture
def receiver(sandbox: Handle) -> Iterator[Receiver]:
    with running_receiver(KEY) as receiver:
        yield receiver
        sandbox.courier.reset()


@pytest.fixture
def delivering(sandbox: Handle, receiver: Receiver) -> Receiver:
    """A receiver that has passed the check."""
    sandbox.courier.point_at(receiver.url)
    wait_until(lambda: sandbox.courier.state == "OK")
    receiver.bodies.clear()
    return receiver


def words(events: list[dict]) -> list[str]:
    return [f"{event['eventCategory']} {event['eventType']}" for event in events]


def captured(sandbox: Handle) -> list[dict]:
    return [event for item in sandbox.webhooks.captured for event in json.loads(item.body)["events"]]


def test_check_sends_good_and_bad_samples_with_no_events(sandbox: Handle, receiver: Receiver) -> None:
    sandbox.courier.point_at(receiver.url)
    wait_until(lambda: sandbox.courier.state == "OK")

    payloads = [json.loads(body) for body in receiver.bodies]
    assert len(payloads) == receiver.refused == 2
    for payload in payloads:
        assert (payload["events"], payload["firstEventSequence"], payload["lastEventSequence"]) == ([], 0, 0)
        assert payload["entropy"]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((500, b"", {}), "answered 500"),
        ((302, b"", {"Location": "/elsewhere"}), "answered 302"),
        ((200, b"ok", {}), "the answer has a body"),
        ((200, b"", {"Set-Cookie": "a=b"}), "the answer sets a cookie"),
    ],
)
def test_check_fails_on_a_wrong_answer(
    sandbox: Handle, receiver: Receiver, answer: tuple, problem: str
) -> None:
    receiver.answer = lambda: answer

    sandbox.courier.point_at(receiver.url)
    wait_until(lambda: problem in sandbox.courier.detail)

    assert sandbox.courier.state != "OK"


def test_check_fails_when_wrong_signatures_are_accepted(sandbox: Handle, receiver: Receiver) -> None:
    sandbox.webhooks.key = "another-key"
    receiver.receive = lambda body, signature: (200, b"", {})  # type: ignore[method-assign]

    sandbox.courier.point_at(receiver.url)

    wait_until(lambda: "a wrong signature was answered 200" in sandbox.courier.detail)


def test_check_is_repeated_until_the_receiver_is_ready(sandbox: Handle, receiver: Receiver) -> None:
    receiver.answer = lambda: (503, b"", {})
    sandbox.courier.point_at(receiver.url)
    wait_until(lambda: "503" in sandbox.courier.detail)

    receiver.answer = lambda: (200, b"", {})

    wait_until(lambda: sandbox.courier.state == "OK")


def test_events_name_what_changed(delivering: Receiver, desk: Desk, api: Api) -> None:
    contact = desk.contact()
    invoice = desk.invoice(Contact={"ContactID": contact["ContactID"]})

    first, second = delivering.wait_for(2)

    assert words([first, second]) == ["CONTACT CREATE", "INVOICE CREATE"]
    assert second["resourceId"] == invoice["InvoiceID"]
    assert second["resourceUrl"] == f"https://api.xero.com/api.xro/2.0/Invoices/{invoice['InvoiceID']}"
    assert (second["tenantId"], second["tenantType"]) == (api.tenant_id, "ORGANISATION")
    assert len(second["eventDateUtc"]) == len("2025-10-21T01:15:39.902")


def test_signature_covers_the_raw_body_with_the_key_as_text(sandbox: Handle, desk: Desk) -> None:
    desk.contact()
    [delivery] = sandbox.webhooks.captured

    digest = hmac.new(KEY.encode(), delivery.body, hashlib.sha256).digest()

    assert delivery.signature == base64.b64encode(digest).decode()


def test_payments_update_their_invoice(sandbox: Handle, desk: Desk, api: Api) -> None:
    invoice = desk.invoice()
    sandbox.webhooks.captured.clear()
    before = len(captured(sandbox))

    payment = desk.pay(invoice, 40)
    api.post(f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})

    after = captured(sandbox)[before:]
    assert words(after) == ["INVOICE UPDATE", "INVOICE UPDATE"]
    assert {event["resourceId"] for event in after} == {invoice["InvoiceID"]}


def test_archiving_is_a_contact_update(sandbox: Handle, desk: Desk, api: Api) -> None:
    contact = desk.contact()
    api.post(f"Contacts/{contact['ContactID']}", {"ContactStatus": "ARCHIVED"})

    assert words(captured(sandbox)) == ["CONTACT CREATE", "CONTACT UPDATE"]


def test_refused_write_makes_no_event(sandbox: Handle, desk: Desk, api: Api) -> None:
    api.put("Invoices", {"Invoices": [desk.sent_invoice(), desk.sent_invoice(Status="PAID")]})

    assert captured(sandbox) == []


def test_one_write_of_a_batch_is_one_event_each(sandbox: Handle, desk: Desk, api: Api) -> None:
    api.put("Invoices", {"Invoices": [desk.sent_invoice(Contact={"Name": "Twice"}) for _ in range(2)]})

    assert sorted(words(captured(sandbox))) == ["CONTACT CREATE", "INVOICE CREATE", "INVOICE CREATE"]


def test_nothing_is_sent_for_an_organisation_nobody_connected(sandbox: Handle, desk: Desk) -> None:
    sandbox.disconnect()
    books = sandbox.books()
    books.put(next(iter(books.contacts.all())))

    assert captured(sandbox) == []


def test_sequences_count_on_across_deliveries(sandbox: Handle, desk: Desk) -> None:
    desk.contact("One")
    sandbox.webhooks.captured  # noqa: B018  (packs what waits)
    desk.contact("Two")
    desk.contact("Three")

    payloads = [json.loads(item.body) for item in sandbox.webhooks.captured]

    ranges = [(payload["firstEventSequence"], payload["lastEventSequence"]) for payload in payloads]
    assert ranges == [(1, 1), (2, 3)]
    assert len({payload["entropy"] for payload in payloads}) == 2


def test_failed_delivery_is_sent_again(delivering: Receiver, sandbox: Handle, desk: Desk) -> None:
    delivering.answer = lambda: (500, b"", {})
    desk.contact()
    wait_until(lambda: sandbox.courier.state == "Retry")
    assert delivering.events == []

    delivering.answer = lambda: (200, b"", {})

    assert words(delivering.wait_for(1)) == ["CONTACT CREATE"]
    wait_until(lambda: sandbox.courier.state == "OK")


def test_endless_failure_disables_and_a_new_check_brings_what_waited(
    delivering: Receiver, sandbox: Handle, desk: Desk
) -> None:
    delivering.answer = lambda: (500, b"", {})
    desk.contact("Lost")
    wait_until(lambda: sandbox.courier.state == "Retry")
    sandbox.advance(601)
    wait_until(lambda: sandbox.courier.state == "Disabled")
    desk.contact("Waiting")

    delivering.answer = lambda: (200, b"", {})
    sandbox.courier.check_again()

    wait_until(lambda: len(delivering.events) == 2)


def test_copies_deliver_the_same_bytes_again(delivering: Receiver, sandbox: Handle, desk: Desk) -> None:
    sandbox.tricks.copies = 2

    desk.contact()
    delivering.wait_for(3)

    assert len(set(delivering.bodies)) == 1


def test_shuffle_changes_the_order(sandbox: Handle, api: Api) -> None:
    sandbox.tricks.shuffle = True
    batch = {"Contacts": [{"Name": f"Person {number}"} for number in range(30)]}
    written = [item["ContactID"] for item in api.put("Contacts", batch).json()["Contacts"]]

    arrived = [event["resourceId"] for event in captured(sandbox)]

    assert arrived != written
    assert sorted(arrived) == sorted(written)


def test_dropped_delivery_leaves_a_gap_in_the_sequence(
    delivering: Receiver, sandbox: Handle, desk: Desk
) -> None:
    sandbox.tricks.drop = 1
    desk.contact("Lost")
    wait_until(lambda: sandbox.tricks.drop == 0)
    desk.contact("Found")

    delivering.wait_for(1)

    assert json.loads(delivering.bodies[0])["firstEventSequence"] == 2


def test_wrong_signature_is_sent_on_request(delivering: Receiver, sandbox: Handle, desk: Desk) -> None:
    refused = delivering.refused
    sandbox.tricks.wrong_signature = 1
    desk.contact()

    wait_until(lambda: delivering.refused == refused + 1)


def test_paused_webhooks_wait(delivering: Receiver, sandbox: Handle, desk: Desk) -> None:
    sandbox.webhooks.paused = True
    desk.contact()
    wait_until(lambda: len(sandbox.webhooks.pending) == 1)
    assert delivering.events == []

    sandbox.webhooks.paused = False

    delivering.wait_for(1)


def test_event_of_a_credit_note_tells_its_type_and_status(sandbox: Handle, desk: Desk) -> None:
    make_note(desk, Status="DRAFT")

    told = [event for event in captured(sandbox) if event["eventCategory"] == "CREDITNOTE"]
    assert [event["data"] for event in told] == [{"Type": "ACCRECCREDIT", "Status": "DRAFT"}]
