"""Where records stand, what happened to them, what is missing, and how two versions differ: in words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounting.enums import (
    FLYING_STATES,
    Blocker,
    Change,
    ConflictState,
    ConnectionState,
    EventKind,
    Kind,
    Lane,
    LinkState,
    OpState,
)
from accounting.models import (
    Batch,
    Conflict,
    Connection,
    Link,
    Mapping,
    Operation,
    RemoteAccount,
    RemoteTaxRate,
)
from accounting.queries import history, words
from accounting.queries.conflicts import compare
from accounting.queries.health import check_up
from accounting.queries.panel import record_panel
from accounting.queries.problems import name_problems
from accounting.queries.setup import Queue, connection_card, missing_setup
from accounting.queries.status import SyncStatus, states_of, status_for
from accounting.queries.words import Change as Told
from accounting.queries.words import Names
from accounting.sync.history import tell
from catalogue.models import TaxRate
from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.factories.accounting import make_batch, make_connection, make_link, map_rate
from tests.factories.catalogue import make_tax_rate
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice
from tests.factories.payments import make_payment
from workspaces.models import Workspace

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def connection(in_workspace: Workspace) -> Connection:
    return make_connection(in_workspace)


def push(connection: Connection, local_id: UUID, state: str = OpState.PENDING, **fields: Any) -> Operation:
    """An unfinished push of an invoice, in place of whatever was captured for it."""
    fields.setdefault("kind", Kind.INVOICE)
    Operation.objects.filter(local_id=local_id).delete()
    if state == OpState.FAILED:
        fields.setdefault("error", "Xero refused it.")
    if state in FLYING_STATES:
        fields["batch"] = make_batch(connection)
    if state == OpState.UNCERTAIN:
        fields.setdefault("error", "No answer.")
    return Operation.objects.create(
        workspace=connection.workspace,
        connection=connection,
        lane=Lane.PUSH,
        local_id=local_id,
        state=state,
        change=Change.UPSERT,
        **fields,
    )


def status(local_id: UUID) -> SyncStatus:
    return status_for(Kind.INVOICE, [local_id])[local_id]


# status


def test_status_without_a_connection_is_not_connected(in_workspace: Workspace) -> None:
    told = status(uuid4())
    assert (told.code, told.label, told.is_moving) == ("not_connected", "Not connected", False)


def test_status_after_disconnecting_is_not_connected(connection: Connection) -> None:
    link = make_link(connection, Kind.INVOICE, uuid4())
    Connection.objects.update(state=ConnectionState.DISCONNECTED)

    assert status(link.local_id).code == "not_connected"


@pytest.mark.parametrize(
    ("state", "fields", "code", "is_moving"),
    [
        (OpState.PENDING, {}, "pending", True),
        (OpState.IN_FLIGHT, {}, "sending", True),
        (OpState.UNCERTAIN, {}, "uncertain", True),
        (OpState.FAILED, {}, "needs_attention", False),
        (OpState.BLOCKED, {"blocker": Blocker.SETUP, "error": "Choose it."}, "blocked", False),
        (OpState.BLOCKED, {"blocker": Blocker.DEPENDENCY, "error": "Waiting for A."}, "waiting", True),
        (OpState.BLOCKED, {"blocker": Blocker.CONFLICT, "error": "Decide."}, "out_of_sync", False),
    ],
)
def test_status_of_an_unfinished_push(
    connection: Connection, state: str, fields: dict[str, Any], code: str, is_moving: bool
) -> None:
    operation = push(connection, uuid4(), state, **fields)

    told = status(operation.local_id)

    assert (told.code, told.is_moving) == (code, is_moving)


def test_status_of_a_link(connection: Connection) -> None:
    link = make_link(connection, Kind.INVOICE, uuid4(), "remote-7")

    told = status(link.local_id)

    assert (told.code, told.label, told.tone, told.is_linked) == ("synced", "Synced", "success", True)
    assert told.remote_url.endswith("InvoiceID=remote-7")


def test_status_shows_what_xero_warned_of(connection: Connection) -> None:
    link = make_link(connection, Kind.INVOICE, uuid4())
    Link.objects.update(note="Account code '200' has been removed as it does not match a recognised account.")

    told = status(link.local_id)
    assert (told.code, told.reason.startswith("Xero knows no such account and left it out.")) == (
        "warned",
        True,
    )


@pytest.mark.parametrize(
    ("kind", "label", "reason"),
    [
        (Kind.INVOICE, "Voided", "Voided in Xero."),
        (Kind.CUSTOMER, "Archived", "Archived in Xero."),
        (Kind.PAYMENT, "Reversed", "Deleted in Xero."),
    ],
)
def test_status_of_a_removed_record_is_called_what_the_record_is(
    connection: Connection, kind: Kind, label: str, reason: str
) -> None:
    link = make_link(connection, kind, uuid4())
    Link.objects.update(state=LinkState.TOMBSTONED)

    told = status_for(kind, [link.local_id])[link.local_id]

    assert (told.code, told.label, told.reason) == ("removed", label, reason)


def test_status_of_a_record_never_pushed(connection: Connection) -> None:
    assert status(uuid4()).code == "not_sent"


def test_status_of_conflict_comes_before_failure(connection: Connection) -> None:
    operation = push(connection, uuid4(), OpState.FAILED)
    make_link(connection, Kind.INVOICE, operation.local_id)
    Link.objects.update(state=LinkState.OUT_OF_SYNC)

    assert status(operation.local_id).code == "out_of_sync"


def test_status_of_failure_comes_before_an_earlier_send(connection: Connection) -> None:
    local_id = uuid4()
    push(connection, local_id, OpState.FAILED)
    Operation.objects.create(
        workspace=connection.workspace,
        connection=connection,
        lane=Lane.PUSH,
        kind=Kind.INVOICE,
        local_id=local_id,
        state=OpState.IN_FLIGHT,
        batch=make_batch(connection),
    )

    assert status(local_id).code == "needs_attention"


def test_status_of_a_change_of_xeros_that_was_refused_here(connection: Connection) -> None:
    link = make_link(connection, Kind.INVOICE, uuid4(), "remote-1")
    Operation.objects.create(
        workspace=connection.workspace,
        connection=connection,
        lane=Lane.PULL,
        kind=Kind.INVOICE,
        remote_id="remote-1",
        state=OpState.FAILED,
        error="Xero's change could not be taken over.",
    )

    told = status(link.local_id)

    assert (told.code, told.reason) == ("needs_attention", "Xero's change could not be taken over.")


def test_status_names_the_failure_of_the_customer(connection: Connection) -> None:
    customer = push(connection, uuid4(), OpState.FAILED, kind=Kind.CUSTOMER, error="The name is taken.")
    invoice = push(
        connection,
        uuid4(),
        OpState.BLOCKED,
        blocker=Blocker.DEPENDENCY,
        blocked_on=customer.local_id,
        error="Waiting for Pip to reach Xero.",
    )

    told = status(invoice.local_id)

    assert (told.code, told.is_moving) == ("needs_attention", False)
    assert told.reason == "The customer could not be sent to Xero: The name is taken."


@pytest.mark.parametrize("state", [OpState.PENDING, OpState.IN_FLIGHT])
def test_status_waits_for_a_reconnect(connection: Connection, state: str) -> None:
    operation = push(connection, uuid4(), state)
    Connection.objects.update(
        state=ConnectionState.NEEDS_REAUTH, state_reason="Xero no longer accepts our access."
    )

    told = status(operation.local_id)

    assert (told.code, told.is_moving) == ("paused", False)
    assert told.reason == "Xero no longer accepts our access. It is sent after reconnecting."


@pytest.mark.parametrize(("seconds", "code"), [(5, "pending"), (3600, "paused"), (-5, "pending")])
def test_status_while_the_connection_rests(connection: Connection, seconds: int, code: str) -> None:
    operation = push(connection, uuid4())
    Connection.objects.update(
        resume_at=timezone.now() + dt.timedelta(seconds=seconds), resume_reason="Today's calls are used up."
    )

    told = status(operation.local_id)

    assert told.code == code
    assert (told.reason == "Today's calls are used up.") == (seconds > 0)


@pytest.mark.parametrize("count", [1, 3])
def test_status_takes_one_query(connection: Connection, count: int) -> None:
    links = [make_link(connection, Kind.INVOICE, uuid4()) for _ in range(count)]
    pushes = [push(connection, uuid4()) for _ in range(count)]
    ids = [row.local_id for row in (*links, *pushes)]

    with assert_queries(1):
        told = status_for(Kind.INVOICE, ids)

    assert [told[local_id].code for local_id in ids] == ["synced"] * count + ["pending"] * count


def test_status_of_nothing_takes_no_query(connection: Connection) -> None:
    with assert_queries(0):
        assert status_for(Kind.INVOICE, []) == {}


def test_status_is_of_this_kind_only(connection: Connection) -> None:
    link = make_link(connection, Kind.CUSTOMER, uuid4())

    assert status(link.local_id).code == "not_sent"


def test_draft_goes_once_it_is_approved(connection: Connection) -> None:
    draft = make_invoice(connection.workspace)
    push(connection, draft.pk)

    told = states_of(Kind.INVOICE, [draft])[draft.pk]

    assert (told.code, told.reason) == ("not_sent", "Goes to Xero once it is approved.")


def test_approved_invoice_is_pending(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, status=InvoiceStatus.APPROVED)

    assert states_of(Kind.INVOICE, [invoice])[invoice.pk].code == "pending"


def test_invoice_voided_before_it_was_sent_stays_here(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, status=InvoiceStatus.VOIDED)
    Operation.objects.all().delete()

    told = states_of(Kind.INVOICE, [invoice])[invoice.pk]

    assert told.reason == "It was never in Xero, and it is voided here."


@pytest.mark.parametrize("count", [1, 3])
def test_states_of_records_take_one_query(connection: Connection, count: int) -> None:
    invoices = [make_invoice(connection.workspace) for _ in range(count)]

    with assert_queries(1):
        states_of(Kind.INVOICE, invoices)


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
        told = history.tell_activity(list(history.activity()))

    assert [row.record is not None for row in told] == [True] * count


def test_activity_can_be_narrowed(connection: Connection) -> None:
    for event in EventKind:
        tell(connection, event, event.label)

    assert {row.event for row in history.activity("failed")} == {"failed", "refused", "uncertain"}
    assert {row.event for row in history.activity("out_of_sync")} == {"out_of_sync", "resolved"}
    assert history.activity("nonsense").count() == len(EventKind)


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

    (problem,) = name_problems(list(Operation.objects.all()))

    assert problem.title == "Invoice INV-77"


# the connection


def test_card_counts_the_queue(connection: Connection) -> None:
    push(connection, uuid4())
    push(connection, uuid4())
    push(connection, uuid4(), OpState.IN_FLIGHT)
    push(connection, uuid4(), OpState.UNCERTAIN)
    push(connection, uuid4(), OpState.BLOCKED, blocker=Blocker.SETUP, error="Choose.")
    push(connection, uuid4(), OpState.FAILED)

    assert connection_card().queue == Queue(waiting=2, sending=2, blocked=1, failed=1)


def test_card_of_no_connection_is_empty(in_workspace: Workspace) -> None:
    card = connection_card()
    assert (card.connection, card.state, card.missing) == (None, "", ())


def test_card_tells_that_sending_rests(connection: Connection) -> None:
    Connection.objects.update(
        resume_at=timezone.now() + dt.timedelta(minutes=5), resume_reason="Xero is down for maintenance."
    )

    assert connection_card().rest.words == "Xero is down for maintenance."


@pytest.fixture
def chosen(connection: Connection) -> TaxRate:
    """Everything is chosen."""
    rate = make_tax_rate(connection.workspace, name="GST", is_default=True)
    map_rate(connection, rate)
    Connection.objects.update(reference_data_at=NOW)
    connection.refresh_from_db()
    return rate


def test_nothing_is_missing_once_all_is_chosen(connection: Connection, chosen: TaxRate) -> None:
    assert missing_setup(connection) == []


def test_lists_never_read_are_what_is_missing(connection: Connection) -> None:
    assert missing_setup(connection) == ["Xero's accounts and tax rates were not read yet."]


def test_everything_is_missing_at_first(connection: Connection) -> None:
    Connection.objects.update(reference_data_at=NOW)
    Mapping.objects.all().delete()
    connection.refresh_from_db()

    assert missing_setup(connection) == [
        "Choose the revenue account.",
        "Choose the default tax rate.",
        "Choose the payment account.",
        "Choose the status new invoices get in Xero.",
    ]


def test_choice_that_broke_is_named(connection: Connection, chosen: TaxRate) -> None:
    RemoteAccount.objects.filter(account_id="sales").update(active=False)
    RemoteAccount.objects.filter(account_id="bank").delete()
    RemoteTaxRate.objects.update(active=False)

    assert missing_setup(connection) == [
        "The revenue account 200 Sales was archived in Xero: choose another.",
        "The tax rate “GST” is matched to one that is gone from Xero: choose another.",
        "The payment account is not among Xero's accounts any more: choose another.",
    ]


def test_rate_whose_percentage_changed_in_xero_is_named(connection: Connection, chosen: TaxRate) -> None:
    RemoteTaxRate.objects.update(percent=Decimal("12.5"))

    assert missing_setup(connection) == [
        "“15% GST on Income” has another percentage in Xero now: match “GST” to another."
    ]


def test_rate_that_nobody_matched_is_named(connection: Connection, chosen: TaxRate) -> None:
    make_tax_rate(connection.workspace, name="Zero", percent="0")

    assert missing_setup(connection) == ["Match the tax rate “Zero” to one of Xero's."]


# both versions side by side

LINE = {
    "description": "Design",
    "quantity": "10",
    "unit_amount": "150",
    "discount_percent": "0",
    "tax_code": "OUTPUT2",
    "account_code": "200",
    "line_amount": "1500",
    "ref": "line-1",
    "remote_id": "r-1",
}
AGREED = {
    "number": "INV-1",
    "reference": "PO 1",
    "contact_id": "contact-1",
    "issue_date": "2026-03-02",
    "due_date": "2026-03-16",
    "currency": "NZD",
    "amounts": "exclusive",
    "net": "1500",
    "tax": "225",
    "total": "1725",
    "state": "authorised",
    "lines": [LINE],
}


def make_conflict(
    connection: Connection, invoice: Invoice, ours: dict[str, Any], theirs: dict[str, Any]
) -> Conflict:
    link = make_link(connection, Kind.INVOICE, invoice.pk)
    Link.objects.filter(pk=link.pk).update(state=LinkState.OUT_OF_SYNC, base=AGREED)
    return Conflict.objects.create(
        workspace=connection.workspace,
        connection=connection,
        link=link,
        kind=Kind.INVOICE,
        local_id=invoice.pk,
        state=ConflictState.OPEN,
        base=AGREED,
        ours={**AGREED, **ours},
        theirs={**AGREED, **theirs},
        remote_version=NOW,
        fields=["total"],
    )


@pytest.fixture
def invoice(connection: Connection) -> Invoice:
    return make_invoice(connection.workspace, number="INV-1", status=InvoiceStatus.APPROVED)


def test_comparison_tells_who_changed_what(connection: Connection, invoice: Invoice) -> None:
    ours = {"due_date": "2026-03-20", "lines": [{**LINE, "quantity": "12", "line_amount": "1800"}]}
    theirs = {"reference": "PO 1-B", "lines": [{**LINE, "unit_amount": "165", "line_amount": "1650"}]}

    told = compare(make_conflict(connection, invoice, ours, theirs))

    assert told.record.name == "Invoice INV-1"
    assert [section.title for section in told.sections] == ["Invoice", "Line 1: Design"]
    head, line = told.sections
    assert [(row.label, row.base, row.ours, row.theirs) for row in head.rows] == [
        ("Reference", "PO 1", "PO 1", "PO 1-B"),
        ("Due date", "16 Mar 2026", "20 Mar 2026", "16 Mar 2026"),
    ]
    assert [(row.label, row.ours_changed, row.theirs_changed) for row in line.rows] == [
        ("Quantity", True, False),
        ("Unit price", False, True),
        ("Amount", True, True),
    ]
    assert told.ours_changed == ("due date", "quantity of line 1")
    assert told.theirs_changed == ("reference", "unit price of line 1")


def test_comparison_shows_names_instead_of_codes(connection: Connection, invoice: Invoice) -> None:
    other = make_customer(connection.workspace, name="Kōwhai & Sons")
    make_link(connection, Kind.CUSTOMER, other.pk, "contact-2")
    theirs = {"contact_id": "contact-2", "lines": [{**LINE, "account_code": "260", "tax_code": "NONE"}]}

    told = compare(make_conflict(connection, invoice, {}, theirs))

    rows = {row.label: (row.ours, row.theirs) for section in told.sections for row in section.rows}
    assert rows["Customer"] == ("A contact that is no customer here", "Kōwhai & Sons")
    assert rows["Account"] == ("200 Sales", "260")
    assert rows["Tax rate"] == ("15% GST on Income", "No tax")


def test_comparison_of_a_line_that_one_side_lacks(connection: Connection, invoice: Invoice) -> None:
    added = {**LINE, "ref": "", "remote_id": "r-9", "description": "Courier", "quantity": "1"}

    told = compare(make_conflict(connection, invoice, {"lines": []}, {"lines": [LINE, added]}))

    assert [(section.title, section.note) for section in told.sections] == [
        ("Line 1: Design", "Deleted in Tandem."),
        ("Line 2: Courier", "Added in Xero."),
    ]
    assert [section.rows[0].ours for section in told.sections] == ["Not there", "Not there"]
    assert (told.ours_changed, told.theirs_changed) == (("line 1 deleted",), ("line 2 added",))


def test_comparison_of_an_invoice_voided_there(connection: Connection, invoice: Invoice) -> None:
    told = compare(make_conflict(connection, invoice, {"reference": "PO 2"}, {"state": "voided"}))

    rows = {row.label: (row.base, row.ours, row.theirs) for row in told.sections[0].rows}
    assert rows["Voided"] == ("No", "No", "Yes")


def test_comparison_lists_what_both_have_alike(connection: Connection, invoice: Invoice) -> None:
    told = compare(make_conflict(connection, invoice, {"reference": "A"}, {"reference": "B"}))

    assert ("Number", "INV-1") in told.same
    assert ("Line 1", "Design, 10 × 150.00, 15% GST on Income") in told.same
    assert told.ours_total == told.theirs_total == "NZ$1,725.00"


def test_values_that_say_nothing_are_empty() -> None:
    def say(name: str, value: Any) -> str:
        return words.say(words.fact_of(Kind.INVOICE, name), value, Names())

    assert say("reference", "") == ""
    assert say("due_date", None) == ""
    assert words.say(words.LINE["discount_percent"], "0.00", Names()) == "None"
    assert say("amounts", "exclusive") == "Tax exclusive"


# how the engine does


def test_checkup_of_a_quiet_connection_complains_of_nothing(connection: Connection) -> None:
    push(connection, uuid4())

    told = check_up(connection, dt.timedelta(minutes=10))

    assert (told.told, told.complaints) == ("1 pending", ())


def test_checkup_complains_of_what_waits_too_long(connection: Connection) -> None:
    push(connection, uuid4())
    make_batch(connection)
    long_ago = timezone.now() - dt.timedelta(hours=1)
    Operation.objects.update(updated_at=long_ago)
    Batch.objects.update(updated_at=long_ago)

    complaints = check_up(connection, dt.timedelta(minutes=10)).complaints

    assert complaints == (
        "1 operations wait and no worker takes them: do worker and beat run?",
        "1 stored writes are not settled.",
    )


@pytest.mark.parametrize(
    "change",
    [{"state": ConnectionState.NEEDS_REAUTH}, {"resume_at": timezone.now() + dt.timedelta(days=1)}],
)
def test_checkup_lets_a_connection_rest(connection: Connection, change: dict[str, Any]) -> None:
    push(connection, uuid4())
    Operation.objects.update(updated_at=timezone.now() - dt.timedelta(hours=1))
    Connection.objects.update(**change)
    connection.refresh_from_db()

    assert check_up(connection, dt.timedelta(minutes=10)).complaints == ()
