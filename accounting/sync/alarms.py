"""What super users are mailed about problems: soon about one that holds up money, the others together in the morning.

Each problem is told once, and opens its own page. One that puts itself right within minutes is told to nobody.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounting.models import Problem
from accounting.queries.problems import Trouble, list_trouble
from accounting.sync.state import callable_now
from core.clock import database_now
from core.mail import link_to, send_after_commit
from core.templatetags.display import money
from workspaces.days import start_of
from workspaces.models import Workspace
from workspaces.queries import super_users_of
from workspaces.scope import all_workspaces, scope_by_id

SETTLES = dt.timedelta(minutes=2)
MORNING = dt.timedelta(hours=7)


def tell_untold() -> None:
    """Mail what has to be told by now, in every workspace whose connection works."""
    with all_workspaces("every workspace is told of its problems"):
        untold = Problem.objects.filter(
            callable_now("connection__"), closed_at=None, told_at=None, first_seen_at__lt=Now() - SETTLES
        )
        found = list(untold.order_by().values_list("workspace_id", flat=True).distinct())
    for workspace_id in found:
        with scope_by_id(workspace_id):
            _tell(Workspace.objects.get(pk=workspace_id), database_now())


@transaction.atomic
def _tell(workspace: Workspace, now: dt.datetime) -> None:
    old = [row for row in list_trouble(workspace) if row.problem.first_seen_at < now - SETTLES]
    urgent = [row for row in old if any(amount > 0 for amount in row.money.values())]
    for row in _claim(urgent):
        _mail(workspace, "problem", link_to("accounting:problem", workspace.slug, row.problem.pk), [row])
    morning = _last_morning(workspace, now)
    others = [row for row in old if row not in urgent and row.problem.first_seen_at < morning]
    if claimed := _claim(others):
        _mail(workspace, "problems", link_to("accounting:problems", workspace.slug), claimed)


def _last_morning(workspace: Workspace, now: dt.datetime) -> dt.datetime:
    """The last time it was morning where the workspace is."""
    here = now.astimezone(workspace.zone)
    day = (
        here.date()
        if here - start_of(here.date(), workspace) >= MORNING
        else here.date() - dt.timedelta(days=1)
    )
    return start_of(day, workspace) + MORNING


def _claim(rows: list[Trouble]) -> list[Trouble]:
    """Those of them that nobody was told of before; they are from now on."""
    return [row for row in rows if _is_first(row.problem.pk)]


def _is_first(problem_id: UUID) -> bool:
    return bool(Problem.objects.filter(pk=problem_id, told_at=None).update(told_at=Now()))


def _mail(workspace: Workspace, template: str, link: str, rows: list[Trouble]) -> None:
    told = [_say(row) for row in rows]
    for user in super_users_of(workspace):
        facts: dict[str, Any] = {
            "name": str(user),
            "workspace": workspace.name,
            "link": link,
            "problems": told,
        }
        send_after_commit(to=user.email, template=template, context=facts)


def _say(row: Trouble) -> dict[str, str]:
    held = [*row.held, *(money(amount, currency) for currency, amount in row.amounts)]
    words = "" if row.problem.words == row.title else row.problem.words
    return {"title": row.title, "held": ", ".join(held), "words": words, "fixer": row.fixer}
