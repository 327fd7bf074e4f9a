"""Payments are booked to another account: the one of their currency where it has one of its own, else that of all."""

from __future__ import annotations

from typing import Any

from accounting.models import Connection, Problem
from accounting.queries.offers import mapping_of, payment_accounts, payment_accounts_by_currency, takes
from accounting.queries.problems import currencies_held
from accounting.sync.fixes.base import Ask, Remedy
from accounting.sync.mapping import Change, change_mapping
from workspaces.models import User

OTHER_CURRENCY = "bank-currency"
"""The key of the cause that is no fault of the account, but of its currency."""


class ChoosePaymentAccount(Remedy):
    title = "Choose another payment account"
    promise = "will be booked to {}"
    changes_settings = True

    def ask(self, problem: Problem, connection: Connection) -> Ask | None:
        held, mapping = currencies_held(problem), mapping_of(connection)
        chosen = {mapping.payment_account_id} if mapping else set()
        at_fault = chosen | set(payment_accounts_by_currency(connection).values())
        fitting = [
            row for row in payment_accounts(connection) if all(takes(row, each, connection) for each in held)
        ]
        options = tuple((row.account_id, str(row)) for row in fitting if row.account_id not in at_fault)
        return Ask("Book them to", options) if options else None

    def settle(self, problem: Problem, connection: Connection, choice: str, by: User) -> list[Change]:
        own = payment_accounts_by_currency(connection)
        foreign = currencies_held(problem) - {connection.currency}
        apart = {each for each in foreign if each in own or problem.key == OTHER_CURRENCY}
        changes: dict[str, Any] = {"currency_accounts": dict.fromkeys(apart, choice)} if apart else {}
        if not apart or currencies_held(problem) - apart:
            changes["payment_account_id"] = choice
        return change_mapping(connection=connection, by=by, **changes)
