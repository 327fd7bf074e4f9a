"""A tax rate of ours is matched to another of the organisation's, of the same percentage. What was agreed before keeps
its code, so the lines that are held up for theirs get the new one too."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from accounting.models import Connection, Link, Problem, RemoteTaxRate
from accounting.queries.offers import mapped_rates, revenue_rates, same_percent
from accounting.queries.problems import held_by
from accounting.resources.desk import Desk
from accounting.resources.registry import get_resource
from accounting.sync.fixes.base import Ask, Remedy
from accounting.sync.links import base_of
from accounting.sync.mapping import Change, change_mapping
from catalogue.queries import active_tax_rates
from workspaces.models import User

NOT_MATCHED = "tax-rate-not-matched"
"""The key of the cause that names our rate; the others name the organisation's, or none."""


class ChooseRate(Remedy):
    title = "Match the tax rate"
    promise = "will be sent with {}"
    changes_settings = True

    def ask(self, problem: Problem, connection: Connection) -> Ask | None:
        ours = _at_fault(problem, connection)
        if ours:
            named, percent = f"“{ours[0]}”", ours[0].percent
        elif agreed := _agreed_at_fault(problem, connection):
            named, percent = f"“{agreed.name}”", agreed.percent
        else:
            return None
        fitting = same_percent(list(revenue_rates(connection)), percent)
        wrong = _codes_at_fault(problem, connection)
        options = tuple((rate.code, str(rate)) for rate in fitting if rate.code not in wrong)
        return Ask(f"Match {named} to", options) if options else None

    def settle(self, problem: Problem, connection: Connection, choice: str, by: User) -> list[Change]:
        """Nothing, where the rate was matched to another since: then only lines carry the old one."""
        ours = _at_fault(problem, connection)
        alike = {rate.pk: choice for rate in ours if rate.percent == ours[0].percent}
        return change_mapping(connection=connection, by=by, rates=alike) if alike else []

    def mend(self, problem: Problem, kind: str, record: Any, choice: str, desk: Desk, by: User) -> str:
        codes = _codes_at_fault(problem, desk.connection)
        return get_resource(kind).recode(record, codes, choice, desk, by)


def _at_fault(problem: Problem, connection: Connection) -> Sequence[Any]:
    """Our rates that cannot go as they are matched now."""
    ours, matched = list(active_tax_rates()), mapped_rates(connection)
    if problem.key == NOT_MATCHED:
        return [rate for rate in ours if str(rate) == problem.subject]
    wrong = _codes_at_fault(problem, connection)
    return [rate for rate in ours if matched.get(rate.pk) in wrong]


def _codes_at_fault(problem: Problem, connection: Connection) -> Collection[str]:
    """The organisation's code that the cause names; else those that sales may not have (any more)."""
    if problem.key == NOT_MATCHED:
        return set()
    if problem.subject:
        return {problem.subject.split()[0]}
    offered = set(revenue_rates(connection).values_list("code", flat=True))
    known = set(RemoteTaxRate.objects.filter(connection=connection).values_list("code", flat=True))
    return (known | set(mapped_rates(connection).values())) - offered


def _agreed_at_fault(problem: Problem, connection: Connection) -> RemoteTaxRate | None:
    """The organisation's rate at fault that lines of what is held up were agreed to have."""
    held = held_by(problem).values("local_id")
    links = Link.objects.filter(connection=connection, local_id__in=held).exclude(base={})
    agreed = {line.tax_code for link in links for line in getattr(base_of(link), "lines", ())}
    wrong = agreed & set(_codes_at_fault(problem, connection))
    return RemoteTaxRate.objects.filter(connection=connection, code__in=wrong).order_by("code").first()
