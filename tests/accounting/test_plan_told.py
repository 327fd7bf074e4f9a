"""What people are told while their plan has no integrations, and where they see to it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounting.enums import ConnectionState, Kind, OpState
from accounting.models import Connection, Operation
from accounting.queries.attention import attention_of
from accounting.queries.status import status_for
from core.clock import day_in
from core.templatetags.display import day
from plans.models import Plan, Subscription
from tests.accounting.pages import notices, url, words
from tests.factories.accounting import make_batch
from tests.factories.customers import make_customer
from tests.factories.plans import lapse, put_on
from workspaces.models import User, Workspace
from workspaces.scope import scope
from xero_sandbox.handle import Handle

DAY = dt.timedelta(days=1)
PAGES = ["activity", "problems", "unsent"]


def _days_ago(days: int) -> str:
    """Where the workspace is: connecting took the organisation's time zone."""
    return day(day_in(Workspace.objects.get().zone, timezone.now() - days * DAY))


@pytest.fixture
def since(connected: Connection) -> str:
    """The day on which the sync of `lapsed` stopped: two weeks after its plan ended."""
    return _days_ago(7)


@pytest.fixture
def lapsed(connected: Connection) -> Connection:
    lapse(connected.workspace)
    return connected


@pytest.mark.parametrize("page", PAGES)
def test_lapse_is_told_on_every_page_with_what_waits_and_who_can_act(
    staff_client: Client, lapsed: Connection, in_workspace: Workspace, super_user: User, page: str, since: str
) -> None:
    for _ in range(3):
        make_customer(in_workspace)

    told = words(staff_client.get(url(page, in_workspace)))

    assert f"Your plan has had no integrations since {since}. 3 changes wait." in told
    assert f"Ask {super_user} about the plan." in told
    assert "reconnect" not in told.lower()


def test_super_user_is_led_to_billing(
    super_client: Client, lapsed: Connection, in_workspace: Workspace
) -> None:
    page = super_client.get(url("activity", in_workspace))

    assert reverse("plans:billing", args=[in_workspace.slug]) in page.content.decode()
    assert "See plans" in words(page)
    assert "0 changes" not in words(page)


def test_settings_tell_of_the_lapse_and_offer_no_way_around(
    super_client: Client, lapsed: Connection, in_workspace: Workspace, since: str
) -> None:
    Connection.objects.update(resume_at=timezone.now() + dt.timedelta(hours=1), resume_reason="Away.")
    make_customer(in_workspace)

    told = words(super_client.get(url("settings", in_workspace)))

    assert f"Your plan has had no integrations since {since}. 1 change waits." in told
    assert "Business has them." in told
    assert f"{lapsed.tenant_name} " in told
    assert "Paused" in told
    assert "Try now" not in told


@pytest.mark.parametrize("state", [ConnectionState.NEEDS_REAUTH, ConnectionState.DISCONNECTED])
def test_reconnecting_is_not_offered_without_the_plan(
    super_client: Client, lapsed: Connection, in_workspace: Workspace, state: str
) -> None:
    Connection.objects.update(state=state, state_reason="Gone.")

    told = words(super_client.get(url("settings", in_workspace)))

    assert "Your plan has had no integrations since" in told
    assert "Reconnect " not in told.replace("Reconnect needed", "")


def test_grace_is_told_before_anything_stops(
    super_client: Client, connected: Connection, in_workspace: Workspace
) -> None:
    put_on(in_workspace, "business", ended=5 * DAY)

    told = words(super_client.get(url("settings", in_workspace)))

    assert f"Your plan ended on {_days_ago(5)} The sync goes on until {_days_ago(-9)}" in told
    assert attention_of(in_workspace).outage is None


