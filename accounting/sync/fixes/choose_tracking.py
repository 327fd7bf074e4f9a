"""New lines are tracked by another option of the same category, wherever the one at fault was chosen."""

from __future__ import annotations

from uuid import UUID

from accounting.models import Connection, Problem, RemoteTrackingOption
from accounting.queries.offers import offered_options
from accounting.resources.tracking import chosen_options
from accounting.sync.fixes.base import Ask, CannotFix, Remedy
from accounting.sync.mapping import Change, change_mapping
from workspaces.models import User


class ChooseTracking(Remedy):
    title = "Choose another tracking option"
    promise = "will be sent with {}"
    changes_settings = True

    def ask(self, problem: Problem, connection: Connection) -> Ask | None:
        at_fault = _at_fault(problem, connection)
        categories = {category for _, category in at_fault}
        options = tuple(
            (row.option_id, str(row))
            for category, rows in offered_options(connection).items()
            for row in rows
            if category in categories and row.option_id not in at_fault.values()
        )
        return Ask("Track them by", options) if options else None

    def settle(self, problem: Problem, connection: Connection, choice: str, by: User) -> list[Change]:
        category = next(
            of for of, rows in offered_options(connection).items() if choice in {r.option_id for r in rows}
        )
        places = {place: choice for place in _at_fault(problem, connection) if place[1] == category}
        if not places:
            raise CannotFix("Another option was chosen meanwhile. Try again.")
        return change_mapping(connection=connection, by=by, tracking=places)


def _at_fault(problem: Problem, connection: Connection) -> dict[tuple[UUID | None, str], str]:
    """Where an option is chosen that cannot be used: one that the cause names, as Xero does or as we do, or that is not
    offered."""
    options = RemoteTrackingOption.objects.filter(connection=connection)
    usable = {
        row.option_id
        for row in options
        if row.active and problem.subject not in (str(row), f"{row.name} {row.category}")
    }
    return {
        (service, category): option
        for service, chosen in chosen_options(connection).items()
        for category, option in chosen.items()
        if option not in usable
    }
