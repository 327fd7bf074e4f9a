"""What the payment dialog may send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from core.forms import AmountField, day_field, search_field
from core.money import CENT
from core.record_forms import OnceForm
from core.search import shorten
from customers.models import Customer
from invoices.models import Invoice
from payments.models import Payment
from payments.queries import Asked, Shown
from payments.signals import bank_for
from workspaces.days import today


class PaymentsForm(forms.Form):
    """What the list of payments is narrowed by, as the address says it."""

    q = search_field("Reference, invoice or customer")
    since = day_field("From")
    until = day_field("To")

    def __init__(self, query: QueryDict, *, customer: Customer | None) -> None:
        super().__init__(query)
        self.customer = customer
        self.shown = query.get("show", "") if query.get("show") in Shown.values else ""

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", "Choose a day that is not before the first one.")

    @property
    def asked(self) -> Asked:
        """What is asked for; what cannot be read narrows nothing, and its field says why."""
        self.is_valid()
        told = getattr(self, "cleaned_data", {})
        days = {} if self.errors else {name: told.get(name) for name in ("since", "until")}
        return Asked(shown=self.shown, search=shorten(told.get("q", "")), customer=self.customer, **days)

    @property
    def is_narrowed(self) -> bool:
        """Whether it shows less than there is, besides what the tabs choose."""
        return bool(self.customer or any(self.data.get(name) for name in self.fields))


class PaymentForm(OnceForm, forms.ModelForm):
    """A payment of one invoice. It starts with all that is due, today. What came into the bank is asked where that is
    another currency."""

    amount = AmountField(
        max_digits=14,
        decimal_places=2,
        min_value=CENT,
        error_messages={
            "required": "Write how much was received.",
            "min_value": "A payment must be more than zero.",
        },
    )

    bank_amount = AmountField(
        required=False,
        max_digits=14,
        decimal_places=2,
        min_value=CENT,
        help_text="As the bank shows it. Left empty, the books work it out by their own rate.",
        error_messages={"min_value": "What came into the bank must be more than zero."},
    )

    class Meta:
        model = Payment
        fields = ["amount", "date", "reference", "bank_amount"]
        labels = {"date": "Received on"}
        help_texts = {"reference": "What the bank statement says, if anything."}
        widgets = {
            "date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        error_messages = {
            "date": {"required": "Give the date.", "invalid": "Write a date like 2026-03-31."},
        }

    def __init__(self, *args: Any, invoice: Invoice, **kwargs: Any) -> None:
        start = {"amount": invoice.amount_due, "date": today(invoice.workspace)}
        super().__init__(*args, initial=start, auto_id="payment-%s", **kwargs)
        self.bank = bank_for(invoice.currency)
        if self.bank and self.bank.currency not in ("", invoice.currency):
            self.fields["bank_amount"].label = f"Came into {self.bank.name}"
        else:
            del self.fields["bank_amount"]
