"""Workspaces on this plan or that, paid for so long."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from plans.models import Plan, Subscription
from plans.services import change_plan
from workspaces.models import Workspace
from workspaces.scope import scope

LONG_SINCE = dt.timedelta(days=400)


def put_on(workspace: Workspace, slug: str, *, ended: dt.timedelta | None = None) -> Subscription:
    """The workspace on this plan, which began long ago; `ended` is how long ago it did, None: it has no end."""
    until = timezone.now() - ended if ended is not None else None
    change_plan(workspace=workspace, plan=Plan.objects.get(slug=slug), until=None, by=None)
    with scope(workspace):
        Subscription.objects.update(since=timezone.now() - LONG_SINCE, until=until)
        return Subscription.objects.select_related("plan").get()


def lapse(workspace: Workspace) -> Subscription:
    """Its plan ended three weeks ago: what only it had stopped a week ago."""
    return put_on(workspace, "business", ended=dt.timedelta(days=21))
