"""What connecting would do is worked out first, a person decides, and then just that is done."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from accounting.enums import DryRunState, Kind, Mark, Verdict
from accounting.models import Connection, Decision, DryRun, Exemption, Link, Operation
from accounting.port.exchange import RemoteRecord
from accounting.port.provider import Books
from accounting.resources.registry import kinds_read_by_themselves
from accounting.sync import comparing
from catalogue.models import TaxRate
from customers.models import Customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.services import record_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.dry_running import Sync, bookkeeper, compared, confirm_it, verdicts
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "compared"]
"""Fixtures."""


def test_sure_pairs_are_linked_others_asked_and_the_rest_created(
    connected: Connection, bookkeeper: Bookkeeper, compared: Callable[[], DryRun]
) -> None:
    workspace = connected.workspace
    bookkeeper.create_contact(Name="Rimu Roasters Limited", AccountNumber="R-1")
    bookkeeper.create_contact(Name="Totara Timber", EmailAddress="ask@totara.nz")
    bookkeeper.create_contact(Name="Somebody Else", EmailAddress="hi@miro.nz")
    bookkeeper.create_contact(Name="Zanthe Quarries of Otago")
    make_customer(workspace, name="Rimu Roasters", reference="R-1")
    make_customer(workspace, name="Totara Timber Ltd", email="ask@totara.nz")
    make_customer(workspace, name="Miro Motors", email="hi@miro.nz")
    make_customer(workspace, name="Zanthe Quarries")
    make_customer(workspace, name="Only Ours")

    run = compared()

    assert run.state == DryRunState.READY
    assert verdicts() == {
        "Rimu Roasters": (Verdict.LINK, Mark.REFERENCE),
        "Totara Timber Ltd": (Verdict.LINK, Mark.EMAIL),
        "Miro Motors": (Verdict.ASK, Mark.EMAIL),
        "Zanthe Quarries": (Verdict.ASK, Mark.ALIKE),
        "Only Ours": (Verdict.CREATE, ""),
    }


def test_what_is_read_twice_counts_once(
    connected: Connection,
    bookkeeper: Bookkeeper,
    compared: Callable[[], DryRun],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bookkeeper.create_contact(Name="Rimu Roasters", AccountNumber="R-1")
    bookkeeper.create_contact(Name="Totara Timber")
    make_customer(connected.workspace, name="Rimu Roasters", reference="R-1")
    make_customer(connected.workspace, name="Totara Timber")
    read = comparing._pages

    def twice(books: Books, kind: str) -> Iterator[tuple[RemoteRecord, ...]]:
        """Behind the last page all come again, one of them archived meanwhile."""
        pages = list(read(books, kind))
        yield from pages
        for page in pages:
            yield tuple(_archived(row) if row.document.name == "Totara Timber" else row for row in page)

    def _archived(row: RemoteRecord) -> RemoteRecord:
        later = replace(row, version=row.version + dt.timedelta(seconds=1))
        return later.saying(replace(row.document, archived=True))

    once = compared().seen
    monkeypatch.setattr(comparing, "_pages", twice)
    run = compared()

    assert run.seen == once
    assert verdicts()["Rimu Roasters"] == (Verdict.LINK, Mark.REFERENCE)
    there = Decision.objects.get(name="Totara Timber").there
    assert there["archived"] is True


def test_nothing_is_written_by_the_comparison(
    sandbox: Handle, connected: Connection, bookkeeper: Bookkeeper, compared: Callable[[], DryRun]
) -> None:
    make_customer(connected.workspace, name="Only Ours")
    before = sandbox.dump()
    sandbox.clear_requests()
    run = compared()
    assert sandbox.dump() == before
    assert {entry.method for entry in sandbox.requests()} == {"GET"}
    assert len(sandbox.requests()) == run.calls == len(kinds_read_by_themselves())
    assert (Link.objects.count(), Operation.objects.count(), Exemption.objects.count()) == (0, 0, 0)


def test_two_of_ours_are_never_one_of_theirs(
    connected: Connection, bookkeeper: Bookkeeper, compared: Callable[[], DryRun]
) -> None:
    bookkeeper.create_contact(Name="Rimu Roasters", EmailAddress="ask@rimu.nz")
    make_customer(connected.workspace, name="Rimu Roasters Ltd")
    make_customer(connected.workspace, name="Rimu Roasters North", email="ask@rimu.nz")
    compared()
    assert {row.verdict for row in Decision.objects.all()} == {Verdict.ASK}


def test_what_is_linked_already_is_nobody_elses(
    connected: Connection, sync: Sync, compared: Callable[[], DryRun]
) -> None:
    make_customer(connected.workspace, name="Rimu Roasters", email="ask@rimu.nz")
    sync()
    make_customer(connected.workspace, name="Rimu Roasters Ltd", email="ask@rimu.nz")
    compared()
    assert verdicts() == {"Rimu Roasters Ltd": (Verdict.CREATE, "")}


def _pair_of_invoices(
    connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, number: str, contact: dict[str, Any],
    customer: Customer, amount: float,
) -> Invoice:  # fmt: skip
    bookkeeper.create_invoice(number, contact["ContactID"], amount=amount)
    return make_invoice(
        connected.workspace,
        customer=customer,
        number=number,
        status=InvoiceStatus.APPROVED,
        lines=[make_line(unit_amount="100", tax_rate=gst)],
    )


def test_invoices_are_linked_by_number_total_and_customer(
    connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, compared: Callable[[], DryRun]
) -> None:
    contact = bookkeeper.create_contact(Name="Rimu Roasters")
    other = bookkeeper.create_contact(Name="Quite Another")
    ours = make_customer(connected.workspace, name="Rimu Roasters")
    _pair_of_invoices(connected, gst, bookkeeper, "INV-701", contact, ours, 100)
    _pair_of_invoices(connected, gst, bookkeeper, "INV-702", contact, ours, 101)
    _pair_of_invoices(connected, gst, bookkeeper, "INV-703", other, ours, 100)
    compared()
    told = {name: verdict for name, (verdict, _) in verdicts().items()}
    assert told == {
        "Rimu Roasters": Verdict.LINK,
        "invoice INV-701": Verdict.LINK,
        "invoice INV-702": Verdict.ASK,
        "invoice INV-703": Verdict.ASK,
    }


def test_counts_of_the_dry_run_are_what_then_happens(
    connected: Connection,
    gst: TaxRate,
    bookkeeper: Bookkeeper,
    compared: Callable[[], DryRun],
    sync: Sync,
) -> None:
    contact = bookkeeper.create_contact(Name="Rimu Roasters", EmailAddress="there@rimu.nz")
    bookkeeper.create_contact(Name="Somebody Else", EmailAddress="hi@miro.nz")
    ours = make_customer(connected.workspace, name="Rimu Roasters", email="here@rimu.nz")
    make_customer(connected.workspace, name="Miro Motors", email="hi@miro.nz")
    left_out = make_customer(connected.workspace, name="Not Wanted There")
    linked = _pair_of_invoices(connected, gst, bookkeeper, "INV-701", contact, ours, 100)
    new = make_invoice(
        connected.workspace, customer=ours, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)]
    )
    before = Counter({name: len(bookkeeper.read_all(name)) for name in ("Contacts", "Invoices")})

    run = compared()
    Decision.objects.filter(local_id=left_out.pk).update(verdict=Verdict.SKIP)
    counts = Counter((row.kind, row.verdict) for row in Decision.objects.all())
    confirm_it(run, sync)

    after = Counter({name: len(bookkeeper.read_all(name)) for name in ("Contacts", "Invoices")})
    assert after - before == Counter(Invoices=counts["invoice", "create"])
    assert Link.objects.filter(kind=Kind.CUSTOMER).count() == counts["customer", "link"] == 1
    assert Link.objects.filter(kind=Kind.INVOICE).count() == 2
    assert {Link.objects.get(local_id=row.pk).kind for row in (linked, new)} == {Kind.INVOICE}
    assert Counter(Exemption.objects.values_list("until", flat=True)) == Counter(good=1, decision=1)
    ours.refresh_from_db()
    assert ours.email == "there@rimu.nz"
    assert (DryRun.objects.get().state, Operation.objects.count()) == (DryRunState.DONE, 0)


def test_confirming_with_ours_sends_ours(
    connected: Connection, bookkeeper: Bookkeeper, compared: Callable[[], DryRun], sync: Sync
) -> None:
    there = bookkeeper.create_contact(Name="Rimu Roasters", EmailAddress="there@rimu.nz")
    make_customer(connected.workspace, name="Rimu Roasters", email="here@rimu.nz")
    confirm_it(compared(), sync, keeps_ours=True)
    assert bookkeeper.contact(there["ContactID"])["EmailAddress"] == "here@rimu.nz"


def test_payment_on_both_sides_is_not_there_twice(
    connected: Connection,
    gst: TaxRate,
    bookkeeper: Bookkeeper,
    compared: Callable[[], DryRun],
    sync: Sync,
) -> None:
    contact = bookkeeper.create_contact(Name="Rimu Roasters")
    ours = make_customer(connected.workspace, name="Rimu Roasters")
    invoice = _pair_of_invoices(connected, gst, bookkeeper, "INV-701", contact, ours, 100)
    there = bookkeeper.read_all("Invoices")[-1]
    bookkeeper.change_invoice(there["InvoiceID"], Status="AUTHORISED")
    bookkeeper.pay(there["InvoiceID"], 50, date="2026-03-05")
    record_payment(invoice=invoice, amount=Decimal(50), date=dt.date(2026, 3, 5), by=None)
    confirm_it(compared(), sync)
    assert len(bookkeeper.invoice(there["InvoiceID"])["Payments"]) == 1
    invoice.refresh_from_db()
    assert invoice.amount_paid == 50
