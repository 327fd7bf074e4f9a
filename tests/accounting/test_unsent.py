"""What was saved before the connection was made: how much there is, and where that is told."""

from __future__ import annotations

import datetime as dt
import re
from uuid import uuid4

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounting.enums import Blocker, ConnectionState, InvoiceStatusRule, Kind, Lane, OpState, Priority
from accounting.models import Backfill, Connection, Operation
from accounting.queries.unsent import count_unsent, plan_of, unsent_of
from accounting.resources.registry import get_resource, push_order
from accounting.resources.rules import Rules
from core.changes import caused_by
from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from tests.accounting.pages import url, words
from tests.accounting.rows import push
from tests.factories.accounting import make_connection, make_link, map_rate
from tests.factories.catalogue import make_tax_rate
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from workspaces.models import Workspace


@pytest.mark.parametrize("rule", list(InvoiceStatusRule))
@pytest.mark.parametrize("status", list(InvoiceStatus))
def test_candidates_are_what_the_resource_intends_to_send(
    in_workspace: Workspace, status: str, rule: InvoiceStatusRule
) -> None:
    make_invoice(in_workspace, status=status)

    for kind, model in ((Kind.INVOICE, Invoice), (Kind.PAYMENT, Payment)):
        resource = get_resource(kind)
        meant = {row.pk for row in model.objects.all() if resource.intent(row, None, Rules(rule)) == "upsert"}
        assert set(resource.candidates(Rules(rule)).values_list("pk", flat=True)) == meant


def test_unsent_is_what_has_neither_link_nor_operation(in_workspace: Workspace) -> None:
    customer = make_customer(in_workspace)
    rows = [make_invoice(in_workspace, customer=customer, status=InvoiceStatus.APPROVED) for _ in range(3)]
    make_invoice(in_workspace, customer=customer, status=InvoiceStatus.VOIDED)
    connection = make_connection(in_workspace)
    make_link(connection, Kind.INVOICE, rows[0].pk)
    Operation.objects.create(
        workspace=in_workspace, connection=connection, lane=Lane.PUSH, kind=Kind.INVOICE, local_id=rows[1].pk
    )

    assert list(unsent_of(Kind.INVOICE, connection)) == [rows[2]]
    assert count_unsent().words == "1 customer and 1 invoice"


def test_nothing_is_unsent_without_a_living_connection(in_workspace: Workspace) -> None:
    make_customer(in_workspace)

    assert count_unsent().total == 0


def test_counting_takes_one_query_a_kind_and_one_for_the_connection(in_workspace: Workspace) -> None:
    make_connection(in_workspace)

    with assert_queries(1 + len(push_order())):
        count_unsent()


@pytest.mark.parametrize("kind", push_order())
def test_counting_looks_for_links_and_operations_of_its_own_connection(
    in_workspace: Workspace, kind: Kind
) -> None:
    """The database has an index of each by the connection. Without it, a large workspace was held up by the rows of
    all others."""
    connection = make_connection(in_workspace)

    with CaptureQueriesContext(database) as asked:
        count_unsent(kind)

    counting = asked.captured_queries[-1]["sql"]
    for table in ("accounting_link", "accounting_operation"):
        named = rf'"connection_id" = \'{connection.pk}\'::uuid'
        assert re.search(rf'FROM "{table}" \w+ WHERE [^)]*{named}', counting)


def test_page_tells_the_count_per_kind_and_the_calls(super_client: Client, in_workspace: Workspace) -> None:
    for _ in range(2):
        make_invoice(in_workspace, status=InvoiceStatus.APPROVED)
    connection = make_connection(in_workspace)

    assert plan_of(connection).calls == 2 + 2  # a list of contacts, a look for numbers, two writes
    told = words(super_client.get(url("unsent", in_workspace)))
    assert "2 customers and 2 invoices" in told
    assert "Sending them costs about 4 calls to Xero" in told


@pytest.mark.parametrize(
    ("stage", "then"),
    [("looking", "looking"), ("looking", "sending"), ("sending", ""), ("looking", "cut off")],
)
def test_page_follows_whole_when_another_stage_is_reached(
    staff_client: Client, in_workspace: Workspace, stage: str, then: str
) -> None:
    connection = make_connection(in_workspace)
    if then == "looking":
        Backfill.objects.create(workspace=in_workspace, connection=connection, started_at=timezone.now())
    elif then == "sending":
        facts = {"lane": Lane.PUSH, "kind": Kind.CUSTOMER, "priority": Priority.BACKFILL}
        Operation.objects.create(workspace=in_workspace, connection=connection, local_id=uuid4(), **facts)
    elif then == "cut off":
        Connection.objects.update(state=ConnectionState.NEEDS_REAUTH)
    page = url("unsent", in_workspace)

    answer = staff_client.get(page, {"stage": stage}, headers={"HX-Request": "true"})

    assert answer.get("HX-Redirect") == (None if stage == then else page)
    assert (f"?stage={then}" in answer.content.decode()) == (stage == then)


