from __future__ import annotations

import requests

from tests.sandbox.conftest import Api
from xero_sandbox.handle import Handle


def test_expired_token_is_401_in_capitalised_keys(api: Api) -> None:
    api.handle.advance(1801)

    reply = api.get("Organisation")

    assert reply.status_code == 401
    body = reply.json()
    assert (body["Title"], body["Status"]) == ("Unauthorized", 401)
    assert body["Detail"].startswith("TokenExpired")


def test_token_lives_thirty_minutes(api: Api) -> None:
    api.handle.advance(1790)

    assert api.get("Organisation").status_code == 200


def test_expire_tokens_ends_every_token_but_not_the_refresh(api: Api) -> None:
    api.handle.expire_tokens()

    assert api.get("Organisation").status_code == 401
    api.tokens = api.handle.connect()
    assert api.get("Organisation").status_code == 200


def test_blank_or_foreign_token_is_401_in_lower_case_keys(api: Api) -> None:
    for value in ("", "Bearer", "Bearer x.y.z", "Basic abc"):
        reply = api.get("Organisation", headers={"Authorization": value})

        assert reply.status_code == 401
        assert reply.json()["detail"] == "AuthenticationUnsuccessful"
        assert "invalid_token" in reply.headers["WWW-Authenticate"]


def test_id_token_is_no_access_token(api: Api) -> None:
    reply = api.get("Organisation", headers={"Authorization": f"Bearer {api.tokens['id_token']}"})

    assert reply.status_code == 401


def test_missing_tenant_header_is_401(api: Api) -> None:
    headers = {name: value for name, value in api.headers.items() if name != "xero-tenant-id"}

    reply = requests.get(f"{api.handle.url}/api.xro/2.0/Organisation", headers=headers, timeout=5)

    assert reply.status_code == 401


def test_organisation_that_is_not_connected_is_403(api: Api) -> None:
    other = api.handle.books("harbour-studio").id

    reply = api.get("Organisation", headers={"xero-tenant-id": other})

    assert reply.status_code == 403
    assert reply.json()["Detail"] == "AuthenticationUnsuccessful"


def test_disconnect_in_xero_is_403_while_refresh_still_works(api: Api) -> None:
    api.handle.disconnect()

    assert api.get("Organisation").status_code == 403
    form = {"grant_type": "refresh_token", "refresh_token": api.tokens["refresh_token"]}
    auth = ("tandem-sandbox", "tandem-sandbox-secret")
    assert (
        requests.post(f"{api.handle.url}/connect/token", data=form, auth=auth, timeout=5).status_code == 200
    )


def test_connection_of_one_user_does_not_open_the_books_to_another(sandbox: Handle, api: Api) -> None:
    other = sandbox.connect("harbour-studio", user=1)

    reply = api.get("Organisation", headers={"Authorization": f"Bearer {other['access_token']}"})

    assert reply.status_code == 403


def test_missing_scope_is_401_with_insufficient_scope(api: Api) -> None:
    tokens = api.handle.connect(user=1, scopes=["accounting.contacts.read"])
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    assert api.get("Contacts", headers=headers).status_code == 200
    for reply in (api.get("Invoices", headers=headers), api.put("Contacts", {"Name": "X"}, headers=headers)):
        assert reply.status_code == 401
        assert "insufficient_scope" in reply.headers["WWW-Authenticate"]


def test_unknown_resource_is_an_empty_html_404(api: Api) -> None:
    reply = api.get("Nonsense")

    assert (reply.status_code, reply.content) == (404, b"")
    assert reply.headers["Content-Type"].startswith("text/html")


def test_write_to_a_read_only_resource_is_405(api: Api) -> None:
    scopes = ["accounting.settings"]
    tokens = api.handle.connect(user=1, scopes=scopes)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    assert api.put("Organisation", {"Name": "X"}, headers=headers).status_code == 405


def test_resource_names_ignore_case(api: Api) -> None:
    assert api.get("organisation").status_code == 200
    assert api.get("TAXRATES").status_code == 200


def test_every_reply_carries_a_correlation_id(api: Api) -> None:
    replies = [
        api.get("Organisation"),
        api.get("Nonsense"),
        api.get("Contacts", headers={"Authorization": ""}),
    ]

    assert len({reply.headers["Xero-Correlation-Id"] for reply in replies}) == 3
