"""What a workspace is on, and what follows from it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from plans.enums import Feature, Standing
from plans.models import Plan, Subscription
from plans.queries import allows, lacking, lost_at, lost_since, plans_with
from plans.services import change_plan
from plans.signals import subscription_changed
from tests.factories.plans import put_on
from tests.factories.workspaces import make_workspace
from workspaces.models import AuditEntry, User, Workspace
from workspaces.scope import all_workspaces, scope

DAY = dt.timedelta(days=1)
MOMENT = dt.timedelta(minutes=1)


def test_new_workspace_begins_on_the_default_plan(in_workspace: Workspace) -> None:
    mine = Subscription.objects.get()

    assert (mine.plan.slug, mine.until, mine.standing) == ("business", None, Standing.ACTIVE)
    assert allows(in_workspace, Feature.INTEGRATIONS)


@pytest.mark.django_db
@pytest.mark.parametrize(("chosen", "has"), [("starter", False), ("", True), ("nonsense", True)])
def test_installation_chooses_the_default_plan(settings: Settings, chosen: str, has: bool) -> None:
    settings.DEFAULT_PLAN = chosen
    workspace = make_workspace()

    with scope(workspace):
        assert Subscription.objects.filter(plan__slug=chosen).exists() == (chosen == "starter")
        assert allows(workspace, Feature.INTEGRATIONS) == has


def test_plan_of_one_workspace_counts_for_no_other(in_workspace: Workspace) -> None:
    other = make_workspace(name="Other")
    put_on(other, "starter")

    assert allows(in_workspace, Feature.INTEGRATIONS)
    with scope(other):
        assert not allows(other, Feature.INTEGRATIONS)


@pytest.mark.parametrize(
    ("ended", "standing"),
    [
        (None, Standing.ACTIVE),
        (-MOMENT, Standing.ACTIVE),
        (MOMENT, Standing.GRACE),
        (14 * DAY - MOMENT, Standing.GRACE),
        (14 * DAY + MOMENT, Standing.LAPSED),
    ],
)
def test_the_date_decides(in_workspace: Workspace, ended: dt.timedelta | None, standing: Standing) -> None:
    """In words, as a value and in SQL: all three agree."""
    mine = put_on(in_workspace, "business", ended=ended)
    lapsed = standing == Standing.LAPSED

    assert mine.standing == standing
    assert allows(in_workspace, Feature.INTEGRATIONS) is not lapsed
    rows = Workspace.objects.annotate(at=lost_at(Feature.INTEGRATIONS, of="pk"))
    assert rows.filter(lacking(Feature.INTEGRATIONS, of="pk")).exists() is lapsed
    since = lost_since(in_workspace, Feature.INTEGRATIONS)
    assert (
        rows.get(pk=in_workspace.pk).at == since == (mine.until + 14 * DAY if lapsed and mine.until else None)
    )


def test_plan_that_never_had_it_lacks_it_since_the_workspace_is_on_it(in_workspace: Workspace) -> None:
    mine = put_on(in_workspace, "starter", ended=100 * DAY)

    assert lost_since(in_workspace, Feature.INTEGRATIONS) == mine.since


def test_one_query_answers(
    in_workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert allows(in_workspace, Feature.INTEGRATIONS)


@pytest.mark.django_db
def test_plans_that_have_a_feature_are_named() -> None:
    assert [plan.name for plan in plans_with(Feature.INTEGRATIONS)] == ["Business"]


@pytest.mark.django_db
def test_feature_nobody_knows_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError, match="plan_features_known"), transaction.atomic():
        Plan.objects.update(features=["integrations", "teleport"])


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"source": "stolen"}, "subscription_source_known"),
        ({"until": timezone.now() - 500 * DAY}, "subscription_ends_after_it_begins"),
    ],
    ids=["source", "end"],
)
def test_impossible_subscription_is_refused_by_the_database(
    in_workspace: Workspace, values: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Subscription.objects.update(**values)


def test_second_subscription_is_refused_by_the_database(in_workspace: Workspace) -> None:
    plan = Plan.objects.get(slug="starter")
    with pytest.raises(IntegrityError, match="workspace_id"), transaction.atomic():
        Subscription.objects.create(workspace=in_workspace, plan=plan, since=timezone.now())


def test_plan_that_a_workspace_is_on_is_not_deleted(in_workspace: Workspace) -> None:
    with pytest.raises(ProtectedError):
        Plan.objects.get(slug="business").delete()


def test_change_is_audited_and_told(workspace: Workspace, super_user: User) -> None:
    heard: list[Workspace] = []

    def hear(workspace: Workspace, **kwargs: Any) -> None:
        heard.append(workspace)

    subscription_changed.connect(hear)
    try:
        for until in (None, None, timezone.now() + 30 * DAY):
            starter = Plan.objects.get(slug="starter")
            change_plan(workspace=workspace, plan=starter, until=until, by=super_user)
    finally:
        subscription_changed.disconnect(hear)

    with scope(workspace):
        told = AuditEntry.objects.filter(action="workspace.plan_changed").order_by("pk")
        assert {entry.actor for entry in told} == {super_user}
        first, second = (entry.summary for entry in told)
    assert first == "Plan changed from Business to Starter, without an end"
    assert second.startswith("Plan changed to Starter, until ")
    assert heard == [workspace] * 3


def test_same_plan_renewed_keeps_since_when(workspace: Workspace) -> None:
    before = put_on(workspace, "business", ended=100 * DAY)

    renewed = change_plan(workspace=workspace, plan=before.plan, until=None, by=None)

    assert (renewed.pk, renewed.since, renewed.until) == (before.pk, before.since, None)


def test_other_plan_counts_from_now_and_cannot_have_ended(workspace: Workspace) -> None:
    put_on(workspace, "business")
    starter = Plan.objects.get(slug="starter")

    with pytest.raises(ValidationError, match="cannot end before"):
        change_plan(workspace=workspace, plan=starter, until=timezone.now() - DAY, by=None)
    with all_workspaces("this test looks"):
        assert Subscription.objects.get(workspace=workspace).plan.slug == "business"
    since = change_plan(workspace=workspace, plan=starter, until=None, by=None).since
    assert timezone.now() - since < MOMENT
