"""The living page, the error pages, and what every page promises the browser."""

from __future__ import annotations

import json
from html import unescape

from django.template.loader import render_to_string
from django.test import Client, override_settings

from tests.factories.workspaces import make_user
from workspaces.models import User


def _administrator() -> User:
    return User.objects.create_superuser("admin@example.com", "a long password")


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_design_page_for_administrators(db: None) -> None:
    response = _signed_in(_administrator()).get("/design/?toasts")
    text = response.content.decode()
    assert response.status_code == 200
    assert (text.count('data-theme="light"'), text.count('data-theme="dark"')) == (1, 1)


def test_design_page_for_others_is_not_found(client: Client, db: None) -> None:
    assert client.get("/design/").status_code == 404
    assert _signed_in(make_user()).get("/design/").status_code == 404


def test_design_page_while_developing_is_for_everybody(client: Client, db: None) -> None:
    with override_settings(DEBUG=True):
        assert client.get("/design/").status_code == 200


def test_design_page_has_no_id_twice(db: None) -> None:
    text = _signed_in(_administrator()).get("/design/").content.decode()
    ids = [part.split('"')[0] for part in text.split(' id="')[1:]]
    assert sorted(ids) == sorted(set(ids))


def test_page_answers_with_a_policy_without_exceptions(client: Client, db: None) -> None:
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_page_tells_htmx_to_show_forms_with_errors_and_to_evaluate_nothing(client: Client, db: None) -> None:
    text = client.get("/accounts/login/").content.decode()
    config = json.loads(unescape(text.split('name="htmx-config" content=\'')[1].split("'")[0]))
    assert {"code": "422", "swap": True} in config["responseHandling"]
    assert (config["allowEval"], config["includeIndicatorStyles"], config["selfRequestsOnly"]) == (
        False,
        False,
        True,
    )
    assert config["historyCacheSize"] == 0
    assert config["attributesToSettle"] == ["class"], (
        "htmx may not write style attributes: the policy stops it"
    )


def test_not_found_page_is_in_our_look(client: Client, db: None) -> None:
    response = client.get("/no/such/page")
    assert (response.status_code, "This page is not here" in response.content.decode()) == (404, True)


def test_form_without_token_is_explained(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/accounts/login/", {"login": "a@example.com", "password": "x"})
    assert (response.status_code, "This form went stale" in response.content.decode()) == (403, True)


def test_server_error_page_needs_nothing() -> None:
    assert "Something went wrong on our side" in render_to_string("500.html")
