"""A record's panel, and the history of records and connections in words."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounting.enums import Blocker, EventKind, Kind, Lane, OpState
from accounting.models import Connection, Operation
from accounting.queries import history, words
from accounting.queries.activity import Wanted, list_activity
from accounting.queries.panel import record_panel
from accounting.queries.problems import name_failures
from accounting.queries.words import Change as Told
from accounting.sync.history import tell
from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from tests.accounting.rows import connection, push
from tests.factories.accounting import make_link
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from tests.factories.payments import make_payment

__all__ = ["connection"]

# the card of one record


def test_panel_of_what_both_sides_agree_on_offers_no_send(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, status=InvoiceStatus.APPROVED)
    Operation.objects.all().delete()
    make_link(connection, Kind.INVOICE, invoice.pk)

    panel = record_panel(Kind.INVOICE, invoice)

    assert (panel.status.code, panel.can_send, panel.conflict_id) == ("synced", False, None)


def test_panel_of_a_linked_payment_offers_no_send(connection: Connection) -> None:
    payment = make_payment(connection.workspace)
    Operation.objects.all().delete()
    make_link(connection, Kind.PAYMENT, payment.pk)

    assert record_panel(Kind.PAYMENT, payment).can_send is False


def test_what_was_never_sent_can_be_sent_from_its_panel(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, status=InvoiceStatus.APPROVED)
    Operation.objects.all().delete()

    assert record_panel(Kind.INVOICE, invoice).can_send is True


def test_panel_of_what_is_kept_here_offers_no_send(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, status=InvoiceStatus.VOIDED)
    Operation.objects.all().delete()

    panel = record_panel(Kind.INVOICE, invoice)

    assert (panel.status.code, panel.status.is_kept_here, panel.can_send) == ("not_sent", True, False)


def test_panel_of_what_was_never_sent_asks_for_its_standing_and_history(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, status=InvoiceStatus.APPROVED)
    Operation.objects.all().delete()

    with assert_queries(2):
        record_panel(Kind.INVOICE, invoice)


def test_panel_names_the_customer_at_fault(connection: Connection) -> None:
    customer = make_customer(connection.workspace, name="Pip Ltd")
    invoice = make_invoice(connection.workspace, customer=customer, status=InvoiceStatus.APPROVED)
    push(connection, customer.pk, OpState.FAILED, kind=Kind.CUSTOMER, error_detail="Name must be unique.")
    push(
        connection,
        invoice.pk,
        OpState.BLOCKED,
        blocker=Blocker.DEPENDENCY,
        blocked_on=customer.pk,
        error="Waiting.",
    )

    problem = record_panel(Kind.INVOICE, invoice).problem

    assert problem.detail == "Name must be unique."
    assert problem.culprit is not None
    assert (problem.culprit.name, problem.culprit.page) == ("Pip Ltd", "customers:detail")


def test_panel_token_changes_with_the_status_and_with_the_history(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, status=InvoiceStatus.APPROVED)
    tokens = [record_panel(Kind.INVOICE, invoice).token for _ in range(2)]
    push(connection, invoice.pk, OpState.IN_FLIGHT)
    tokens.append(record_panel(Kind.INVOICE, invoice).token)
    tell(connection, EventKind.SENT_NEW, "Created in Xero.", kind=Kind.INVOICE, local_id=invoice.pk)
    tokens.append(record_panel(Kind.INVOICE, invoice).token)

    assert tokens[0] == tokens[1]
    assert len(set(tokens)) == 3


# history


def test_history_of_an_invoice_tells_of_its_payments(connection: Connection) -> None:
    payment, other = (make_payment(connection.workspace, amount="10") for _ in range(2))
    invoice = payment.invoice
    for sent, kind in ((invoice, Kind.INVOICE), (payment, Kind.PAYMENT), (other, Kind.PAYMENT)):
        tell(connection, EventKind.SENT_NEW, "Created in Xero.", kind=kind, local_id=sent.pk)

    told = record_panel(Kind.INVOICE, invoice).events

    assert [(row.message, row.record and row.record.name) for row in told] == [
        ("Created in Xero.", f"Payment of NZ$10.00 on {invoice.number}"),
        ("Created in Xero.", None),
    ]


def test_history_is_newest_first_and_in_words(connection: Connection) -> None:
    local_id = uuid4()
    tell(connection, EventKind.SENT_NEW, "Created in Xero.", kind=Kind.INVOICE, local_id=local_id)
    changes = [("due_date", "2026-03-16", "2026-03-20"), ("total", "115", "230"), ("voided", False, True)]
    tell(
        connection,
        EventKind.RECEIVED,
        "Changed in Xero.",
        kind=Kind.INVOICE,
        local_id=local_id,
        changes=changes,
    )

    told = history.history(Kind.INVOICE, local_id)

    assert [row.message for row in told] == ["Changed in Xero.", "Created in Xero."]
    assert told[0].changes == (
        Told("Due date", "16 Mar 2026", "20 Mar 2026"),
        Told("Total", "115.00", "230.00"),
        Told("Voided", "No", "Yes"),
    )


def test_history_names_codes_and_compares_lines(connection: Connection) -> None:
    line = {"description": "Design", "quantity": "1", "unit_amount": "100", "account_code": "200"}
    more = {"description": "Courier", "quantity": "2", "unit_amount": "9.5", "tax_code": "OUTPUT2"}
    changes = [["lines", [line], [{**line, "quantity": "2", "account_code": "260"}, more]]]

    told = words.say_changes(Kind.INVOICE, changes, words.load_names(connection.pk))

    assert told == [
        Told("Line 1, quantity", "1", "2"),
        Told("Line 1, account", "200 Sales", "260"),
        Told("Line 2", "", "Courier, 2 × 9.50, 15% GST on Income"),
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_activity_takes_the_same_queries(connection: Connection, count: int) -> None:
    for _ in range(count):
        invoice = make_invoice(connection.workspace)
        tell(
            connection,
            EventKind.SENT,
            "Sent to Xero.",
            kind=Kind.INVOICE,
            local_id=invoice.pk,
            changes=[("total", "1", "2")],
        )

    with assert_queries(4):
        told = history.tell_activity(list(list_activity(connection.workspace, Wanted())))

    assert [row.record is not None for row in told] == [True] * count


def test_activity_can_be_narrowed(connection: Connection) -> None:
    for event in EventKind:
        tell(connection, event, event.label)

    def shown(show: str) -> set[str]:
        return {row.event for row in list_activity(connection.workspace, Wanted(show=show))}

    assert shown("failed") == {"failed", "refused", "uncertain"}
    assert shown("out_of_sync") == {"out_of_sync", "resolved"}
    assert shown("") == set(EventKind)


def test_changed_setting_is_told_in_words(connection: Connection) -> None:
    """A setting is a field of no document."""
    changes = [("revenue_account", "", "200"), ("a_field_of_once", "1", "2")]
    event = tell(connection, EventKind.SETTINGS, "Chosen.", changes=changes)

    (told,) = history.tell_activity([event])

    assert told.changes == (Told("Revenue account", "", "200"), Told("A field of once", "1", "2"))


def test_deleted_record_is_named_by_its_kind(connection: Connection) -> None:
    event = tell(connection, EventKind.SENT, "Sent.", kind=Kind.INVOICE, local_id=uuid4())

    (told,) = history.tell_activity([event])

    assert told.record is not None
    assert (told.record.name, told.record.page) == ("Deleted invoice", "")


def test_problem_of_a_pull_is_named_by_its_link(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, number="INV-77")
    make_link(connection, Kind.INVOICE, invoice.pk, "remote-77")
    Operation.objects.all().delete()
    Operation.objects.create(
        workspace=connection.workspace,
        connection=connection,
        lane=Lane.PULL,
        kind=Kind.INVOICE,
        remote_id="remote-77",
        state=OpState.FAILED,
        error="Refused.",
    )

    (problem,) = name_failures(list(Operation.objects.all()))

    assert problem.title == "Invoice INV-77"
