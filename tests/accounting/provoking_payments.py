"""Causes of payments, and of invoices on which some stand, as they come about."""

from __future__ import annotations

from typing import Any

from accounting.models import Mapping, Problem
from invoices.services import approve_invoice, reopen_invoice, void_invoice
from payments.services import reverse_payment
from tests.accounting.scene import Fix, Scene


def _bank(scene: Scene) -> Any:
    return scene.books.accounts.get(Mapping.objects.get().payment_account_id)


def _second_bank(scene: Scene) -> Any:
    bank = _bank(scene)
    scene.alter(bank, id="0b0b0b0b-0000-4000-8000-000000000001", code="095", name="Second bank")
    return bank


def payment_account_archived(scene: Scene) -> Fix:
    invoice = scene.arrived_invoice()
    scene.alter(_second_bank(scene), status="ARCHIVED")
    scene.pay(invoice)
    return scene.choose


def payment_account(scene: Scene) -> Fix:
    invoice = scene.arrived_invoice()
    scene.alter(_second_bank(scene), type="CURRENT")
    scene.pay(invoice)
    return scene.choose


def bank_currency(scene: Scene) -> Fix:
    invoice = scene.arrived_invoice()
    scene.alter(_second_bank(scene), currency_code="EUR")
    scene.pay(invoice)
    return scene.choose


def payment_not_chosen(scene: Scene) -> Fix:
    invoice = scene.arrived_invoice()
    Mapping.objects.update(payment_account_id="")
    scene.pay(invoice)
    return scene.choose


def more_than_due(scene: Scene) -> Fix:
    invoice = scene.arrived_invoice()
    scene.bookkeeper.pay(scene.there(invoice), 100)
    payment = scene.pay(invoice)
    return lambda problem: reverse_payment(payment=payment, by=scene.by)


def not_payable(scene: Scene) -> Fix:
    """Another sum than ours was received there, of which nobody here has heard: it is not the same payment."""
    invoice = scene.arrived_invoice()
    scene.bookkeeper.pay(scene.there(invoice), 115)
    payment = scene.pay(invoice, "50.00")
    return lambda problem: reverse_payment(payment=payment, by=scene.by)


def voided_here(scene: Scene) -> Fix:
    invoice = scene.arrived_invoice()
    scene.bookkeeper.change_invoice(scene.there(invoice), Status="VOIDED")
    payment = scene.pay(invoice)
    return lambda problem: reverse_payment(payment=payment, by=scene.by)


def has_payments(scene: Scene) -> Fix:
    """It was paid there while it was voided here."""
    invoice = scene.arrived_invoice()
    payment = scene.bookkeeper.pay(scene.there(invoice), 115)
    void_invoice(invoice=invoice, by=scene.by)

    def take_off(problem: Problem) -> None:
        scene.bookkeeper.delete_payment(payment["PaymentID"])
        scene.try_again(problem)

    return take_off


def unapproved_here(scene: Scene) -> Fix:
    invoice = scene.arrived_invoice()
    reopen_invoice(invoice=invoice, by=scene.by)
    scene.bookkeeper.pay(scene.there(invoice), 115)
    scene.hear(invoice)
    return lambda problem: approve_invoice(invoice=invoice, by=scene.by)


def reconciled(scene: Scene) -> Fix:
    payment = scene.pay(scene.arrived_invoice())
    scene.sync()
    there = scene.books.payments.get(scene.there(payment))
    scene.alter(there, is_reconciled=True)
    reverse_payment(payment=payment, by=scene.by)

    def take_apart(problem: Problem) -> None:
        scene.alter(there, is_reconciled=False)
        scene.try_again(problem)

    return take_apart


OF_PAYMENTS = (
    payment_account_archived, payment_account, bank_currency, payment_not_chosen, more_than_due,
    not_payable, voided_here, has_payments, unapproved_here, reconciled,
)  # fmt: skip
