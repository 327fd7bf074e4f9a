"""Settings > Billing: the plan, what is used, and all plans side by side."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from plans.models import Plan, Subscription
from tests.accounting.pages import words
from tests.factories.people import signed_in
from tests.factories.plans import put_on
from workspaces.models import User, Workspace

DAY = dt.timedelta(days=1)


def _page(workspace: Workspace) -> str:
    return reverse("plans:billing", args=[workspace.slug])


def test_billing_tells_the_plan_and_what_is_used(super_client: Client, workspace: Workspace) -> None:
    Plan.objects.filter(slug="business").update(price="NZ$39 a month")

    told = words(super_client.get(_page(workspace)))

    assert "Plan Business Price NZ$39 a month" in told
    assert "Runs until No end is set Users 1 Connections None" in told


def test_all_plans_stand_side_by_side_with_what_they_have(super_client: Client, workspace: Workspace) -> None:
    told = words(super_client.get(_page(workspace)))

    starter, business = told.index("Starter Customers"), told.index("Business Your plan")
    assert starter < told.index("No integrations") < business < told.index("Integrations Your books in Xero")


@pytest.mark.parametrize("slug", ["starter", "business"])
def test_own_plan_is_marked(super_client: Client, workspace: Workspace, slug: str) -> None:
    plan = put_on(workspace, slug).plan

    told = words(super_client.get(_page(workspace)))

    assert told.count("Your plan") == 2  # the card's title and the mark
    assert f"{plan.name} Your plan" in told


def test_how_to_change_names_the_address_of_the_installation(
    super_client: Client, workspace: Workspace, settings: Settings
) -> None:
    settings.SUPPORT_EMAIL = "help@tandem.example"
    page = super_client.get(_page(workspace))
    assert f'href="mailto:help@tandem.example?subject=Our%20plan%20in%20Tandem%3A%20{workspace.slug}"' in (
        page.content.decode()
    )

    settings.SUPPORT_EMAIL = ""
    assert "ask the people who run this Tandem" in words(super_client.get(_page(workspace)))


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (-DAY, ""),
        (DAY, "Everything it has goes on until"),
        (20 * DAY, "What only this plan has stopped on"),
    ],
    ids=["paid", "grace", "lapsed"],
)
def test_billing_tells_of_the_end(
    super_client: Client, workspace: Workspace, ended: dt.timedelta, told: str
) -> None:
    put_on(workspace, "business", ended=ended)

    page = words(super_client.get(_page(workspace)))

    assert told in page
    assert ("Your plan ended on" in page) is bool(told)


def test_workspace_that_is_held_to_no_plan_has_everything(
    super_client: Client, in_workspace: Workspace
) -> None:
    Subscription.objects.all().delete()

    assert "None: this workspace has everything" in words(super_client.get(_page(in_workspace)))


def test_staff_may_not_open_billing_nor_see_it_in_the_sidebar(
    staff_client: Client, workspace: Workspace
) -> None:
    assert staff_client.get(_page(workspace)).status_code == 403
    members = staff_client.get(reverse("workspaces:members", args=[workspace.slug]))
    assert _page(workspace) not in members.content.decode()


def test_super_user_of_another_workspace_finds_nothing(stranger: User, workspace: Workspace) -> None:
    assert signed_in(stranger).get(_page(workspace)).status_code == 404


def test_sidebar_leads_super_users_to_billing(super_client: Client, workspace: Workspace) -> None:
    page = super_client.get(_page(workspace)).content.decode()

    assert f'href="{_page(workspace)}" aria-current="page"' in page


def test_billing_costs_the_same_with_many_plans(super_client: Client, workspace: Workspace) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert super_client.get(_page(workspace)).status_code == 200
        return len(asked)

    count()
    few = count()
    Plan.objects.bulk_create([Plan(slug=f"plan-{n}", name=f"Plan {n}") for n in range(40)])

    assert count() == few
