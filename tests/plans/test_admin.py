"""What support does with plans in the administrators' pages."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from plans.models import Plan, Subscription
from tests.factories.people import make_administrator, signed_in
from tests.factories.plans import put_on
from workspaces.models import AuditEntry, User, Workspace
from workspaces.scope import all_workspaces, scope

DAY = dt.timedelta(days=1)


@pytest.fixture
def administrator(db: None) -> User:
    return make_administrator()


@pytest.fixture
def admin(administrator: User) -> Client:
    return signed_in(administrator)


def _form(plan: Plan, until: dt.datetime | None) -> dict[str, str]:
    day, time = (f"{until:%Y-%m-%d}", f"{until:%H:%M:%S}") if until else ("", "")
    return {"plan": str(plan.pk), "until_0": day, "until_1": time}


def _change(admin: Client, subscription: Subscription, **form: str) -> int:
    url = reverse("admin:plans_subscription_change", args=[subscription.pk])
    return admin.post(url, form).status_code


def _subscription(workspace: Workspace) -> Subscription:
    with scope(workspace):
        return Subscription.objects.select_related("plan").get()


def test_support_changes_the_plan_and_the_audit_says_who(
    admin: Client, administrator: User, workspace: Workspace
) -> None:
    before, starter = _subscription(workspace), Plan.objects.get(slug="starter")

    status = _change(admin, before, **_form(starter, timezone.now() + 30 * DAY))

    now = _subscription(workspace)
    assert (status, now.pk, now.plan) == (302, before.pk, starter)
    assert now.since > before.since
    with scope(workspace):
        entry = AuditEntry.objects.get(action="workspace.plan_changed")
    assert (entry.actor, entry.target_id) == (administrator, workspace.pk)


def test_end_before_the_beginning_is_refused_in_words(admin: Client, workspace: Workspace) -> None:
    before = put_on(workspace, "business")
    url = reverse("admin:plans_subscription_change", args=[before.pk])

    page = admin.post(url, _form(before.plan, before.since - DAY))

    assert "A plan cannot end before the workspace came on it." in page.content.decode()
    assert _subscription(workspace).until is None


def test_other_plan_that_has_ended_already_is_refused(admin: Client, workspace: Workspace) -> None:
    before = put_on(workspace, "business")

    assert _change(admin, before, **_form(Plan.objects.get(slug="starter"), timezone.now() - DAY)) == 200
    assert _subscription(workspace).plan.slug == "business"


def test_workspace_without_a_plan_is_put_on_one(admin: Client, workspace: Workspace) -> None:
    with scope(workspace):
        Subscription.objects.all().delete()
    starter = Plan.objects.get(slug="starter")
    form = {"workspace": str(workspace.pk), **_form(starter, None)}

    assert admin.post(reverse("admin:plans_subscription_add"), form).status_code == 302
    assert _subscription(workspace).plan == starter


def test_subscription_is_not_deleted(admin: Client, workspace: Workspace) -> None:
    """Without one the workspace would have everything."""
    url = reverse("admin:plans_subscription_delete", args=[_subscription(workspace).pk])

    assert admin.post(url, {"post": "yes"}).status_code == 403
    assert _subscription(workspace)


@pytest.mark.parametrize("features", [[], ["integrations"]])
def test_support_says_what_a_plan_has(admin: Client, features: list[str]) -> None:
    plan = Plan.objects.get(slug="starter")
    form = {"name": "Starter", "slug": "starter", "order": "1", "features": features}

    assert admin.post(reverse("admin:plans_plan_change", args=[plan.pk]), form).status_code == 302
    plan.refresh_from_db()
    assert plan.features == features


def test_lists_open(admin: Client, workspace: Workspace) -> None:
    for page in ("plan", "subscription"):
        assert admin.get(reverse(f"admin:plans_{page}_changelist")).status_code == 200


def test_workspace_made_in_the_administration_begins_on_a_plan(admin: Client) -> None:
    form = {
        "name": "Fresh",
        "slug": "fresh",
        "currency": "NZD",
        "time_zone": "",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    }

    assert admin.post(reverse("admin:workspaces_workspace_add"), form).status_code == 302
    with all_workspaces("this test looks"):
        assert Subscription.objects.get(workspace__slug="fresh").plan.slug == "business"
