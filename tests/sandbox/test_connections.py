"""The organisations that were authorised."""

from __future__ import annotations

import requests

from tests.sandbox.authorising import claims_of, connections
from tests.sandbox.conftest import Api
from xero_sandbox.handle import Handle


def test_connections_are_camel_case_with_seven_digits_and_no_zone(sandbox: Handle) -> None:
    tokens = sandbox.connect()
    [row] = connections(sandbox, tokens["access_token"]).json()

    assert row["tenantId"] == tokens["tenant_id"]
    assert (row["tenantType"], row["tenantName"]) == ("ORGANISATION", "Maple Florist")
    assert row["createdDateUtc"] == row["updatedDateUtc"]
    assert len(row["createdDateUtc"].partition(".")[2]) == 7
    assert not row["createdDateUtc"].endswith("Z")


def test_connections_by_auth_event_answer_what_was_just_authorised(sandbox: Handle) -> None:
    sandbox.connect("maple-florist")
    tokens = sandbox.connect("harbour-studio")
    event = claims_of(tokens["access_token"])["authentication_event_id"]

    [row] = connections(sandbox, tokens["access_token"], f"?authEventId={event}").json()

    assert row["tenantName"] == "Harbour Studio"


def test_reconnecting_keeps_the_connection_and_moves_its_update(sandbox: Handle) -> None:
    first = sandbox.connect()
    [before] = connections(sandbox, first["access_token"]).json()
    sandbox.advance(60)
    again = sandbox.connect()
    [after] = connections(sandbox, again["access_token"]).json()

    assert after["id"] == before["id"]
    assert after["createdDateUtc"] == before["createdDateUtc"] < after["updatedDateUtc"]


def test_connections_path_is_also_known_in_the_sdk_spelling(sandbox: Handle) -> None:
    tokens = sandbox.connect()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    assert len(requests.get(f"{sandbox.url}/Connections", headers=headers, timeout=5).json()) == 1


def test_deleting_a_connection_ends_it_and_is_404_the_second_time(api: Api) -> None:
    url = f"{api.handle.url}/connections"
    [row] = requests.get(url, headers=api.headers, timeout=5).json()

    first = requests.delete(f"{url}/{row['id']}", headers=api.headers, timeout=5)
    second = requests.delete(f"{url}/{row['id']}", headers=api.headers, timeout=5)

    assert (first.status_code, second.status_code) == (204, 404)
    assert api.get("Organisation").status_code == 403


def test_deleting_by_tenant_id_is_404(api: Api) -> None:
    url = f"{api.handle.url}/connections/{api.tenant_id}"

    assert requests.delete(url, headers=api.headers, timeout=5).status_code == 404
