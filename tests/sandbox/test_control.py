from __future__ import annotations

import hashlib
import json

import requests

from tests.sandbox.conftest import Api, Desk
from xero_sandbox.handle import Handle


def control(handle: Handle, method: str, path: str, body: object = None) -> requests.Response:
    return requests.request(method, f"{handle.url}/__sandbox__/{path}", json=body, timeout=5)


def test_state_names_organisations_connections_and_faults(api: Api) -> None:
    control(api.handle, "POST", "faults", {"kind": "slow", "seconds": 1})

    state = control(api.handle, "GET", "").json()

    assert [row["slug"] for row in state["organisations"]] == ["maple-florist", "harbour-studio"]
    assert state["connected"] == [api.tenant_id]
    assert [fault["kind"] for fault in state["faults"]] == ["slow"]


def test_faults_are_queued_removed_and_cleared(api: Api) -> None:
    first = control(api.handle, "POST", "faults", {"kind": "error_500"}).json()
    control(api.handle, "POST", "faults", {"kind": "maintenance"})
    control(api.handle, "DELETE", f"faults/{first['number']}")

    assert api.get("Contacts").status_code == 503
    control(api.handle, "POST", "faults", {"kind": "error_500"})
    control(api.handle, "DELETE", "faults")
    assert api.get("Contacts").status_code == 200


def test_wrong_fault_is_400_with_the_reason(sandbox: Handle) -> None:
    for body in ({"kind": "gremlins"}, {"kind": "slow", "colour": "red"}, {}):
        reply = control(sandbox, "POST", "faults", body)
        assert reply.status_code == 400
        assert reply.json()["error"]


def test_unknown_organisation_and_wrong_words_are_told(sandbox: Handle) -> None:
    assert control(sandbox, "POST", "connect", {"organisation": "nobody"}).status_code == 404
    assert control(sandbox, "POST", "disconnect", {"organisation": "nobody"}).status_code == 404
    assert control(sandbox, "POST", "connect", {"colour": "red"}).status_code == 400


def test_clock_moves_and_reset_returns_to_the_first_minute(api: Api, desk: Desk) -> None:
    desk.contact()
    control(api.handle, "POST", "clock", {"advance": 3600})
    assert api.get("Contacts").status_code == 401

    control(api.handle, "POST", "reset")

    assert api.handle.requests() == []
    assert len(api.handle.dump()["Contacts"]) == 3
    assert list(api.handle.store.connections.all()) == []


def test_connect_and_disconnect_without_a_browser(sandbox: Handle) -> None:
    tokens = control(sandbox, "POST", "connect", {"organisation": "harbour-studio", "user": 1}).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}", "xero-tenant-id": tokens["tenant_id"]}
    url = f"{sandbox.url}/api.xro/2.0/Organisation"

    assert requests.get(url, headers=headers, timeout=5).status_code == 200
    control(sandbox, "POST", "disconnect", {"organisation": "harbour-studio"})
    assert requests.get(url, headers=headers, timeout=5).status_code == 403


def test_tokens_can_be_expired(api: Api) -> None:
    control(api.handle, "POST", "tokens/expire")

    assert api.get("Contacts").status_code == 401


def test_request_log_tells_what_was_sent(api: Api) -> None:
    body = {"Contacts": [{"Name": "One"}, {"Name": "Two"}]}
    raw = json.dumps(body).encode()
    headers = {"Idempotency-Key": "k-9", "Content-Type": "application/json"}
    api.call("PUT", "Contacts?summarizeErrors=false", data=raw, headers=headers)
    api.get("Contacts")

    [entry] = control(api.handle, "GET", "requests?method=PUT&path=contacts").json()

    assert entry["path"] == "/api.xro/2.0/Contacts"
    assert (entry["query"], entry["status"], entry["elements"]) == ("summarizeErrors=false", 200, 2)
    assert (entry["idempotency_key"], entry["organisation"]) == ("k-9", api.tenant_id)
    assert entry["body_sha256"] == hashlib.sha256(raw).hexdigest()
    control(api.handle, "DELETE", "requests")
    assert control(api.handle, "GET", "requests").json() == []


def test_counters_and_documents_are_served(api: Api, desk: Desk) -> None:
    invoice = desk.invoice()

    assert control(api.handle, "GET", "counters").json()["key_body_mismatch"] == 0
    documents = control(api.handle, "GET", "documents/maple-florist").json()
    assert [item["InvoiceID"] for item in documents["Invoices"]] == [invoice["InvoiceID"]]
    assert control(api.handle, "GET", "documents/nobody").status_code == 404


def test_webhook_tricks_are_set_and_deliveries_read(api: Api, desk: Desk) -> None:
    state = control(api.handle, "POST", "webhooks", {"copies": 1, "shuffle": True}).json()
    desk.contact()

    assert (state["tricks"]["copies"], state["tricks"]["shuffle"]) == (1, True)
    assert len(control(api.handle, "GET", "webhooks/captured").json()) == 2


def test_redirects_are_registered_under_xeros_rules(sandbox: Handle) -> None:
    assert control(sandbox, "POST", "redirects", {"uri": "http://localhost:5/x"}).status_code == 200
    assert control(sandbox, "POST", "redirects", {"uri": "http://127.0.0.1:5/x"}).status_code == 400
    assert "http://localhost:5/x" in sandbox.sandbox.redirect_uris


def test_idempotency_keys_are_forgotten_on_request(api: Api) -> None:
    headers = {"Idempotency-Key": "k"}
    api.put("Contacts", {"Name": "A"}, headers=headers)
    control(api.handle, "POST", "idempotency/forget")

    assert api.put("Contacts", {"Name": "B"}, headers=headers).status_code == 200
