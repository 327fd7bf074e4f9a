"""The headers of invoices on their pages: what may be sent, and what is told when that does not do."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django import forms

from core.currencies import CurrencyField
from core.forms import ComboboxField
from core.record_forms import EditingForm
from core.refusals import Stale
from customers.queries import currencies_in_use, find_invoiceable, invoicing_facts, suggest_customers
from invoices.models import Invoice, NumberSequence
from invoices.queries import get_invoice
from invoices.services import update_invoice
from lines.forms import HeaderForm
from lines.models import number_problem
from workspaces.models import User
from workspaces.signals import usable_currencies

HIGHEST = 999_999_999
PREFIX_HINT = "Optional, up to 20 characters without a comma. Invoices that have a number keep it."
COUNTING = "Digits follow the prefix, four at least. A number that is taken when its turn comes is left out."
BETWEEN = f"Give a whole number from 1 to {HIGHEST:,}."


class IssuedInvoiceForm(EditingForm, forms.ModelForm):
    """What stays open once an invoice is issued."""

    class Meta:
        model = Invoice
        fields = ["reference", "due_date", "notes"]
        help_texts = {"notes": "Shown on the invoice."}
        widgets = {
            "issue_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "due_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "notes": forms.Textarea(attrs={"rows": 2}),
        }
        error_messages = {
            "issue_date": {"required": "Give the issue date.", "invalid": "Write a date like 2026-03-31."},
            "due_date": {"required": "Give the due date.", "invalid": "Write a date like 2026-03-31."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.compared = self._meta.fields
        if not self.instance._state.adding:
            self.begin(self.instance)

    def update(self, *, invoice: Invoice, by: User | None, approve: bool = False) -> Invoice | None:
        """The changed invoice, or None when the form has to be looked at again. Raises Refused."""
        change = partial(update_invoice, invoice=invoice, by=by, approve=approve)
        return self.keep(change, load=partial(get_invoice, invoice.pk), stale=Stale)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        issued, due = cleaned.get("issue_date", self.instance.issue_date), cleaned.get("due_date")
        if issued and due and due < issued:
            self.add_error("due_date", "The due date is before the issue date.")
        return cleaned


class InvoiceForm(HeaderForm, IssuedInvoiceForm):
    """The header of an invoice that is still open. What is left blank comes from the customer."""

    customer = ComboboxField(
        get=find_invoiceable,
        find=suggest_customers,
        facts=invoicing_facts,
        error_messages={
            "required": "Choose a customer.",
            "invalid_choice": "This customer is archived or gone. Choose another.",
            "ambiguous": "No customer is called exactly “%(text)s”. Choose the one you mean.",
            "unknown": "There is no customer “%(text)s”. Write another name, or add them first.",
        },
    )

    class Meta(IssuedInvoiceForm.Meta):
        fields = [
            "customer",
            "issue_date",
            "due_date",
            "number",
            "reference",
            "currency",
            "amounts",
            "notes",
        ]
        labels = {"amounts": "Amounts are", "number": "Invoice number"}

    currency = CurrencyField(blank="As the customer", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.customer_id:  # it may be archived by now
            self.fields["customer"].kept = [self.instance.customer]
        self.fields["currency"].prefer([self.instance.currency, *currencies_in_use()], usable_currencies())
        for name in ("number", "due_date"):
            self.fields[name].required = False
        if not self.instance._state.adding:
            del self.fields["once"]

    def update(self, *, invoice: Invoice, by: User | None, approve: bool = False) -> Invoice | None:
        change = partial(update_invoice, invoice=invoice, by=by, approve=approve)
        return self.keep_lines(change, record=invoice, load=partial(get_invoice, invoice.pk))

    def clean_number(self) -> str:
        number = self.cleaned_data["number"].strip()
        if (number or not self.instance._state.adding) and (problem := number_problem(number, "invoice")):
            raise forms.ValidationError(problem)
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if customer := cleaned.get("customer"):
            cleaned["currency"] = cleaned.get("currency") or customer.currency
            issued, is_open = cleaned.get("issue_date"), cleaned.get("due_date") is None
            if issued and is_open and "due_date" not in self.errors:
                cleaned["due_date"] = _after(issued, customer.payment_terms_days)
        return cleaned


def _after(day: dt.date, days: int) -> dt.date:
    """The day so many days later, within the calendar."""
    return day + min(dt.timedelta(days=days), dt.date.max - day)


class SequenceForm(forms.Form):
    """The prefix and the number that comes next."""

    prefix = forms.CharField(
        max_length=NumberSequence._meta.get_field("prefix").max_length,
        required=False,
        help_text=PREFIX_HINT,
        error_messages={"max_length": "A prefix has at most %(limit_value)d characters."},
    )
    next_number = forms.IntegerField(
        min_value=1,
        max_value=HIGHEST,
        help_text=COUNTING,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), BETWEEN),
    )

    def __init__(self, *args: Any, sequence: NumberSequence, **kwargs: Any) -> None:
        shown = {name: getattr(sequence, name) for name in ("prefix", "next_number")}
        super().__init__(*args, initial=shown, **kwargs)
