"""Writes about what a workspace is on."""

from __future__ import annotations

import datetime as dt

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core.clock import day_in
from core.templatetags.display import day
from plans.models import Plan, Subscription
from plans.signals import subscription_changed
from workspaces.audit import log_workspace_action
from workspaces.models import User, Workspace
from workspaces.scope import scope

log = structlog.get_logger(__name__)
ENDS_BEFORE = "A plan cannot end before the workspace came on it."


@transaction.atomic
def begin_subscription(*, workspace: Workspace, by: User | None) -> Subscription | None:
    """Put a new workspace on the installation's default plan; on none where it names none."""
    plan = Plan.objects.filter(slug=settings.DEFAULT_PLAN).first()
    if plan is None:
        if settings.DEFAULT_PLAN:
            log.warning("no_such_plan", plan=settings.DEFAULT_PLAN)
        return None
    with scope(workspace):
        return Subscription.objects.create(workspace=workspace, plan=plan, since=timezone.now())


@transaction.atomic
def change_plan(
    *, workspace: Workspace, plan: Plan, until: dt.datetime | None, by: User | None
) -> Subscription:
    """Put the workspace on this plan, paid until that instant (None: it has no end). What the rooms above paused goes
    on at once.

    Raises ValidationError when it would end before it began.
    """
    Workspace.objects.select_for_update(of=("self",), no_key=True).get(pk=workspace.pk)
    with scope(workspace):
        before = Subscription.objects.select_related("plan").filter(workspace=workspace).first()
        since = before.since if before and before.plan_id == plan.pk else timezone.now()
        if until is not None and until <= since:
            raise ValidationError({"until": ENDS_BEFORE})
        values = {"plan": plan, "since": since, "until": until}
        subscription, _ = Subscription.objects.update_or_create(workspace=workspace, defaults=values)
        told = _tell(before, subscription)
        if told:
            log_workspace_action(workspace, "workspace.plan_changed", told, by)
        subscription_changed.send(sender=None, workspace=workspace)
    return subscription


def _tell(before: Subscription | None, now: Subscription) -> str:
    """What changed, in a sentence; "" when nothing did."""
    if before and (before.plan_id, before.until) == (now.plan_id, now.until):
        return ""
    was = f" from {before.plan}" if before and before.plan_id != now.plan_id else ""
    return f"Plan changed{was} to {now.plan}, {_say_end(now)}"


def _say_end(subscription: Subscription) -> str:
    if subscription.until is None:
        return "without an end"
    return f"until {day(day_in(timezone.get_current_timezone(), subscription.until))}"
