"""What people see of every kind, in the document's facts and the resource's words, and what they decide there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounting.enums import ConflictState, ErrorClass, LinkState, OpState
from accounting.models import Conflict, Connection, Operation
from accounting.port.documents import facts_of, shape_of
from accounting.queries.records import records_named
from accounting.resources.registry import get_resource
from accounting.sync.problems import keep_up
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.conforming import (
    Make,
    Sample,
    Sync,
    bookkeeper,
    kind,
    link_of,
    make,
    only_changed,
    record,
    sample,
    send_again,
    shelf,
    writes,
)
from tests.accounting.never_sent import forget_operations, run_all, sent, work_off
from tests.accounting.pages import url, words
from workspaces.models import User, Workspace
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "kind", "make", "record", "sample", "sent", "shelf"]

pytestmark = pytest.mark.long


def _name(kind: str, record: Any) -> str:
    return records_named([(kind, record.pk)])[kind, record.pk].name


def test_card_tells_how_it_stands_and_what_happened(
    kind: str, record: Any, sample: Sample, sync: Sync, staff_client: Client, in_workspace: Workspace
) -> None:
    card = url("record_status", in_workspace, kind, record.pk)
    told = words(staff_client.get(card))
    assert "Synced" in told
    assert "Created in Xero" in told
    sample.remove(record)
    sync()
    assert get_resource(kind).words.removed_there in words(staff_client.get(card))


def test_activity_names_it_and_leads_to_its_page(
    kind: str, record: Any, staff_client: Client, in_workspace: Workspace
) -> None:
    shown = staff_client.get(url("activity", in_workspace))
    assert _name(kind, record) in words(shown)
    named = records_named([(kind, record.pk)])[kind, record.pk]
    page = reverse(named.page, args=[in_workspace.slug, named.page_id])
    assert f'href="{page}"' in shown.content.decode()
    assert staff_client.get(page).status_code == 200


def test_problems_name_what_failed_and_a_person_tries_it_again(
    kind: str, make: Make, sync: Sync, staff_client: Client, in_workspace: Workspace
) -> None:
    made = make()
    Operation.objects.filter(kind=kind).update(
        state=OpState.FAILED, error="It was refused.", error_class=ErrorClass.PERMANENT
    )
    keep_up()
    told = words(staff_client.get(url("problems", in_workspace)))
    assert _name(kind, made) in told
    assert "It was refused." in told
    staff_client.post(url("retry_record", in_workspace, kind, made.pk))
    sync()
    assert link_of(kind).state == LinkState.ACTIVE


def test_never_sent_is_counted_and_sent_at_a_persons_wish(
    kind: str,
    make: Make,
    sent: list[Any],
    connected: Connection,
    super_user: User,
    super_client: Client,
    in_workspace: Workspace,
) -> None:
    made = make()
    forget_operations()
    told = words(super_client.get(url("unsent", in_workspace)))
    assert f"1 {get_resource(kind).words.name}" in told
    run_all(connected, super_user)
    work_off(connected)
    assert (link_of(kind).local_id, Operation.objects.count()) == (made.pk, 0)


@only_changed
@pytest.mark.parametrize("choice", ["keep_ours", "take_theirs"])
def test_conflict_is_compared_and_decided(
    kind: str,
    sample: Sample,
    record: Any,
    choice: str,
    sandbox: Handle,
    bookkeeper: Bookkeeper,
    sync: Sync,
    staff_client: Client,
    in_workspace: Workspace,
) -> None:
    sample.change_there(bookkeeper, link_of(kind).remote_id)
    sample.change(record)
    sync()
    conflict = Conflict.objects.get(state=ConflictState.OPEN)
    labels = {facts_of(shape_of(kind))[name].label for name in conflict.fields}
    page = url("conflict", in_workspace, conflict.pk)
    for told in (words(staff_client.get(page)), words(staff_client.get(url("conflicts", in_workspace)))):
        assert [label for label in {*labels, _name(kind, record)} if label not in told] == []
    sandbox.clear_requests()
    staff_client.post(page, {"choice": choice, "seen": conflict.version})
    sync()
    assert len(writes(sandbox)) == (1 if choice == "keep_ours" else 0)
    assert (link_of(kind).state, Operation.objects.count()) == (LinkState.ACTIVE, 0)
    send_again(sandbox, kind, record, sync)
    assert writes(sandbox) == []
