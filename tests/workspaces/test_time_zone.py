"""Which day today is, is decided where the workspace is."""

from __future__ import annotations

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from tests.factories.workspaces import make_user
from workspaces.enums import Role
from workspaces.models import AuditEntry, User, Workspace
from workspaces.scope import scope
from workspaces.services import add_member, create_workspace


@time_machine.travel("2026-03-01T20:30:00Z", tick=False)
@pytest.mark.parametrize(
    ("zone", "today"),
    [("Pacific/Auckland", "2026-03-02"), ("UTC", "2026-03-01"), ("America/New_York", "2026-03-01")],
)
def test_new_invoice_is_dated_where_the_workspace_is(
    super_client: Client, workspace: Workspace, zone: str, today: str
) -> None:
    Workspace.objects.update(time_zone=zone)
    page = super_client.get(reverse("invoices:create", args=[workspace.slug]))
    assert f'value="{today}"' in page.content.decode()


def test_unknown_zone_is_refused(db: None) -> None:
    with pytest.raises(ValidationError):
        create_workspace(name="Lost", currency="NZD", by=make_user(), time_zone="Middle/Earth")


def test_new_member_is_told_in_the_history(workspace: Workspace, super_user: User) -> None:
    add_member(workspace=workspace, user=make_user("new@example.com"), role=Role.STAFF, by=super_user)
    with scope(workspace):
        assert AuditEntry.objects.get(action="member.added").actor == super_user


def test_last_super_user_is_not_demoted_by_adding_them_again(workspace: Workspace, super_user: User) -> None:
    with pytest.raises(ValidationError):
        add_member(workspace=workspace, user=super_user, role=Role.STAFF, by=super_user)
