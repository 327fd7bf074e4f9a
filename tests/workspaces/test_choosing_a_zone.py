"""Whose word decides where a workspace's days are counted."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError

from tests.factories.workspaces import make_user
from workspaces.models import AuditEntry, User, Workspace
from workspaces.scope import scope
from workspaces.services import adopt_time_zone, create_workspace, update_workspace
from workspaces.zones import get_zone, known_zones, named_today, say_zone, zones_of_places


def _told(workspace: Workspace) -> list[str]:
    with scope(workspace):
        return list(AuditEntry.objects.filter(target_id=workspace.pk).values_list("summary", flat=True))


def test_new_workspace_counts_in_utc_until_somebody_says(workspace: Workspace) -> None:
    assert (workspace.time_zone, str(workspace.zone)) == ("", "UTC")


def test_zone_of_an_organisation_is_taken_while_nobody_has_said(workspace: Workspace) -> None:
    taken = adopt_time_zone(workspace=workspace, time_zone="Asia/Calcutta", like="Maple Florist", by=None)
    workspace.refresh_from_db()
    assert (taken, workspace.time_zone) == (True, "Asia/Kolkata")
    assert _told(workspace) == ["Time zone set to Kolkata (India), as in Maple Florist"]


@pytest.mark.parametrize("chosen", ["UTC", "America/Los_Angeles"])
def test_zone_of_an_organisation_never_replaces_a_choice(
    workspace: Workspace, super_user: User, chosen: str
) -> None:
    update_workspace(workspace=workspace, time_zone=chosen, by=super_user)
    assert not adopt_time_zone(
        workspace=workspace, time_zone="Pacific/Auckland", like="Maple Florist", by=None
    )
    workspace.refresh_from_db()
    assert workspace.time_zone == chosen


@pytest.mark.parametrize("name", ["", "Middle/Earth"])
def test_zone_that_nobody_knows_is_not_taken(workspace: Workspace, name: str) -> None:
    assert not adopt_time_zone(workspace=workspace, time_zone=name, like="Maple Florist", by=None)
    assert _told(workspace) == []


def test_choice_of_a_zone_is_told_once(workspace: Workspace, super_user: User) -> None:
    for _ in range(2):
        update_workspace(workspace=workspace, time_zone="Pacific/Auckland", by=super_user)
    assert _told(workspace) == ["Changed time zone to Pacific/Auckland"]


def test_choice_of_an_unknown_zone_is_refused(workspace: Workspace, super_user: User) -> None:
    with pytest.raises(ValidationError):
        update_workspace(workspace=workspace, time_zone="Middle/Earth", by=super_user)


def test_zone_given_when_the_workspace_is_made_is_a_choice(db: None) -> None:
    made = create_workspace(name="Far", currency="NZD", by=make_user(), time_zone="UTC")
    assert not adopt_time_zone(workspace=made, time_zone="Pacific/Auckland", like="Maple Florist", by=None)


def test_every_place_is_a_zone_and_has_a_name_of_its_own() -> None:
    places = zones_of_places()
    assert set(places) <= known_zones()
    assert len({str(zone) for zone in places.values()}) == len(places) > 400
    assert all(zone.country for name, zone in places.items() if name != "UTC")


@pytest.mark.parametrize(
    ("name", "newer", "words"),
    [
        ("Asia/Calcutta", "Asia/Kolkata", "Kolkata (India)"),
        ("Europe/Kiev", "Europe/Kyiv", "Kyiv (Ukraine)"),
        ("US/Pacific", "America/Los_Angeles", "Los Angeles (United States)"),
        ("Europe/Amsterdam", "Europe/Amsterdam", "Amsterdam (Netherlands)"),
        ("Etc/UTC", "UTC", "UTC"),
        ("Etc/GMT-12", "Etc/GMT-12", "GMT-12"),
        ("", "", "UTC"),
    ],
)
def test_older_name_of_a_zone_is_said_as_today(name: str, newer: str, words: str) -> None:
    assert (named_today(name), say_zone(name)) == (newer, words)


def test_offset_of_a_zone_is_written_with_its_sign() -> None:
    assert re.fullmatch(r"UTC\+1[23]:00", get_zone("Pacific/Auckland").offset)
    assert get_zone("Asia/Kolkata").offset == "UTC+05:30"
    assert get_zone("Pacific/Marquesas").offset == "UTC-09:30"