@pytest.mark.parametrize("blocker", [Blocker.INCOMPLETE, Blocker.SETUP, Blocker.CONFLICT, Blocker.APPROVAL])
def test_sending_ends_when_what_is_left_waits_for_a_person(in_workspace: Workspace, blocker: str) -> None:
    connection = make_connection(in_workspace)
    stuck = push(connection, uuid4(), OpState.BLOCKED, blocker=blocker, priority=Priority.BACKFILL)
    needs_it = {"blocker": Blocker.DEPENDENCY, "blocked_on": stuck.local_id}
    push(connection, uuid4(), OpState.BLOCKED, **needs_it, priority=Priority.BACKFILL)

    assert (plan_of(connection).waiting, plan_of(connection).stage) == (0, "")


def test_what_waits_for_another_that_is_on_its_way_is_being_sent(in_workspace: Workspace) -> None:
    connection = make_connection(in_workspace)
    customer = push(connection, uuid4(), kind=Kind.CUSTOMER, priority=Priority.BACKFILL)
    needs_it = {"blocker": Blocker.DEPENDENCY, "blocked_on": customer.local_id}
    push(connection, uuid4(), OpState.BLOCKED, **needs_it, priority=Priority.BACKFILL)
    push(connection, uuid4(), OpState.BLOCKED, blocker=Blocker.INCOMPLETE, priority=Priority.BACKFILL)
    push(connection, uuid4(), OpState.FAILED, priority=Priority.BACKFILL)

    assert (plan_of(connection).waiting, plan_of(connection).stage) == (2, "sending")


def test_page_without_anything_under_way_asks_for_no_news(
    staff_client: Client, in_workspace: Workspace
) -> None:
    make_connection(in_workspace)

    assert "?stage=" not in staff_client.get(url("unsent", in_workspace)).content.decode()


@pytest.mark.parametrize("page", ["settings", "mapping"])
def test_card_and_manage_tell_what_was_never_sent(
    super_client: Client, in_workspace: Workspace, page: str
) -> None:
    make_invoice(in_workspace, status=InvoiceStatus.APPROVED)
    connection = make_connection(in_workspace)
    Connection.objects.update(reference_data_at=connection.connected_at)

    told = words(super_client.get(url(page, in_workspace)))

    assert "1 customer and 1 invoice" in told
    assert "everything is sent" not in told


@pytest.mark.parametrize("page", ["settings", "mapping"])
@pytest.mark.parametrize(
    ("count", "told", "button"),
    [(1, "1 customer never sent", "Send it<"), (2, "2 customers never sent", "Send them<")],
)
def test_card_and_manage_lead_to_sending_once_all_is_chosen(
    super_client: Client, in_workspace: Workspace, page: str, count: int, told: str, button: str
) -> None:
    for _ in range(count):
        make_customer(in_workspace)
    connection = make_connection(in_workspace)
    map_rate(connection, make_tax_rate(in_workspace, is_default=True))
    Connection.objects.update(reference_data_at=connection.connected_at)

    answer = super_client.get(url(page, in_workspace))

    assert told in words(answer)
    assert re.search(
        rf'href="{url("unsent", in_workspace)}"[^>]*>(?:<[^>]+>|\s)*{button}', answer.content.decode()
    )


def test_lists_tell_what_was_never_sent(staff_client: Client, in_workspace: Workspace) -> None:
    make_invoice(in_workspace, status=InvoiceStatus.APPROVED)
    make_connection(in_workspace)

    assert "1 invoice never sent to Xero" in words(staff_client.get(f"/w/{in_workspace.slug}/invoices/"))
    assert "1 customer never sent to Xero" in words(staff_client.get(f"/w/{in_workspace.slug}/customers/"))


def test_list_believes_for_a_minute_that_all_was_sent_and_not_of_a_new_connection(
    staff_client: Client, in_workspace: Workspace
) -> None:
    connection = make_connection(in_workspace)
    assert "never sent" not in words(staff_client.get(reverse("customers:list", args=[in_workspace.slug])))
    with caused_by("backfill"):
        make_customer(in_workspace)

    with CaptureQueriesContext(database) as asked:
        told = words(staff_client.get(reverse("customers:list", args=[in_workspace.slug])))
    assert "never sent" not in told
    assert not [query for query in asked if "NOT EXISTS" in query["sql"].upper()]

    Connection.objects.update(connected_at=connection.connected_at + dt.timedelta(seconds=1))
    told = words(staff_client.get(reverse("customers:list", args=[in_workspace.slug])))
    assert "1 customer never sent" in told
