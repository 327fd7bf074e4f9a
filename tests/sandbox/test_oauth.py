"""Consent, tokens and their ends."""

from __future__ import annotations

import pytest
import requests

from tests.sandbox.authorising import (
    BASIC,
    REDIRECT,
    SCOPES,
    ask,
    claims_of,
    connections,
    consent,
    exchange,
    refresh,
    token,
)
from xero_sandbox.config import check_redirect_uri
from xero_sandbox.handle import Handle


def test_consent_page_names_app_scopes_and_organisations(sandbox: Handle) -> None:
    page = requests.get(f"{sandbox.url}/identity/connect/authorize", params=ask(), timeout=5)

    assert page.status_code == 200
    for words in ("Tandem", "Maple Florist", "Harbour Studio", "View and change contacts", "Stay connected"):
        assert words in page.text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": "somebody"}, "unauthorized_client"),
        ({"redirect_uri": REDIRECT.rstrip("/") + "//"}, "invalid redirect_uri"),
        ({"redirect_uri": "http://127.0.0.1:8000/accounting/callback/"}, "invalid redirect_uri"),
        ({"scope": "openid accounting.transactions"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_authorise_with_wrong_input_shows_error_page(
    sandbox: Handle, changes: dict[str, str], code: str
) -> None:
    page = requests.get(
        f"{sandbox.url}/identity/connect/authorize", params=ask(**changes), timeout=5, allow_redirects=False
    )

    assert page.status_code == 400
    assert code in page.text


def test_consent_allowed_returns_code_and_state_unchanged(sandbox: Handle) -> None:
    back = consent(sandbox, state="a b/&=é")

    assert back["state"] == ["a b/&=é"]
    assert exchange(sandbox, back["code"][0]).status_code == 200


def test_consent_cancelled_returns_access_denied(sandbox: Handle) -> None:
    assert consent(sandbox, "cancel") == {"error": ["access_denied"], "state": ["s-1"]}


def test_exchange_answers_the_token_set(sandbox: Handle) -> None:
    tokens = exchange(sandbox, consent(sandbox)["code"][0]).json()

    assert tokens["expires_in"] == 1800
    assert tokens["token_type"] == "Bearer"
    assert tokens["scope"] == SCOPES
    claims = claims_of(tokens["access_token"])
    assert claims["scope"] == SCOPES.split()
    assert {"xero_userid", "authentication_event_id", "exp"} <= set(claims)
    assert claims_of(tokens["id_token"])["email"] == "robin@sandbox.example"


def test_exchange_without_openid_or_offline_access_has_neither_token(sandbox: Handle) -> None:
    tokens = exchange(sandbox, consent(sandbox, scope="accounting.contacts")["code"][0]).json()

    assert "id_token" not in tokens
    assert "refresh_token" not in tokens


def test_code_used_twice_is_invalid_grant(sandbox: Handle) -> None:
    code = consent(sandbox)["code"][0]
    assert exchange(sandbox, code).status_code == 200

    again = exchange(sandbox, code)

    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    "changes", [{"redirect_uri": REDIRECT + "x"}, {"code_verifier": "w" * 60}, {"code_verifier": ""}]
)
def test_exchange_that_does_not_fit_is_invalid_grant(sandbox: Handle, changes: dict[str, str]) -> None:
    reply = exchange(sandbox, consent(sandbox)["code"][0], **changes)

    assert (reply.status_code, reply.json()) == (400, {"error": "invalid_grant"})


def test_code_after_five_minutes_is_invalid_grant(sandbox: Handle) -> None:
    code = consent(sandbox)["code"][0]
    sandbox.advance(301)

    assert exchange(sandbox, code).json() == {"error": "invalid_grant"}


def test_token_with_wrong_secret_is_invalid_client(sandbox: Handle) -> None:
    reply = token(sandbox, ("tandem-sandbox", "wrong"), grant_type="refresh_token", refresh_token="x")

    assert (reply.status_code, reply.json()) == (400, {"error": "invalid_client"})


def test_token_with_secret_in_the_form_is_accepted(sandbox: Handle) -> None:
    tokens = sandbox.connect()
    form = {"client_id": BASIC[0], "client_secret": BASIC[1], "grant_type": "refresh_token"}

    assert token(sandbox, None, refresh_token=tokens["refresh_token"], **form).status_code == 200


def test_token_with_other_grant_is_unsupported(sandbox: Handle) -> None:
    assert token(sandbox, grant_type="password").json() == {"error": "unsupported_grant_type"}


def test_refresh_rotates_the_refresh_token(sandbox: Handle) -> None:
    first = sandbox.connect()
    second = refresh(sandbox, first["refresh_token"]).json()

    assert second["refresh_token"] != first["refresh_token"]
    assert refresh(sandbox, second["refresh_token"]).status_code == 200


def test_refresh_with_previous_token_works_for_thirty_minutes_only(sandbox: Handle) -> None:
    first = sandbox.connect()["refresh_token"]
    refresh(sandbox, first)

    sandbox.advance(29 * 60)
    assert refresh(sandbox, first).status_code == 200

    sandbox.advance(2 * 60)
    assert refresh(sandbox, first).json() == {"error": "invalid_grant"}


def test_refresh_after_sixty_days_is_invalid_grant(sandbox: Handle) -> None:
    tokens = sandbox.connect()
    sandbox.advance(61 * 86_400)

    assert refresh(sandbox, tokens["refresh_token"]).json() == {"error": "invalid_grant"}


def test_second_consent_of_same_user_retires_the_first_refresh_token(sandbox: Handle) -> None:
    first = sandbox.connect("maple-florist")
    second = sandbox.connect("harbour-studio")
    sandbox.advance(31 * 60)

    assert refresh(sandbox, first["refresh_token"]).json() == {"error": "invalid_grant"}
    assert refresh(sandbox, second["refresh_token"]).status_code == 200


def test_scopes_add_up_for_a_user(sandbox: Handle) -> None:
    sandbox.connect(scopes=["offline_access", "accounting.contacts"])
    tokens = sandbox.connect(scopes=["offline_access", "accounting.invoices"])

    assert {"accounting.contacts", "accounting.invoices"} <= set(tokens["scope"].split())


def test_revocation_removes_every_connection_of_the_user(sandbox: Handle) -> None:
    sandbox.connect("maple-florist")
    tokens = sandbox.connect("harbour-studio")
    other = sandbox.connect("harbour-studio", user=1)

    reply = requests.post(
        f"{sandbox.url}/connect/revocation", data={"token": tokens["refresh_token"]}, auth=BASIC, timeout=5
    )

    assert (reply.status_code, reply.content) == (200, b"")
    assert connections(sandbox, tokens["access_token"]).json() == []
    assert refresh(sandbox, tokens["refresh_token"]).json() == {"error": "invalid_grant"}
    assert len(connections(sandbox, other["access_token"]).json()) == 1


@pytest.mark.parametrize("uri", ["http://127.0.0.1:8000/x", "http://example.com/x", "ftp://localhost/x"])
def test_redirect_that_xero_would_not_register_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="cannot be registered"):
        check_redirect_uri(uri)


def test_redirect_over_https_is_accepted() -> None:
    check_redirect_uri("https://app.example/callback")
