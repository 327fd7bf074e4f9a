"""Who may what, by their plan: the one place where it is asked.

Each question exists as a value, for one workspace, and as an expression for a statement about many rows: `of` is then
the way from such a row to its workspace. The clock is the database's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Now

from plans.enums import Feature
from plans.models import Plan, Subscription
from plans.signals import Use, uses_of_features
from workspaces.models import Workspace


def allows(workspace: Workspace | UUID, feature: Feature) -> bool:
    """Whether the workspace has the feature now. One query; needs its scope."""
    return not _lacking(Subscription.objects.filter(workspace=workspace), feature).exists()


def lost_since(workspace: Workspace | UUID, feature: Feature) -> dt.datetime | None:
    """Since when the workspace does not have the feature; None while it has. One query; needs its scope."""
    mine = _lost(Subscription.objects.filter(workspace=workspace), feature)
    return mine.values_list("lost_at", flat=True).first()


@cache
def lacking(feature: Feature, *, of: str = "workspace") -> Exists:
    """Whether a row's workspace lacks the feature now."""
    return Exists(_lacking(_of_the_row(of), feature))


@cache
def lost_at(feature: Feature, *, of: str = "workspace") -> Subquery:
    """Since when a row's workspace lacks the feature; NULL while it has it."""
    return Subquery(_lost(_of_the_row(of), feature).values("lost_at"))


def _of_the_row(of: str) -> QuerySet[Subscription]:
    """The subscription of the outer row's workspace. It needs no scope of its own and is put together once: every page
    asks, and that costs more than the answer."""
    return QuerySet(Subscription).filter(workspace=OuterRef(of))


def _lacking(rows: QuerySet[Subscription], feature: Feature) -> QuerySet[Subscription]:
    lapsed = Q(until__lte=Now() - Subscription.GRACE)
    return rows.filter(lapsed | ~Q(plan__features__overlap=[feature])).order_by()


def _lost(rows: QuerySet[Subscription], feature: Feature) -> QuerySet[Subscription]:
    """Those that lack it, each with the instant since when: a plan that never had it, since the workspace is on it."""
    lapsed_at = ExpressionWrapper(F("until") + Value(Subscription.GRACE), output_field=DateTimeField())
    has = Q(plan__features__overlap=[feature])
    return _lacking(rows, feature).annotate(lost_at=Case(When(has, then=lapsed_at), default=F("since")))


def subscription_of(workspace: Workspace) -> Subscription | None:
    """What the workspace is on, with the plan loaded; None where it is held to none."""
    return Subscription.objects.select_related("plan", "workspace").filter(workspace=workspace).first()


def plans_with(feature: Feature) -> list[Plan]:
    """The plans that have the feature, in the order they are shown in."""
    return list(Plan.objects.filter(features__overlap=[feature]))


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan beside the others: which features it has and lacks, and what of the workspace it would stop."""

    plan: Plan
    is_current: bool
    features: tuple[tuple[Feature, bool], ...]
    stops: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Bill:
    """What Settings > Billing shows. `subscription` is None where the workspace is held to no plan."""

    subscription: Subscription | None
    users: int
    uses: tuple[Use, ...]
    offers: tuple[Offer, ...]


def bill_of(workspace: Workspace) -> Bill:
    """What the workspace is on, what it uses, and what else there is."""
    subscription, uses = subscription_of(workspace), tuple(uses_of_features())
    current = subscription.plan_id if subscription else None
    offers = tuple(_offer(plan, current, uses) for plan in Plan.objects.all())
    return Bill(subscription, workspace.memberships.count(), uses, offers)


def _offer(plan: Plan, current: int | None, uses: tuple[Use, ...]) -> Offer:
    is_current = plan.pk == current
    stops = () if is_current else tuple(use for use in uses if not plan.has(use.feature))
    return Offer(plan, is_current, tuple((feature, plan.has(feature)) for feature in Feature), stops)
