"""What the people who run Tandem see of workspaces and their people."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.people import make_administrator, signed_in
from tests.factories.workspaces import make_user
from workspaces.audit import actor
from workspaces.models import AuditEntry, User, Workspace
from workspaces.scope import scope


@pytest.fixture
def administrator(db: None) -> Client:
    return signed_in(make_administrator())


@pytest.fixture
def entry(workspace: Workspace) -> AuditEntry:
    with scope(workspace):
        return AuditEntry.objects.create(
            workspace=workspace,
            action="invoice.approved",
            target_kind="invoice",
            target_id=workspace.pk,
            summary="INV-0001 was approved",
            **actor(None),
        )


@pytest.mark.parametrize("model", ["workspace", "membership", "user", "auditentry"])
def test_admin_lists_and_searches(administrator: Client, entry: AuditEntry, model: str) -> None:
    url = reverse(f"admin:workspaces_{model}_changelist")
    assert [administrator.get(f"{url}{query}").status_code for query in ("", "?q=acme")] == [200, 200]


def test_admin_is_called_tandem(administrator: Client) -> None:
    assert "Tandem administration" in administrator.get(reverse("admin:index")).content.decode()


def test_audit_entries_are_found_by_their_target(administrator: Client, entry: AuditEntry) -> None:
    url = reverse("admin:workspaces_auditentry_changelist")
    response = administrator.get(url, {"q": str(entry.target_id)})
    assert list(response.context["cl"].result_list) == [entry]


def test_audit_entries_are_only_read(administrator: Client, entry: AuditEntry) -> None:
    add = administrator.get(reverse("admin:workspaces_auditentry_add"))
    delete = administrator.post(
        reverse("admin:workspaces_auditentry_delete", args=[entry.pk]), {"post": "yes"}
    )
    change = administrator.post(
        reverse("admin:workspaces_auditentry_change", args=[entry.pk]), {"summary": "Nothing happened"}
    )
    assert (add.status_code, delete.status_code, change.status_code) == (403, 403, 403)


@pytest.mark.parametrize(("currency", "is_taken"), [("ZZZ", False), ("EUR", True)])
def test_admin_takes_a_currency_from_the_list_only(
    administrator: Client, workspace: Workspace, currency: str, is_taken: bool
) -> None:
    url = reverse("admin:workspaces_workspace_change", args=[workspace.pk])
    form = {"name": workspace.name, "slug": workspace.slug, "time_zone": "", "currency": currency}
    form |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}

    response = administrator.post(url, form)

    workspace.refresh_from_db()
    assert (response.status_code, workspace.currency == currency) == (302 if is_taken else 200, is_taken)
    assert ("Choose a currency from the list." in response.content.decode()) != is_taken


def test_admin_makes_a_user_who_can_sign_in(administrator: Client) -> None:
    response = administrator.post(
        reverse("admin:workspaces_user_add"),
        {
            "email": "New@Example.com",
            "name": "New",
            "usable_password": "true",
            "password1": "a long password",
            "password2": "a long password",
        },
    )
    assert response.status_code == 302
    assert User.objects.get(email="new@example.com").check_password("a long password")


def test_admin_refuses_an_address_in_other_case(administrator: Client) -> None:
    make_user("ana@example.com")
    response = administrator.post(
        reverse("admin:workspaces_user_add"),
        {"email": "ANA@example.com", "name": "", "usable_password": "false"},
    )
    assert "Another user has this address." in response.content.decode()


def test_admin_is_closed_to_members(super_client: Client) -> None:
    assert super_client.get(reverse("admin:index")).status_code == 302
