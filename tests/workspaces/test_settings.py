"""The settings of the workspace, and the offer of the browser's time zone."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from workspaces.models import AuditEntry, User, Workspace
from workspaces.scope import scope
from workspaces.services import adopt_time_zone, update_workspace

HTMX = {"HTTP_HX_REQUEST": "true"}


def _url(name: str, workspace: Workspace, **query: str) -> str:
    return reverse(f"workspaces:{name}", args=[workspace.slug]) + (f"?{urlencode(query)}" if query else "")


def _form(client: Client, workspace: Workspace, **typed: str) -> dict[str, Any]:
    """The form as a browser shows it, with what is typed into it."""
    form = client.get(_url("settings", workspace)).context["form"]
    return {name: form[name].value() for name in ("read", "name", "currency", "time_zone")} | typed


def _now(workspace: Workspace) -> tuple[str, str, str]:
    workspace.refresh_from_db()
    return workspace.name, workspace.currency, workspace.time_zone


def test_super_user_changes_name_currency_and_zone(
    super_client: Client, workspace: Workspace, super_user: User
) -> None:
    typed = {"name": "Acme Ltd", "currency": "EUR", "time_zone": "Pacific/Auckland"}
    answer = super_client.post(_url("settings", workspace), _form(super_client, workspace, **typed))
    assert (answer.status_code, _now(workspace)) == (302, ("Acme Ltd", "EUR", "Pacific/Auckland"))
    with scope(workspace):
        entry = AuditEntry.objects.get(action="workspace.updated")
    assert (entry.actor, entry.summary) == (
        super_user,
        "Changed name from Acme Studio to Acme Ltd, currency from NZD to EUR and time zone to Pacific/Auckland",
    )


def test_currency_that_is_not_in_the_list_is_refused_and_the_rest_stays_typed(
    super_client: Client, workspace: Workspace
) -> None:
    form = _form(super_client, workspace, name="Acme Ltd", currency="ZZZ")
    answer = super_client.post(_url("settings", workspace), form)
    assert (answer.status_code, _now(workspace)[:2]) == (422, ("Acme Studio", "NZD"))
    assert "Choose a currency from the list." in answer.content.decode()
    assert 'value="Acme Ltd"' in answer.content.decode()


def test_zone_is_found_by_its_name_without_script(super_client: Client, workspace: Workspace) -> None:
    form = _form(super_client, workspace)
    form |= {"time_zone": "", "time_zone-label": "", "time_zone-text": "auckland (new zealand)"}
    super_client.post(_url("settings", workspace), form)
    assert _now(workspace)[2] == "Pacific/Auckland"


@pytest.mark.parametrize(
    ("text", "told"), [("zealand", "may be one of several"), ("Mordor", "No time zone is called “Mordor”")]
)
def test_zone_that_is_not_clear_is_asked_back(
    super_client: Client, workspace: Workspace, text: str, told: str
) -> None:
    form = _form(super_client, workspace) | {"time_zone": "", "time_zone-label": "", "time_zone-text": text}
    answer = super_client.post(_url("settings", workspace), form)
    assert (answer.status_code, _now(workspace)[2]) == (422, "")
    assert told in answer.content.decode()
    assert f'value="{text}"' in answer.content.decode()


def test_form_leaves_the_zone_that_was_taken_meanwhile(super_client: Client, workspace: Workspace) -> None:
    form = _form(super_client, workspace, name="Acme Ltd")
    adopt_time_zone(workspace=workspace, time_zone="Pacific/Auckland", like="Maple Florist", by=None)
    super_client.post(_url("settings", workspace), form)
    assert _now(workspace) == ("Acme Ltd", "NZD", "Pacific/Auckland")


def test_save_without_a_change_says_nothing_of_the_zone(super_client: Client, workspace: Workspace) -> None:
    super_client.post(_url("settings", workspace), _form(super_client, workspace))
    assert _now(workspace)[2] == ""
    with scope(workspace):
        assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("name", ["settings", "zones", "offer_zone"])
def test_settings_are_for_super_users(staff_client: Client, workspace: Workspace, name: str) -> None:
    assert staff_client.get(_url(name, workspace)).status_code == 403


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("auck", "Auckland (New Zealand)"),
        ("new zealand", "Auckland (New Zealand)"),
        ("los ang", "Los Angeles (United States)"),
        ("australia syd", "Sydney (Australia)"),
        ("+05:45", "Kathmandu (Nepal)"),
        ("utc", "UTC"),
    ],
)
def test_zones_are_found_by_city_country_region_and_offset(
    super_client: Client, workspace: Workspace, text: str, first: str
) -> None:
    answer = super_client.get(_url("zones", workspace, q=text))
    assert str(answer.context["zones"][0]) == first


def test_many_zones_are_told_to_be_narrowed_down(super_client: Client, workspace: Workspace) -> None:
    page = super_client.get(_url("zones", workspace, q="europe")).content.decode()
    assert (page.count('role="option"'), "The first 8." in page) == (8, True)


def test_browsers_zone_is_offered_in_todays_name(super_client: Client, workspace: Workspace) -> None:
    page = super_client.get(_url("offer_zone", workspace, zone="Asia/Calcutta")).content.decode()
    assert "Your browser is in Kolkata (India). This workspace counts its days in UTC." in page
    assert ('value="Asia/Kolkata"' in page, 'value="UTC"' in page) == (True, True)


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Middle/Earth", "", "../etc/passwd"])
def test_zone_that_is_utc_or_unknown_is_not_offered(
    super_client: Client, workspace: Workspace, zone: str
) -> None:
    assert super_client.get(_url("offer_zone", workspace, zone=zone)).status_code == 204


def test_pages_ask_the_browser_only_while_nobody_has_chosen(
    super_client: Client, staff_client: Client, workspace: Workspace, super_user: User
) -> None:
    def asks(client: Client) -> bool:
        return b"data-zone-offer" in client.get(_url("members", workspace)).content

    assert (asks(super_client), asks(staff_client)) == (True, False)
    assert b"data-zone-offer" not in super_client.get(_url("settings", workspace)).content
    update_workspace(workspace=workspace, time_zone="UTC", by=super_user)
    assert not asks(super_client)
    assert super_client.get(_url("offer_zone", workspace, zone="Pacific/Auckland")).status_code == 204


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "UTC"])
def test_answer_to_the_offer_is_remembered(super_client: Client, workspace: Workspace, zone: str) -> None:
    answer = super_client.post(_url("choose_zone", workspace), {"time_zone": zone}, **HTMX)
    assert (answer.content, _now(workspace)[2]) == (b"", zone)
    assert json.loads(answer["HX-Trigger"])["toast"]["level"] == "success"


def test_late_answer_to_the_offer_changes_nothing(
    super_client: Client, workspace: Workspace, super_user: User
) -> None:
    update_workspace(workspace=workspace, time_zone="Europe/London", by=super_user)
    answer = super_client.post(_url("choose_zone", workspace), {"time_zone": "UTC"}, **HTMX)
    assert _now(workspace)[2] == "Europe/London"
    assert "London (United Kingdom)" in json.loads(answer["HX-Trigger"])["toast"]["text"]


def test_unknown_answer_to_the_offer_is_refused_in_words(super_client: Client, workspace: Workspace) -> None:
    answer = super_client.post(_url("choose_zone", workspace), {"time_zone": "Middle/Earth"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "This time zone is not known here. Choose one in Settings > Workspace."
    ]
    assert _now(workspace)[2] == ""
