"""Ways of writing that send no signal, or many (row R22). The database itself notes every document that is changed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.admin.sites import site
from django.db import connection as database
from django.db import transaction
from django.db.models import F, Model
from django.urls import reverse
from django.utils import timezone

from accounting.models import Operation
from accounting.resources.registry import OBSERVED
from accounting.sync import outbox
from core.changes import rows_changed
from core.testing import UncapturedWrite, WriteAudit
from customers.models import Customer
from customers.services import update_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice, InvoiceLine
from invoices.services import void_invoice
from payments.models import Payment
from payments.services import record_payment, reverse_payment
from tests.factories.accounting import make_connection
from tests.factories.customers import make_customer
from tests.factories.invoices import ISSUED_ON, make_invoice
from tests.factories.people import make_administrator, signed_in
from tests.faults.conftest import Tell
from tests.faults.writes import audited
from workspaces.models import Workspace

ROWS = 20
BACKEND = "django.contrib.auth.backends.ModelBackend"
IMPORTED = 5000


@pytest.fixture
def full(in_workspace: Workspace) -> Workspace:
    """Twenty approved invoices of as many customers, each with a payment; nothing waits to be sent."""
    make_connection(in_workspace)
    for _ in range(ROWS):
        invoice = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)
        record_payment(invoice=invoice, amount=Decimal(10), date=ISSUED_ON, by=None)
    Operation.objects.all().delete()
    return in_workspace


# -- ways of writing


def _save_each() -> None:
    for customer in Customer.objects.all():
        customer.city = "Nelson"
        customer.save()


def _save_one_column() -> None:
    for customer in Customer.objects.all():
        customer.city = "Nelson"
        customer.save(update_fields=["city"])


def _update() -> None:
    Invoice.objects.update(reference="PO 7")


def _update_out_of_the_filter() -> None:
    Customer.objects.filter(city="").update(city="Nelson")


def _update_by_expression() -> None:
    InvoiceLine.objects.update(unit_amount=F("unit_amount") + 1)


def _update_by_the_keys_column() -> None:
    Invoice.objects.update(customer_id=Customer.objects.first().pk)


def _bulk_update() -> None:
    rows = list(InvoiceLine.objects.all())
    for row in rows:
        row.description = "Work"
    InvoiceLine.objects.bulk_update(rows, ["description"], batch_size=7)


def _bulk_create() -> None:
    workspace = Customer.objects.first().workspace
    Customer.objects.bulk_create(
        [Customer(workspace=workspace, name=f"N {n}", reference=f"N{n}", currency="NZD") for n in range(ROWS)]
    )


def _bulk_create_over_existing() -> None:
    rows = list(Customer.objects.all())
    for row in rows:
        row.city = "Nelson"
    Customer.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=["city"])


def _update_or_create() -> None:
    for row in list(Customer.objects.all()):
        Customer.objects.update_or_create(pk=row.pk, defaults={"city": "Nelson"})


def _delete_lines() -> None:
    InvoiceLine.objects.all().delete()


def _delete_payments() -> None:
    Payment.objects.all().delete()


def _delete_with_their_lines() -> None:
    Payment.objects.all().delete()
    Invoice.objects.all().delete()


def _services() -> None:
    for payment in Payment.objects.all():
        reverse_payment(payment=payment, by=None)
    for invoice in Invoice.objects.select_related("customer"):
        void_invoice(invoice=invoice, by=None)
        update_customer(customer=invoice.customer, by=None, city="Nelson")


def _related_manager() -> None:
    customer = Customer.objects.first()
    customer.invoices.update(reference="PO 7")
    for invoice in Invoice.objects.all():
        invoice.lines.update(description="Work")


WAYS: list[Callable[[], None]] = [
    _save_each, _save_one_column, _update, _update_out_of_the_filter, _update_by_expression,
    _update_by_the_keys_column, _bulk_update, _bulk_create, _bulk_create_over_existing, _update_or_create,
    _delete_lines, _delete_payments, _delete_with_their_lines, _services, _related_manager,
]  # fmt: skip


def _record_loss(tell: Tell, what: str, audit: WriteAudit) -> None:
    lost = {row.record for row in audit.uncaptured()}
    tell("R22", what, audit.records(), lost=len(lost))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_r22_every_way_of_writing_is_captured(
    full: Workspace, tell_row: Tell, way: Callable[[], None]
) -> None:
    """Each way changes about twenty documents or more, and each of them gets an operation."""
    with audited() as audit:
        with transaction.atomic():
            way()
        _record_loss(tell_row, way.__name__.strip("_").replace("_", " "), audit)
        assert audit.records() >= ROWS - 1


def _import(workspace: Workspace, count: int) -> None:
    customer = make_customer(workspace)
    invoices = [
        Invoice(
            workspace=workspace, customer=customer, number=f"OLD-{n:05d}", issue_date=ISSUED_ON,
            due_date=ISSUED_ON, currency="NZD", status=InvoiceStatus.APPROVED, net=Decimal(100),
            total=Decimal(100), approved_at=timezone.now(), issued_at=timezone.now(),
        )
        for n in range(count)
    ]  # fmt: skip
    lines = [
        InvoiceLine(
            workspace=workspace, invoice=invoice, position=1, description="Work", unit_amount=Decimal(100),
            line_amount=Decimal(100),
        )
        for invoice in invoices
    ]  # fmt: skip
    Invoice.objects.bulk_create(invoices, batch_size=1000)
    InvoiceLine.objects.bulk_create(lines, batch_size=1000)


def test_r22_import_is_captured(full: Workspace, tell_row: Tell) -> None:
    """Thousands of invoices in one transaction: one operation each."""
    with audited() as audit:
        with transaction.atomic():
            _import(full, IMPORTED)
        _record_loss(tell_row, "import of invoices", audit)
        assert audit.records() == IMPORTED + 1
    assert Operation.objects.filter(kind="invoice").count() == IMPORTED


@pytest.mark.parametrize("model", [model for model in OBSERVED if site.is_registered(model)])
def test_r22_admin_writes_nothing(full: Workspace, tell_row: Tell, model: type[Model]) -> None:
    """The administrators' pages refuse to change, add or delete a document, one by one or by action."""
    row = model._default_manager.first()
    label = f"{model._meta.app_label}_{model._meta.model_name}"
    asked = [
        (reverse(f"admin:{label}_change", args=[row.pk]), {"city": "Nelson", "reference": "PO 7"}),
        (reverse(f"admin:{label}_add"), {"name": "New"}),
        (reverse(f"admin:{label}_delete", args=[row.pk]), {"post": "yes"}),
        (
            reverse(f"admin:{label}_changelist"),
            {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
        ),
    ]
    client = signed_in(make_administrator())
    with audited() as audit:
        codes = [client.post(url, data).status_code for url, data in asked]
        assert audit.records() == 0
    tell_row("R22", f"posts to the admin of {model._meta.verbose_name_plural}", len(codes))
    assert codes[:3] == [403, 403, 403]


# -- controls: without the protection the harm is seen


def test_r22_control_signals_alone_miss_bulk_writes(full: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """With Django's own signals only, every row of a bulk write is lost."""
    monkeypatch.setattr(rows_changed, "receivers", [])
    with pytest.raises(UncapturedWrite, match=f"{ROWS} records changed"), audited(), transaction.atomic():
        _update()


def test_r22_control_without_any_capture_all_is_lost(
    full: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nobody listening, an import leaves no trace in the outbox."""
    monkeypatch.setattr(outbox, "record_many", lambda **wanted: None)
    with pytest.raises(UncapturedWrite, match="51 records changed"), audited(), transaction.atomic():
        _import(full, 50)


def _raw_sql() -> None:
    with database.cursor() as cursor:
        cursor.execute("UPDATE invoices_invoice SET reference = 'PO 7'")


def _plain_manager() -> None:
    Invoice._base_manager.update(reference="PO 7")


def _added_to_a_relation() -> None:
    Customer.objects.first().invoices.add(*Invoice.objects.all())


def _deleted_without_signals() -> None:
    Payment.objects.all()._raw_delete("default")


PAST_THE_CAPTURE = [_raw_sql, _plain_manager, _added_to_a_relation, _deleted_without_signals]


@pytest.mark.parametrize("way", PAST_THE_CAPTURE, ids=lambda way: way.__name__)
def test_r22_control_way_past_the_capture_is_seen(full: Workspace, way: Callable[[], None]) -> None:
    """Ways that tell nobody, and that no code here takes: the audit counts every document."""
    with pytest.raises(UncapturedWrite, match=r"(19|20) records changed"), audited(), transaction.atomic():
        way()
