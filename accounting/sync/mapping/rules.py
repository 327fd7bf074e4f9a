"""When and how records go."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from django.db.models import TextChoices

from accounting import wakeup
from accounting.choices import MatchBy, PaymentsWay, SentThere, Unmatched
from accounting.enums import Blocker, BornThere, InvoiceStatusRule, Lane, LockedPeriod, Priority
from accounting.models import Connection, Mapping, Operation
from accounting.queries.span import before_start
from accounting.resources.registry import get_resource, push_order, settlement_resources
from accounting.resources.rules import rules_from
from accounting.sync import checks, newcomers, outbox, settlements
from accounting.sync.mapping.choices import Change, Choices, MappingRefused
from accounting.sync.reference import take_up_locked
from core.templatetags.display import day


def _put(mapping: Mapping, name: str, options: type[TextChoices], wanted: str) -> list[Change]:
    """Set this rule, unsaved; "" leaves it as it is. Returns what changed. Raises MappingRefused for a rule that is
    none."""
    before = getattr(mapping, name)
    if wanted and wanted not in options.values:
        raise MappingRefused({name: "Choose one of these."})
    if not wanted or wanted == before:
        return []
    setattr(mapping, name, wanted)
    words = dict(options.choices)
    return [(name, str(words[before]), str(words[wanted]))]


def choose_status_rule(mapping: Mapping, connection: Connection, wanted: str) -> list[Change]:
    """Set the rule, unsaved. What stands otherwise there, and keeps step from now on, follows behind everything else.
    Returns what changed. Raises MappingRefused for a rule that is none."""
    changes = _put(mapping, "invoice_status", InvoiceStatusRule, wanted)
    if not changes:
        return []
    for kind in push_order():
        moved = list(get_resource(kind).moved_by(rules_from(mapping), connection))
        outbox.record_many(
            workspace_id=connection.workspace_id, kind=kind, local_ids=moved, priority=Priority.BACKFILL
        )
    return changes


def choose_locked_period(mapping: Mapping, connection: Connection, wanted: str) -> list[Change]:
    """Set what becomes of a date in a locked period, unsaved. What was refused for its period is looked at again.
    Returns what changed. Raises MappingRefused for a rule that is none."""
    changes = _put(mapping, "locked_period", LockedPeriod, wanted)
    if not changes:
        return []
    take_up_locked(connection)
    return changes


def choose_born_there(mapping: Mapping, connection: Connection, wanted: str) -> list[Change]:
    """Set what becomes of what is made there, unsaved. To be listed, it is read soon, from the very beginning. Returns
    what changed. Raises MappingRefused for a rule that is none."""
    changes = _put(mapping, "born_there", BornThere, wanted)
    if not changes:
        return []
    if wanted == BornThere.QUEUE:
        checks.go_on(connection)
    return changes


def choose_start(
    mapping: Mapping, connection: Connection, wanted: dt.date | Literal[""] | None
) -> list[Change]:
    """Set the day on which the sync starts, unsaved; None for none, "" for the one there is. What waited because it, or
    what it belongs to, was dated before is looked at again; what failed, and is before it now, needs nobody any more.
    Returns what changed."""
    was = mapping.start_date
    if wanted == "" or wanted == was:
        return []
    mapping.start_date = wanted
    outbox.unblock(connection.pk, waiting_for=Blocker.EXEMPT)
    pushes = Operation.objects.filter(connection=connection, lane=Lane.PUSH)
    for kind in push_order() if wanted else ():
        left = before_start(kind, connection, rules_from(mapping)).values("pk")
        outbox.retry_failed(pushes.filter(kind=kind, local_id__in=left))
    wakeup.kick(workspace_id=connection.workspace_id, connection_id=connection.pk)
    if wanted:
        newcomers.forget_before(connection, wanted)
    if mapping.born_there == BornThere.QUEUE:
        checks.go_on(connection)
    return [("start_date", day(was) if was else "", day(wanted) if wanted else "")]


def choose_sent_there(mapping: Mapping, wanted: str) -> list[Change]:
    """Set whether invoices that are approved from here are marked as sent there, unsaved. Those that are approved there
    stay as they are. Returns what changed. Raises MappingRefused for a rule that is none."""
    return _put(mapping, "sent_there", SentThere, wanted)


def choose_payments_way(mapping: Mapping, connection: Connection, wanted: str) -> list[Change]:
    """Set which way payments go, unsaved. Where they come again, those that stayed there meanwhile are read. Returns
    what changed. Raises MappingRefused for a way that is none."""
    was = rules_from(mapping)
    changes = _put(mapping, "payments_way", PaymentsWay, wanted)
    if not changes:
        return []
    for resource in settlement_resources():
        if resource.comes(rules_from(mapping)) and not resource.comes(was):
            settlements.ask_for_untaken(connection, resource)
    return changes


def choose_matching(mapping: Mapping, choices: Choices) -> list[Change]:
    """Set how contacts are found, and what becomes of what was not, unsaved: the next dry run goes by it. Returns what
    changed. Raises MappingRefused for a rule that is none."""
    rules = (("match_by", MatchBy), ("unmatched", Unmatched))
    return [
        change for name, options in rules for change in _put(mapping, name, options, getattr(choices, name))
    ]
