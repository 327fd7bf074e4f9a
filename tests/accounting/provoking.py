"""Causes as they come about: somebody changes something in Xero, or writes something here, and the sandbox refuses by
its own rules. Each provokes one cause and answers how a person puts it right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from accounting.models import Mapping, Problem, TaxMapping
from accounting.sync import reference
from customers.services import update_customer
from invoices.models import Invoice
from invoices.services import reopen_invoice, update_invoice
from payments.services import reverse_payment
from tests.accounting.provoking_payments import OF_PAYMENTS
from tests.accounting.scene import Fix, Scene


def account_archived(scene: Scene) -> Fix:
    scene.alter(scene.account("200"), status="ARCHIVED")
    scene.invoice()
    return scene.choose


def account_unusable(scene: Scene) -> Fix:
    scene.alter(scene.account("200"), system_account="DEBTORS")
    scene.invoice()
    return scene.choose


def account_not_chosen(scene: Scene) -> Fix:
    Mapping.objects.update(revenue_account_id="")
    scene.invoice()
    return scene.choose


def _second_rate(scene: Scene) -> Any:
    """Xero has another rate of the same percentage, by now."""
    rate = scene.books.tax_rates.get("OUTPUT2")
    scene.alter(rate, id="OUTPUT9", name="15% GST again")
    return rate


def tax_misfit(scene: Scene) -> Fix:
    scene.alter(_second_rate(scene), applies_to=("EXPENSE",))
    scene.invoice()
    return scene.choose


def tax_rate_removed(scene: Scene) -> Fix:
    scene.alter(_second_rate(scene), status="DELETED")
    scene.invoice()
    return scene.choose


def tax_rate_unknown(scene: Scene) -> Fix:
    scene.books.tax_rates.write(_second_rate(scene).id, None)
    scene.invoice()
    return scene.choose


def tax_rate_not_matched(scene: Scene) -> Fix:
    TaxMapping.objects.all().delete()
    scene.invoice()
    return scene.choose


def number_taken(scene: Scene) -> Fix:
    theirs = scene.bookkeeper.create_contact(Name="Somebody")["ContactID"]
    scene.bookkeeper.create_invoice("INV-1", theirs)
    scene.invoice()
    return lambda problem: scene.choose(problem, choice="")


def period_locked(scene: Scene) -> Fix:
    scene.lock_until(dt.date(2026, 3, 31))
    scene.invoice()
    return scene.choose


def currency_not_enabled(scene: Scene) -> Fix:
    was = scene.books.organisation.currencies
    foreign = next(code for code in was if code != scene.connection.currency)
    scene.lock_until(None, currencies=(scene.connection.currency,))
    scene.invoice(currency=foreign)

    def enable(problem: Problem) -> None:
        scene.lock_until(None, currencies=was)
        scene.try_again(problem)

    return enable


def name_taken(scene: Scene) -> Fix:
    customer = scene.customer("Kea")
    scene.sync()
    scene.bookkeeper.create_contact(Name="Tui")
    update_customer(customer=customer, name="Tui", by=scene.by)
    return lambda problem: scene.choose_alone(problem, "Tui & Co")


def contact_archived(scene: Scene) -> Fix:
    customer = scene.customer()
    scene.sync()
    scene.bookkeeper.change_contact(scene.there(customer), ContactStatus="ARCHIVED")
    update_customer(customer=customer, city="Nelson", by=scene.by)

    def restore(problem: Problem) -> None:
        scene.alter(scene.books.contacts.get(scene.there(customer)), status="ACTIVE")
        scene.try_again(problem)

    return restore


def e_mail_refused(scene: Scene) -> Fix:
    customer = scene.customer(email="kea@nowhere")
    return lambda problem: update_customer(customer=customer, email="kea@nowhere.example", by=scene.by)


def country_refused(scene: Scene) -> Fix:
    customer = scene.customer(address_line="1 Quay", country="N2")
    return lambda problem: update_customer(customer=customer, country="NZ", by=scene.by)


def website_refused(scene: Scene) -> Fix:
    customer = scene.customer()
    scene.sync()
    there = scene.books.contacts.get(scene.there(customer))
    scene.alter(there, details={**there.details, "Website": "not a page"})
    update_customer(customer=customer, city="Nelson", by=scene.by)

    def correct(problem: Problem) -> None:
        now = scene.books.contacts.get(there.id)
        scene.alter(now, details={**now.details, "Website": "https://kea.example"})
        scene.try_again(problem)

    return correct


def reference_taken(scene: Scene) -> Fix:
    customer = scene.customer(reference="C-1")
    scene.sync()
    scene.bookkeeper.create_contact(Name="Tui", AccountNumber="C-9")
    update_customer(customer=customer, reference="C-9", by=scene.by)
    return lambda problem: update_customer(customer=customer, reference="C-10", by=scene.by)


def gone_there(scene: Scene) -> Fix:
    invoice = scene.arrived_invoice()
    there = scene.books.invoices.get(scene.there(invoice))
    payment = scene.pay(invoice)
    scene.books.invoices.write(there.id, None)

    def give_up(problem: Problem) -> None:
        reverse_payment(payment=payment, by=scene.by)

    return give_up


def _moved_there(scene: Scene, invoice: Invoice, **values: Any) -> None:
    """The bookkeeper changes it, and we hear of it."""
    scene.bookkeeper.change_invoice(scene.there(invoice), **values)
    scene.hear(invoice)


def contact_strange(scene: Scene) -> Fix:
    invoice = scene.arrived_invoice()
    other = scene.bookkeeper.create_contact(Name="Nobody here")["ContactID"]
    _moved_there(scene, invoice, Contact={"ContactID": other})

    def move_back(problem: Problem) -> None:
        _moved_there(scene, invoice, Contact={"ContactID": scene.there(invoice.customer)})

    return move_back


def tax_rate_strange(scene: Scene) -> Fix:
    invoice = scene.arrived_invoice()
    scene.alter(scene.books.tax_rates.get("OUTPUT2"), id="OUTPUT7", name="Half of it", rate=Decimal("7.5"))
    line = scene.bookkeeper.invoice(scene.there(invoice))["LineItems"][0]
    kept = {name: line[name] for name in ("LineItemID", "Description", "Quantity", "UnitAmount")}
    _moved_there(scene, invoice, LineItems=[{**kept, "AccountCode": "200", "TaxType": "OUTPUT7"}])
    return lambda problem: reference.refresh_lists(scene.connection)


def description_missing(scene: Scene) -> Fix:
    invoice = scene.invoice(description=" ")

    def describe(problem: Problem) -> None:
        draft = reopen_invoice(invoice=invoice, by=scene.by)
        [line] = draft.lines.all()
        update_invoice(
            invoice=draft, lines=[replace(line.as_input(), description="Design")], by=scene.by, approve=True
        )

    return describe


PROVOKED: dict[str, Callable[[Scene], Fix]] = {
    each.__name__.replace("_", "-"): each
    for each in (
        account_archived, account_unusable, account_not_chosen, tax_misfit, tax_rate_removed, tax_rate_unknown,
        tax_rate_not_matched, number_taken, period_locked, currency_not_enabled, name_taken,
        contact_archived, e_mail_refused, country_refused, website_refused, reference_taken,
        gone_there, contact_strange, tax_rate_strange, description_missing, *OF_PAYMENTS,
    )
}  # fmt: skip
