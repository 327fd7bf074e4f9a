"""When and how records go."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from accounting import wakeup
from accounting.choices import MatchBy, PaymentsWay, Unmatched
from accounting.enums import Blocker, BornThere, InvoiceStatusRule, Lane, LockedPeriod, Priority
from accounting.models import Connection, Mapping, Operation
from accounting.queries.span import before_start
from accounting.resources.registry import get_resource, push_order, settlement_resources
from accounting.resources.rules import rules_from
from accounting.sync import checks, newcomers, outbox, settlements
from accounting.sync.mapping.choices import Change, Choices, MappingRefused
from accounting.sync.reference import take_up_locked
from core.templatetags.display import day


def choose_status_rule(mapping: Mapping, connection: Connection, wanted: str) -> list[Change]:
    """Set the rule, unsaved. What stands otherwise there, and keeps step from now on, follows behind everything else.
    Returns what changed. Raises MappingRefused for a rule that is none."""
    before = mapping.invoice_status
    if wanted and wanted not in InvoiceStatusRule.values:
        raise MappingRefused({"invoice_status": "Choose one of these."})
    if not wanted or wanted == before:
        return []
    mapping.invoice_status = wanted
    for kind in push_order():
        moved = list(get_resource(kind).moved_by(rules_from(mapping), connection))
        outbox.record_many(
            workspace_id=connection.workspace_id, kind=kind, local_ids=moved, priority=Priority.BACKFILL
        )
    words = dict(InvoiceStatusRule.choices)
    return [("invoice_status", str(words[before]), str(words[wanted]))]


def choose_locked_period(mapping: Mapping, connection: Connection, wanted: str) -> list[Change]:
    """Set what becomes of a date in a locked period, unsaved. What was refused for its period is looked at again.
    Returns what changed. Raises MappingRefused for a rule that is none."""
    before = mapping.locked_period
    if wanted and wanted not in LockedPeriod.values:
        raise MappingRefused({"locked_period": "Choose one of these."})
    if not wanted or wanted == before:
        return []
    mapping.locked_period = wanted
    take_up_locked(connection)
    words = dict(LockedPeriod.choices)
    return [("locked_period", str(words[before]), str(words[wanted]))]


def choose_born_there(mapping: Mapping, connection: Connection, wanted: str) -> list[Change]:
    """Set what becomes of what is made there, unsaved. To be listed, it is read soon, from the very beginning. Returns
    what changed. Raises MappingRefused for a rule that is none."""
    before = mapping.born_there
    if wanted and wanted not in BornThere.values:
        raise MappingRefused({"born_there": "Choose one of these."})
    if not wanted or wanted == before:
        return []
    mapping.born_there = wanted
    if wanted == BornThere.QUEUE:
        checks.go_on(connection)
    words = dict(BornThere.choices)
    return [("born_there", str(words[before]), str(words[wanted]))]


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


def choose_payments_way(mapping: Mapping, connection: Connection, wanted: str) -> list[Change]:
    """Set which way payments go, unsaved. Where they come again, those that stayed there meanwhile are read. Returns
    what changed. Raises MappingRefused for a way that is none."""
    before = mapping.payments_way
    if wanted and wanted not in PaymentsWay.values:
        raise MappingRefused({"payments_way": "Choose one of these."})
    if not wanted or wanted == before:
        return []
    was = rules_from(mapping)
    mapping.payments_way = wanted
    for resource in settlement_resources():
        if resource.comes(rules_from(mapping)) and not resource.comes(was):
            settlements.ask_for_untaken(connection, resource)
    words = dict(PaymentsWay.choices)
    return [("payments_way", str(words[before]), str(words[wanted]))]


def choose_matching(mapping: Mapping, choices: Choices) -> list[Change]:
    """Set how contacts are found, and what becomes of what was not, unsaved: the next dry run goes by it. Returns what
    changed. Raises MappingRefused for a rule that is none."""
    changes = []
    for name, rules in (("match_by", MatchBy), ("unmatched", Unmatched)):
        before, wanted = getattr(mapping, name), getattr(choices, name)
        if wanted and wanted not in rules.values:
            raise MappingRefused({name: "Choose one of these."})
        if wanted and wanted != before:
            setattr(mapping, name, wanted)
            changes.append((name, str(rules(before).label), str(rules(wanted).label)))
    return changes
