"""The activity as a file: what it holds, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounting.enums import EventKind, Kind
from accounting.models import Connection
from accounting.sync.history import tell
from tests.accounting.activity_read import table, told
from tests.factories.accounting import make_connection
from tests.factories.customers import make_customer
from workspaces.models import Workspace
from workspaces.scope import scope


@pytest.fixture
def connection(workspace: Workspace) -> Connection:
    with scope(workspace):
        return make_connection(workspace)


def test_file_has_a_line_for_each_field_that_changed(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(time_zone="Pacific/Auckland")
    with time_machine.travel("2026-07-09T12:34:56Z", tick=False), scope(workspace):
        customer = make_customer(workspace, name="Pip Ltd")
        changes = [("name", "Pip", "Pip Ltd"), ("email", "", "pip@example.com")]
        about: dict[str, Any] = {"kind": Kind.CUSTOMER, "local_id": customer.pk}
        tell(connection, EventKind.SENT, "Sent.", changes=changes, **about)
    with time_machine.travel("2026-07-09T12:34:57Z", tick=False), scope(workspace):
        tell(connection, EventKind.FAILED, "Refused.", detail="It said no.", reference="corr-17", **about)

    failed, name, email = table(staff_client, workspace)

    assert failed == {
        "Time (Pacific/Auckland)": "2026-07-10 00:34:57",
        "Way": "To Xero",
        "What happened": "Failed",
        "Kind": "Customer",
        "Record": "Pip Ltd",
        "In words": "Refused.",
        "Field": "",
        "From": "",
        "To": "",
        "By": "Tandem",
        "What Xero said": "It said no.",
        "Xero's reference": "corr-17",
        "Link": f"http://testserver/w/{workspace.slug}/customers/{customer.pk}/",
    }
    assert [row["Record"] for row in (name, email)] == ["Pip Ltd", "Pip Ltd"]
    assert (name["From"], name["To"]) == ("Pip", "Pip Ltd")
    assert (email["From"], email["To"]) == ("", "pip@example.com")


def test_file_says_whose_is_which_where_both_sides_differ(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        tell(connection, EventKind.OUT_OF_SYNC, "Both.", kind=Kind.CUSTOMER, changes=[("name", "A", "B")])

    (row,) = table(staff_client, workspace)
    assert (row["From"], row["To"]) == ("A here", "B in Xero")


def test_no_name_becomes_a_formula_in_the_file(
    staff_client: Client, workspace: Workspace, connection: Connection
) -> None:
    with scope(workspace):
        customer = make_customer(workspace, name="=HYPERLINK(1)")
        changes = [("name", "@old", "+new")]
        tell(connection, EventKind.SENT, "-1", kind=Kind.CUSTOMER, local_id=customer.pk, changes=changes)

    (row,) = table(staff_client, workspace)
    cells = [row[name] for name in ("Record", "From", "To", "In words")]
    assert cells == ["'=HYPERLINK(1)", "'@old", "'+new", "'-1"]


@pytest.mark.long
def test_file_holds_all_pages_in_a_few_statements_for_some_hundred_rows(
    staff_client: Client, workspace: Workspace, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def statements(rows: int) -> int:
        with scope(workspace):
            for number in range(rows):
                customer = make_customer(workspace, name=f"Customer {number} of {rows}")
                tell(connection, EventKind.SENT, "Sent.", kind=Kind.CUSTOMER, local_id=customer.pk)
        with CaptureQueriesContext(database) as asked:
            told(staff_client, workspace)
        return len(asked)

    one, many = statements(1), statements(30)
    monkeypatch.setattr("accounting.queries.activity.AT_ONCE", 4)

    assert one == many
    assert told(staff_client, workspace) == ["Sent."] * 31
