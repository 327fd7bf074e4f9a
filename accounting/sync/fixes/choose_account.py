"""Sales are booked to another account: those of the settings that named the one at fault, and the lines that did."""

from __future__ import annotations

from typing import Any

from accounting.models import Connection, Problem, RemoteAccount
from accounting.queries.offers import mapping_of, revenue_accounts, service_accounts
from accounting.resources.desk import Desk
from accounting.resources.registry import get_resource
from accounting.sync.fixes.base import Ask, Remedy
from accounting.sync.mapping import Change, change_mapping
from workspaces.models import User


class ChooseAccount(Remedy):
    """Where the cause names an account by its code, that one is at fault; else what is not chosen, or not offered."""

    title = "Choose another account"
    promise = "will be sent with {}"
    changes_settings = True

    def ask(self, problem: Problem, connection: Connection) -> Ask | None:
        offered = revenue_accounts(connection).exclude(code=problem.subject or "-")
        options = tuple((row.account_id, str(row)) for row in offered)
        return Ask("Book them to", options) if options else None

    def settle(self, problem: Problem, connection: Connection, choice: str, by: User) -> list[Change]:
        at_fault = _at_fault(problem, connection)
        mapping = mapping_of(connection)
        services = {pk: choice for pk, account in service_accounts(connection).items() if account in at_fault}
        changes: dict[str, Any] = {"services": services} if services else {}
        if mapping is None or not mapping.revenue_account_id or mapping.revenue_account_id in at_fault:
            changes["revenue_account_id"] = choice
        return change_mapping(connection=connection, by=by, **changes) if changes else []

    def mend(self, problem: Problem, kind: str, record: Any, choice: str, desk: Desk, by: User) -> str:
        return get_resource(kind).rebook(record, problem.subject, choice, desk, by)


def _at_fault(problem: Problem, connection: Connection) -> set[str]:
    accounts = RemoteAccount.objects.filter(connection=connection)
    if problem.subject:
        return set(accounts.filter(code=problem.subject).values_list("account_id", flat=True))
    offered = revenue_accounts(connection).values("account_id")
    return set(accounts.exclude(account_id__in=offered).values_list("account_id", flat=True))
