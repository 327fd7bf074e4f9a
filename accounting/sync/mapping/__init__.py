"""A person's choices for a connection. Only what the organisation offers."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounting.enums import EventKind
from accounting.models import Connection, Mapping
from accounting.resources.rules import rules_from
from accounting.sync.broken import note_broken
from accounting.sync.connect import resume_setup
from accounting.sync.history import tell
from accounting.sync.mapping.accounts import choose_accounts, save_currencies, save_services
from accounting.sync.mapping.choices import Change, Choices, MappingRefused
from accounting.sync.mapping.effects import effects_since, look_before
from accounting.sync.mapping.foreseen import Foreseen, NotForeseen
from accounting.sync.mapping.owners import choose_owners
from accounting.sync.mapping.rules import (
    choose_born_there,
    choose_locked_period,
    choose_matching,
    choose_payments_way,
    choose_sent_there,
    choose_start,
    choose_status_rule,
)
from accounting.sync.mapping.tax import save_default_rate, save_rates
from accounting.sync.mapping.tracking import save_tracking
from workspaces.models import User

__all__ = ["Change", "Choices", "Foreseen", "MappingRefused", "NotForeseen", "change_mapping", "save_mapping"]


def change_mapping(*, connection: Connection, by: User, **changed: Any) -> list[Change]:
    """Change these of the Choices by their names, and leave the rest as it is. Like `save_mapping` else."""
    mapping = Mapping.objects.filter(connection=connection).first() or Mapping()
    kept = {name: getattr(mapping, name) for name in ("revenue_account_id", "payment_account_id")}
    return save_mapping(connection=connection, choices=Choices(**{**kept, **changed}), by=by)


@transaction.atomic
def save_mapping(
    *, connection: Connection, choices: Choices, by: User, seen: Foreseen | None = None
) -> list[Change]:
    """Keep these choices; what waited for one of them goes on. Returns what changed, in words.

    `seen` is what a person was shown of it: raises NotForeseen, and keeps nothing, where it does more to records than
    that. Raises MappingRefused for an account or rate that the organisation does not offer (any more), or a rate of
    another percentage: the totals of both sides would differ.
    """
    Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)  # before the operations it wakes
    mapping, _ = Mapping.objects.select_for_update(of=("self",)).get_or_create(
        connection=connection, defaults={"workspace_id": connection.workspace_id}
    )
    before = look_before(connection, rules_from(mapping)) if seen else None
    changes = _choose(mapping, connection, choices, by)
    mapping.save()
    if changes:
        tell(
            connection, EventKind.SETTINGS, "The choices for Xero were changed.", changes=list(changes), by=by
        )
    resume_setup(connection)
    note_broken(connection)
    if seen and before:
        Foreseen(tuple(changes), effects_since(connection, before)).require_within(seen)
    return changes


def _choose(mapping: Mapping, connection: Connection, choices: Choices, by: User) -> list[Change]:
    return [
        *choose_accounts(mapping, connection, choices),
        *save_currencies(connection, choices.currency_accounts),
        *save_services(connection, choices.services),
        *save_tracking(connection, choices.tracking),
        *choose_status_rule(mapping, connection, choices.invoice_status),
        *choose_locked_period(mapping, connection, choices.locked_period),
        *choose_born_there(mapping, connection, choices.born_there),
        *choose_sent_there(mapping, choices.sent_there),
        *choose_payments_way(mapping, connection, choices.payments_way),
        *choose_matching(mapping, choices),
        *choose_owners(mapping, connection, choices.owners),
        *choose_start(mapping, connection, choices.start_date),
        *save_rates(connection, choices.rates),
        *save_default_rate(connection, choices.default_rate, by),
    ]
