"""When and how records go."""

from __future__ import annotations

from accounting.enums import BornThere, InvoiceStatusRule, LockedPeriod, Priority
from accounting.models import Connection, Mapping
from accounting.resources.registry import get_resource, push_order
from accounting.resources.rules import rules_from
from accounting.sync import checks, outbox
from accounting.sync.mapping.choices import Change, MappingRefused
from accounting.sync.reference import take_up_locked


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
