"""Who had something tried again or sent by hand, told in the history of each record."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client

from accounting.enums import Kind, Lane, OpState
from accounting.models import Connection, Operation, SyncEvent
from tests.accounting.pages import url, words
from tests.accounting.test_views_problems import connection, make_failed
from tests.factories.accounting import make_link
from tests.factories.invoices import make_invoice
from workspaces.models import User, Workspace
from workspaces.scope import scope

__all__ = ["connection"]


def asked(workspace: Workspace) -> list[tuple[UUID | None, str, str]]:
    with scope(workspace):
        told = SyncEvent.objects.exclude(event="failed").order_by("id")
        return list(told.values_list("local_id", "message", "actor_name"))


@pytest.fixture
def failed(workspace: Workspace, connection: Connection) -> list[Operation]:
    with scope(workspace):
        return [make_failed(connection, name) for name in "AB"]


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("retry_all", "Tried again by hand, with everything that needed attention."),
        ("retry_alike", "Tried again by hand, with all that was held up by the same: Name taken"),
    ],
)
def test_trying_all_again_is_told_of_each_record_with_who_asked(
    staff_client: Client, staff: User, workspace: Workspace, failed: list[Operation], page: str, told: str
) -> None:
    with scope(workspace):
        Operation.objects.update(error_detail="Please enter a unique Name.")
    about = [failed[0].problem_id] if page == "retry_alike" else []

    staff_client.post(url(page, workspace, *about))

    assert {row[0] for row in asked(workspace)} == {row.local_id for row in failed}
    assert {row[2] for row in asked(workspace)} == {str(staff)}
    assert all(row[1].startswith(told.split(":")[0]) for row in asked(workspace))


def test_trying_one_again_and_sending_it_are_told_on_its_card(
    staff_client: Client, staff: User, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        invoice = make_invoice(workspace)
        Operation.objects.filter(local_id=invoice.pk).update(state=OpState.FAILED, error="Refused.")

    staff_client.post(url("retry_record", workspace, Kind.INVOICE, invoice.pk))
    staff_client.post(url("send_now", workspace, Kind.INVOICE, invoice.pk))

    card = words(staff_client.get(url("record_status", workspace, Kind.INVOICE, invoice.pk)))
    assert "Tried again by hand." in card
    assert "Sent to Xero by hand." in card
    assert asked(workspace)[0] == (invoice.pk, "Tried again by hand.", str(staff))


def test_reading_again_is_told_of_what_it_is_linked_to(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        invoice = make_invoice(workspace)
        link = make_link(connection, Kind.INVOICE, invoice.pk)
        Operation.objects.all().delete()
        failed = Operation.objects.create(
            workspace=workspace, connection=connection, lane=Lane.PULL, kind=Kind.INVOICE,
            remote_id=link.remote_id, state=OpState.FAILED, error="Refused.",
        )  # fmt: skip

    staff_client.post(url("retry", workspace, failed.pk))

    assert [row[0] for row in asked(workspace)] == [invoice.pk]


def test_nothing_is_told_where_nothing_was_held_up(staff_client: Client, workspace: Workspace) -> None:
    staff_client.post(url("retry_all", workspace))

    assert asked(workspace) == []
