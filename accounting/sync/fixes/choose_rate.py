"""A tax rate of ours is matched to another of the organisation's, of the same percentage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounting.models import Connection, Problem
from accounting.queries.offers import mapped_rates, revenue_rates, same_percent
from accounting.sync.fixes.base import Ask, CannotFix, Remedy
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
        if not ours:
            return None
        fitting = same_percent(list(revenue_rates(connection)), ours[0].percent)
        refused = mapped_rates(connection).get(ours[0].pk)
        options = tuple((rate.code, str(rate)) for rate in fitting if rate.code != refused)
        return Ask(f"Match “{ours[0]}” to", options) if options else None

    def settle(self, problem: Problem, connection: Connection, choice: str, by: User) -> list[Change]:
        ours = _at_fault(problem, connection)
        if not ours:
            raise CannotFix("The tax rate was matched to another meanwhile. Try again.")
        alike = {rate.pk: choice for rate in ours if rate.percent == ours[0].percent}
        return change_mapping(connection=connection, by=by, rates=alike)


def _at_fault(problem: Problem, connection: Connection) -> Sequence[Any]:
    """Our rates that cannot go as they are matched now."""
    ours, matched = list(active_tax_rates()), mapped_rates(connection)
    if problem.key == NOT_MATCHED:
        return [rate for rate in ours if str(rate) == problem.subject]
    if problem.subject:
        code = problem.subject.split()[0]
        return [rate for rate in ours if matched.get(rate.pk) == code]
    offered = set(revenue_rates(connection).values_list("code", flat=True))
    return [rate for rate in ours if rate.pk in matched and matched[rate.pk] not in offered]