def test_card_is_absent_and_the_plan_that_has_it_named(super_client: Client, in_workspace: Workspace) -> None:
    put_on(in_workspace, "starter")

    page = super_client.get(url("settings", in_workspace))

    told = words(page)
    assert "Your plan has no integrations Business has them" in told
    assert "Connect to Xero" not in told
    assert reverse("plans:billing", args=[in_workspace.slug]) in page.content.decode()


def test_every_plan_that_has_it_is_named(super_client: Client, in_workspace: Workspace) -> None:
    put_on(in_workspace, "starter")
    Plan.objects.create(slug="firm", name="Firm", features=["integrations"], order=90)

    assert "Business and Firm have them" in words(super_client.get(url("settings", in_workspace)))


def test_card_is_there_with_the_plan(super_client: Client, in_workspace: Workspace) -> None:
    assert "Connect to Xero" in words(super_client.get(url("settings", in_workspace)))


def test_connecting_by_hand_is_refused_in_words(
    super_client: Client, in_workspace: Workspace, sandbox: Handle
) -> None:
    put_on(in_workspace, "starter")

    page = super_client.post(url("connect", in_workspace), follow=True)

    assert notices(page) == ["Your plan has no integrations."]
    assert not Connection.objects.exists()


@pytest.mark.parametrize("state", [OpState.PENDING, OpState.IN_FLIGHT])
def test_record_that_waits_says_for_what(lapsed: Connection, state: str, since: str) -> None:
    customer = make_customer(lapsed.workspace)
    if state == OpState.IN_FLIGHT:
        Operation.objects.update(state=state, batch=make_batch(lapsed))

    with scope(Workspace.objects.get()):  # in the organisation's time zone, which it has taken
        told = status_for(Kind.CUSTOMER, [customer.pk])[customer.pk]

    assert (told.code, told.label, told.is_moving) == ("unplanned", "Waiting: not in your plan", False)
    assert told.reason == f"Your plan has had no integrations since {since}. It is sent once it has them."


def test_record_leads_super_users_to_billing_and_others_to_them(
    super_client: Client, staff_client: Client, lapsed: Connection, in_workspace: Workspace
) -> None:
    customer = make_customer(in_workspace)
    page = reverse("customers:detail", args=[in_workspace.slug, customer.pk])

    assert "It is sent once it has them. See plans" in words(super_client.get(page))
    assert "It is sent once it has them. Ask a super user" in words(staff_client.get(page))


@pytest.mark.parametrize(
    ("click", "told"),
    [
        ("try_now", "It goes on once it has them."),
        ("test", "It can be tested once it has them."),
        ("refresh_lists", "The lists are read once it has them."),
    ],
)
def test_clicks_say_why_not(
    super_client: Client, lapsed: Connection, in_workspace: Workspace, click: str, told: str, since: str
) -> None:
    Connection.objects.update(lists_asked_at=None)

    page = super_client.post(url(click, in_workspace), follow=True)

    assert notices(page) == [f"Your plan has had no integrations since {since}. {told}"]


def test_billing_names_the_connection_and_what_a_downgrade_would_stop(
    super_client: Client, connected: Connection, in_workspace: Workspace
) -> None:
    told = words(super_client.get(reverse("plans:billing", args=[in_workspace.slug])))

    assert f"Connections {connected.tenant_name} (Xero)" in told
    assert f"Would stop: {connected.tenant_name} (Xero) Nothing would go either way." in told
    assert told.count("Would stop: ") == 1


def test_pages_cost_the_same_whatever_the_plan_says(
    super_client: Client, connected: Connection, in_workspace: Workspace
) -> None:
    """The plan is asked in the statements that are made anyway; what waits and for whom, only while it lapsed."""
    make_customer(in_workspace)
    page = reverse("customers:list", args=[in_workspace.slug])

    def count() -> int:
        with CaptureQueriesContext(database) as asked:
            super_client.get(page)
        return len(asked)

    count()
    with_plan = count()
    Subscription.objects.all().delete()
    assert count() == with_plan
    lapse(in_workspace)
    assert count() <= with_plan + 3
