"""The account of each line: chosen for it, for its service or for all; moved on either side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from accounting.enums import Blocker, ConflictState, InvoiceStatusRule, Kind, Priority, Resolution
from accounting.models import Conflict, Connection, Link, Mapping, Operation, RemoteAccount, ServiceMapping
from accounting.queries.comparison import compare
from accounting.sync.mapping import Choices, MappingRefused, save_mapping
from accounting.sync.pull import request_pull
from accounting.sync.resolve import resolve
from catalogue.models import Service, TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import update_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.choosing import account_id
from tests.factories.catalogue import make_service
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def service(connected: Connection) -> Service:
    """Interest, booked to 270."""
    made = make_service(connected.workspace, name="Interest")
    ServiceMapping.objects.create(
        workspace=connected.workspace, connection=connected, service=made, account_id=account_id("270")
    )
    return made


@pytest.fixture
def draft(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    """A draft that is a draft there, its line in the usual account."""
    Mapping.objects.update(invoice_status=InvoiceStatusRule.WITH_STATUS)
    made = make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)])
    sync()
    return made


def _there() -> str:
    return Link.objects.get(kind=Kind.INVOICE).remote_id


def _accounts_there(bookkeeper: Bookkeeper) -> list[str]:
    return [line.get("AccountCode", "") for line in bookkeeper.invoice(_there())["LineItems"]]


def _move_here(invoice: Invoice, code: str) -> None:
    (line,) = (line.as_input() for line in invoice.lines.all())
    update_invoice(invoice=invoice, lines=[replace(line, account=account_id(code))], by=None)


def _move_there(bookkeeper: Bookkeeper, code: str) -> None:
    (line,) = bookkeeper.invoice(_there())["LineItems"]
    bookkeeper.change_invoice(_there(), LineItems=[{**line, "AccountCode": code, "AccountID": None}])


def _hear(connection: Connection, sync: Sync) -> None:
    with transaction.atomic():
        request_pull(connection, Kind.INVOICE, _there(), priority=Priority.USER)
    sync()


def _account_here(invoice: Invoice) -> str:
    account = invoice.lines.get().account
    return RemoteAccount.objects.get(account_id=account).code if account else ""


def test_line_goes_to_its_account_then_its_services_then_the_usual_one(
    connected: Connection, gst: TaxRate, service: Service, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    lines = [
        make_line("Own", tax_rate=gst, service=service, account=account_id("260")),
        make_line("Of the service", tax_rate=gst, service=service),
        make_line("Usual", tax_rate=gst),
    ]
    make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=lines)
    sync()

    assert _accounts_there(bookkeeper) == ["260", "270", "200"]
    assert not Operation.objects.exists()


def test_account_changed_here_is_changed_there(draft: Invoice, bookkeeper: Bookkeeper, sync: Sync) -> None:
    _move_here(draft, "260")
    sync()

    assert _accounts_there(bookkeeper) == ["260"]
    assert Conflict.objects.count() == 0


def test_line_moved_by_the_bookkeeper_shows_its_account_here(
    draft: Invoice, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    _move_there(bookkeeper, "260")
    _hear(connected, sync)
    update_invoice(invoice=draft, reference="PO 7", by=None)
    sync()

    assert (_account_here(draft), _accounts_there(bookkeeper)) == ("260", ["260"])


def test_line_that_nobody_moved_says_nothing_of_its_account(
    draft: Invoice, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    bookkeeper.change_price(_there(), 120)
    _hear(connected, sync)

    assert draft.lines.get().unit_amount == 120
    assert _account_here(draft) == ""


@pytest.mark.parametrize(("choice", "ends"), [("keep_ours", "260"), ("take_theirs", "270")])
def test_line_moved_on_both_sides_is_decided_by_a_person(
    draft: Invoice,
    bookkeeper: Bookkeeper,
    connected: Connection,
    super_user: User,
    sync: Sync,
    choice: str,
    ends: str,
) -> None:
    _move_there(bookkeeper, "270")
    _move_here(draft, "260")
    sync()
    conflict = Conflict.objects.get(state=ConflictState.OPEN)
    (section,) = compare(conflict).sections
    assert [(row.label, row.ours, row.theirs) for row in section.rows] == [
        ("Account", "260 Other Revenue", "270 Interest Income")
    ]

    resolve(conflict=conflict, choice=Resolution(choice), seen=conflict.version, by=super_user)
    sync()

    assert (_account_here(draft), _accounts_there(bookkeeper)) == (ends, [ends])
    assert not Conflict.objects.filter(state=ConflictState.OPEN).exists()


def test_new_default_account_leaves_lines_that_are_there_alone(
    draft: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    Mapping.objects.update(revenue_account_id=account_id("260"))
    update_invoice(invoice=draft, reference="PO 7", by=None)
    sync()

    assert _accounts_there(bookkeeper) == ["200"]


def test_line_of_an_archived_account_waits_and_says_why(
    connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    line = make_line(tax_rate=gst, account=account_id("260"))
    RemoteAccount.objects.filter(code="260").update(active=False)
    make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[line])
    sync()

    waiting = Operation.objects.get(kind=Kind.INVOICE)
    assert waiting.blocker == Blocker.SETUP
    assert "260 Other Revenue of the line “Design” was archived in Xero" in waiting.error


def test_account_of_another_organisation_says_nothing(
    connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    line = make_line(tax_rate=gst, account="an-id-of-before")
    make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[line])
    sync()

    assert _accounts_there(bookkeeper) == ["200"]


def test_account_that_is_not_offered_is_refused_for_a_service(
    connected: Connection, service: Service, super_user: User
) -> None:
    with pytest.raises(MappingRefused) as refused:
        save_mapping(connection=connected, choices=Choices(services={service.pk: "made-up"}), by=super_user)

    assert list(refused.value.message_dict) == [f"service_{service.pk}"]


def test_service_is_mapped_once_and_to_an_account(connected: Connection, service: Service) -> None:
    owner = {"workspace": connected.workspace, "connection": connected}
    with pytest.raises(IntegrityError, match="service_mapped_once"), transaction.atomic():
        ServiceMapping.objects.create(**owner, service=service, account_id="x")
    with pytest.raises(IntegrityError, match="service_mapping_names_an_account"), transaction.atomic():
        ServiceMapping.objects.create(
            **owner, service=make_service(connected.workspace, name="Other"), account_id=""
        )
