"""What the engine does with every kind, those to come included: one without a sample fails here and says so."""

from __future__ import annotations

from typing import Any

import pytest

from accounting.enums import ConflictState, EventKind, LinkState
from accounting.models import Conflict, Connection, Link, Operation, SyncEvent
from accounting.port.documents import shape_of
from accounting.providers.xero.kinds.base import CannotWrite
from accounting.providers.xero.kinds.registry import codec_of
from accounting.resources.registry import RESOURCES, get_resource
from accounting.resources.rules import Rules
from accounting.sync import links
from accounting.sync.reconcile import reconcile
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.conforming import (
    SAMPLES,
    Make,
    Sample,
    Sync,
    all_there,
    bookkeeper,
    is_gone_there,
    kind,
    link_of,
    make,
    one_there,
    only_changed,
    only_merged,
    record,
    sample,
    send_again,
    shelf,
    work_until_quiet,
    writes,
)
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "kind", "make", "record", "sample", "shelf"]

pytestmark = pytest.mark.long

LOST = pytest.mark.parametrize(
    ("fault", "applied"),
    [("drop", True), ("drop", False), ("error_500", True), ("error_500", False), ("truncate", True)],
)

WRITTEN_AT = {"allocation": "CreditNotes/*/Allocations*"}
"""The kinds that are written at another address than they are called by."""


def test_every_kind_has_a_sample() -> None:
    assert set(RESOURCES) <= set(SAMPLES), (
        "say in conforming.py how one is made, changed and removed on both sides"
    )


# Lost answers


def _lose(sandbox: Handle, kind: str, fault: str, applied: bool) -> None:
    path = WRITTEN_AT.get(kind, codec_of(kind).envelope)
    sandbox.faults.add(fault, method="[PD]*", path=path, applied=applied)


@LOST
def test_lost_answer_to_a_new_one_leaves_one(
    kind: str, make: Make, sandbox: Handle, bookkeeper: Bookkeeper, sync: Sync, fault: str, applied: bool
) -> None:
    before = len(all_there(kind, bookkeeper))
    _lose(sandbox, kind, fault, applied)
    made = make()
    work_until_quiet(sandbox, sync)
    assert len(all_there(kind, bookkeeper)) == before + 1
    assert (link_of(kind).local_id, link_of(kind).state) == (made.pk, LinkState.ACTIVE)


@LOST
@only_changed
def test_lost_answer_to_a_change_leaves_it_changed(
    kind: str,
    sample: Sample,
    record: Any,
    sandbox: Handle,
    bookkeeper: Bookkeeper,
    sync: Sync,
    fault: str,
    applied: bool,
) -> None:
    before = one_there(kind, bookkeeper)
    _lose(sandbox, kind, fault, applied)
    sample.change(record)
    work_until_quiet(sandbox, sync)
    assert one_there(kind, bookkeeper) != before
    send_again(sandbox, kind, record, sync)
    assert writes(sandbox) == []


@LOST
def test_lost_answer_to_a_removal_leaves_it_removed(
    kind: str,
    sample: Sample,
    record: Any,
    sandbox: Handle,
    bookkeeper: Bookkeeper,
    sync: Sync,
    fault: str,
    applied: bool,
) -> None:
    _lose(sandbox, kind, fault, applied)
    sample.remove(record)
    work_until_quiet(sandbox, sync)
    assert is_gone_there(kind, bookkeeper)


# Removed, changed, merged


def test_removed_here_is_removed_there(
    kind: str, sample: Sample, record: Any, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    sample.remove(record)
    sync()
    assert (is_gone_there(kind, bookkeeper), Operation.objects.count()) == (True, 0)
    assert (link_of(kind).state == LinkState.TOMBSTONED) == (not shape_of(kind).may_return)


def test_removed_there_is_removed_here(
    kind: str, sample: Sample, record: Any, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    sample.remove_there(bookkeeper, link_of(kind).remote_id)
    assert reconcile(connected.pk)
    sync()
    resource = get_resource(kind)
    assert (resource.intent(resource.find(record.pk), None, Rules()), Operation.objects.count()) == (
        "hold",
        0,
    )


@only_changed
def test_changed_there_is_changed_here(
    kind: str,
    sample: Sample,
    record: Any,
    sandbox: Handle,
    bookkeeper: Bookkeeper,
    connected: Connection,
    sync: Sync,
) -> None:
    before = links.base_of(link_of(kind))
    sample.change_there(bookkeeper, link_of(kind).remote_id)
    assert reconcile(connected.pk)
    assert links.base_of(link_of(kind)) != before
    assert SyncEvent.objects.filter(kind=kind, event=EventKind.RECEIVED).get().changes
    send_again(sandbox, kind, record, sync)
    assert writes(sandbox) == []


@only_changed
def test_changed_on_both_sides_waits_for_a_person(
    kind: str, sample: Sample, record: Any, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    sample.change_there(bookkeeper, link_of(kind).remote_id)
    sample.change(record)
    sync()
    conflict = Conflict.objects.get(state=ConflictState.OPEN)
    assert (conflict.kind, link_of(kind).state) == (kind, LinkState.OUT_OF_SYNC)


def test_what_is_never_changed_is_a_settlement_and_cannot_be() -> None:
    for name in (name for name, told in SAMPLES.items() if not told.change):
        assert shape_of(name).is_settlement
        with pytest.raises(CannotWrite):
            codec_of(name).writer("update")


@only_merged
def test_merged_there_is_followed(
    kind: str,
    sample: Sample,
    record: Any,
    make: Make,
    bookkeeper: Bookkeeper,
    connected: Connection,
    sandbox: Handle,
    sync: Sync,
) -> None:
    mine = link_of(kind)
    make()
    sync()
    other = Link.objects.filter(kind=kind).exclude(pk=mine.pk).get()
    sample.merge_there(sandbox, mine.remote_id, other.remote_id)
    assert reconcile(connected.pk)
    sync()
    mine.refresh_from_db()
    assert (mine.state, mine.successor) == (LinkState.MERGED, other.remote_id)
    assert get_resource(kind).words.follow_there in mine.note


def test_what_is_not_merged_names_no_survivor(kind: str, record: Any) -> None:
    assert links.base_of(link_of(kind)).survivor == ""
