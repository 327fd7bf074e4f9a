"""What super users are mailed about problems: soon about one that holds up money, the others together in the morning;
or, as each of them chooses, all of it at once, or only what holds up money.

Each problem is told once, and opens its own page. One that puts itself right within minutes is told to nobody. Who was
mailed about one alone hears of its end, in the same thread.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from accounting.models import MailRule, Problem
from accounting.queries.mail_rules import mail_rules
from accounting.queries.problems import Trouble, list_trouble, title_of
from accounting.sync.state import callable_now
from core.clock import database_now
from core.mail import Thread, link_to, send_after_commit
from core.templatetags.display import money
from workspaces.days import start_of
from workspaces.models import User, Workspace
from workspaces.scope import all_workspaces, scope_by_id

SETTLES = dt.timedelta(minutes=2)
MORNING = dt.timedelta(hours=7)


def tell_untold() -> None:
    """Mail what has to be told by now, in every workspace whose connection works."""
    with all_workspaces("every workspace is told of its problems"):
        found = _workspaces_of(_untold()) | _workspaces_of(_ended())
    for workspace_id in sorted(found):
        with scope_by_id(workspace_id):
            _tell(Workspace.objects.get(pk=workspace_id), database_now())


def _untold() -> Any:
    """What was told with others is told alone once it holds up money, which only another failure brings about."""
    news = Q(told_early_at=None) | Q(digested_at=None) | Q(last_seen_at__gt=F("digested_at"))
    return Problem.objects.filter(
        news, callable_now("connection__"), closed_at=None, told_at=None, first_seen_at__lt=Now() - SETTLES
    )


def _ended() -> Any:
    return Problem.objects.filter(is_threaded=True, closed_at__isnull=False)


def _workspaces_of(problems: Any) -> set[Any]:
    return set(problems.order_by().values_list("workspace_id", flat=True).distinct())


@transaction.atomic
def _tell(workspace: Workspace, now: dt.datetime) -> None:
    rules = mail_rules(workspace)
    for problem in _ended().order_by("pk"):
        _tell_end(workspace, problem, rules)
    if not _untold().exists():
        return
    old = [row for row in list_trouble(workspace) if row.problem.first_seen_at < now - SETTLES]
    urgent = [row for row in old if any(amount > 0 for amount in row.money.values())]
    for row in urgent:
        _tell_alone(workspace, row, "told_at", _who(rules, eager=row.problem.told_early_at is None))
    others = [row for row in old if row not in urgent and row.problem.told_at is None]
    for row in others:
        _tell_alone(workspace, row, "told_early_at", _who(rules, MailRule.AT_ONCE))
    morning = _last_morning(workspace, now)
    told = [row for row in others if row.problem.first_seen_at < morning and _claim(row, "digested_at")]
    if told:
        link = link_to("accounting:problems", workspace.slug)
        _mail(workspace, "problems", link, told, _who(rules, MailRule.MORNING))


def _who(rules: dict[User, str], only: str = "", *, eager: bool = True) -> list[User]:
    """Those of this rule, or all: with those who take everything at once, or without."""
    return [
        user for user, rule in rules.items() if (rule == only if only else eager or rule != MailRule.AT_ONCE)
    ]


def _last_morning(workspace: Workspace, now: dt.datetime) -> dt.datetime:
    """The last time it was morning where the workspace is."""
    here = now.astimezone(workspace.zone)
    day = (
        here.date()
        if here - start_of(here.date(), workspace) >= MORNING
        else here.date() - dt.timedelta(days=1)
    )
    return start_of(day, workspace) + MORNING


def _claim(row: Trouble, stamp: str) -> bool:
    """Whether nobody was told in this way before; they are from now on."""
    mine = Problem.objects.filter(pk=row.problem.pk, closed_at=None, **{stamp: None})
    return bool(mine.update(**{stamp: Now()}))


def _tell_alone(workspace: Workspace, row: Trouble, stamp: str, users: Sequence[User]) -> None:
    """Whoever is told at the latest needs no earlier telling."""
    if not _claim(row, stamp):
        return
    mine = Problem.objects.filter(pk=row.problem.pk)
    if stamp == "told_at":
        mine.update(
            told_early_at=Coalesce("told_early_at", Now()), digested_at=Coalesce("digested_at", Now())
        )
    if users:
        mine.update(is_threaded=True)
        link = link_to("accounting:problem", workspace.slug, row.problem.pk)
        _mail(workspace, "problem", link, [row], users, _thread(row.problem))


def _tell_end(workspace: Workspace, problem: Problem, rules: dict[User, str]) -> None:
    """Those who were mailed about it alone; claimed like the rest."""
    if not Problem.objects.filter(pk=problem.pk, is_threaded=True).update(is_threaded=False):
        return
    users = _who(rules) if problem.told_at else _who(rules, MailRule.AT_ONCE)
    link = link_to("accounting:problem", workspace.slug, problem.pk)
    facts = {"workspace": workspace.name, "link": link, "title": title_of(problem)}
    _send("problem_over", users, facts, _thread(problem, is_end=True))


def _thread(problem: Problem, *, is_end: bool = False) -> Thread:
    """One for each cause, however often it comes back."""
    cause = uuid5(NAMESPACE_URL, f"{problem.connection_id} {problem.key} {problem.subject}")
    mail = f"problem-{problem.pk}"
    return Thread(f"cause-{cause}", f"{mail}-over", mail) if is_end else Thread(f"cause-{cause}", mail)


def _mail(
    workspace: Workspace,
    template: str,
    link: str,
    rows: list[Trouble],
    users: Iterable[User],
    thread: Thread | None = None,
) -> None:
    facts = {"workspace": workspace.name, "link": link, "problems": [_say(row) for row in rows]}
    _send(template, users, facts, thread)


def _send(template: str, users: Iterable[User], facts: dict[str, Any], thread: Thread | None) -> None:
    for user in users:
        send_after_commit(
            to=user.email, template=template, context={**facts, "name": str(user)}, thread=thread
        )


def _say(row: Trouble) -> dict[str, str]:
    held = [*row.held, *(money(amount, currency) for currency, amount in row.amounts)]
    words = "" if row.problem.words == row.title else row.problem.words
    return {"title": row.title, "held": ", ".join(held), "words": words, "fixer": row.fixer}
