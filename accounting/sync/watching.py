"""What only somebody in Xero can put right is looked at again by itself: a few records of each cause, first after some
minutes, then at growing distance. Once they get through, more of them follow."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from accounting import wakeup
from accounting.models import Operation, Problem
from accounting.port.meanings import WATCHED
from accounting.queries.problems import held_by, meaning_of_problem
from accounting.sync import outbox
from accounting.sync.state import callable_now
from workspaces.scope import all_workspaces

FIRST = dt.timedelta(minutes=5)
FEW, AT_ONCE = 10, 200


def look_again() -> int:
    """In every workspace. Returns of how many causes."""
    with all_workspaces("what is put right in Xero is found out in every workspace"):
        due = [row for row in _due() if meaning_of_problem(row).fix in WATCHED]
        for problem in due:
            _try_few(problem)
    return len(due)


def _due() -> list[Problem]:
    """Those that nothing failed for during half of the time that they have lasted by then."""
    waited = ExpressionWrapper(Now() - F("last_seen_at"), output_field=DurationField())
    lasted = ExpressionWrapper(F("last_seen_at") - F("first_seen_at"), output_field=DurationField())
    rows = Problem.objects.annotate(waited=waited, lasted=lasted).filter(
        callable_now("connection__"),
        closed_at=None,
        waited__gt=FIRST,
        lasted__lt=F("waited") + F("waited"),
    )
    return list(rows.order_by("last_seen_at")[:AT_ONCE])


@transaction.atomic
def _try_few(problem: Problem) -> None:
    few = list(held_by(problem).values_list("pk", flat=True)[:FEW])
    if outbox.retry_failed(Operation.objects.filter(pk__in=few)):
        wakeup.kick(workspace_id=problem.workspace_id, connection_id=problem.connection_id)
