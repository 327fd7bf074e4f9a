"""What the invoice editor may send, and what it is told when that does not do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.db import models

from catalogue.models import Service, TaxRate
from core.currencies import CurrencyField
from core.forms import AmountField, ComboboxField, SentFormSet
from core.money import HUNDRED, ZERO
from core.record_forms import EditingForm, OnceForm
from customers.queries import currencies_in_use, find_invoiceable, invoicing_facts, suggest_customers
from invoices.models import Invoice, number_problem
from invoices.queries import get_invoice
from invoices.refusals import StaleInvoice
from invoices.services import update_invoice
from invoices.totals import LineInput
from workspaces.models import User

MOST_LINES = 100
DISCOUNT_RANGE = "A discount is between 0 and 100."


class RowChoiceField(forms.TypedChoiceField):
    """A choice among rows that were read once for all lines, where ModelChoiceField would read them for each."""

    def __init__(self, rows: Iterable[models.Model], blank: str, **kwargs: Any) -> None:
        self.rows = {str(row.pk): row for row in rows}
        super().__init__(
            choices=[("", blank), *((pk, str(row)) for pk, row in self.rows.items())],
            coerce=self.rows.__getitem__,
            empty_value=None,
            required=False,
            error_messages={"invalid_choice": "This choice is no longer there. Pick another."},
            **kwargs,
        )


class LineForm(forms.Form):
    """One line. A line with nothing but its defaults is a blank row and is left out. `note` is said below it."""

    note = ""
    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    text_only = forms.BooleanField(required=False, widget=forms.HiddenInput)
    discount_amount = forms.DecimalField(
        max_digits=14, decimal_places=2, required=False, widget=forms.HiddenInput
    )
    description = forms.CharField(
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
        error_messages={"max_length": "A description has at most 4000 characters, as in Xero."},
    )
    quantity = AmountField(max_digits=13, decimal_places=4, required=False)
    unit_amount = AmountField(max_digits=14, decimal_places=4, required=False, label="Price")
    discount_percent = AmountField(
        max_digits=5,
        decimal_places=2,
        min_value=0,
        max_value=HUNDRED,
        required=False,
        label="Discount %",
        error_messages=dict.fromkeys(("min_value", "max_value", "max_whole_digits"), DISCOUNT_RANGE),
    )

    def __init__(self, *args: Any, tax_rates: list[TaxRate], services: list[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"] = RowChoiceField(services, "Fill in from a service")
        self.fields["tax_rate"] = RowChoiceField(tax_rates, "No tax")

    def has_changed(self) -> bool:
        return any(self.data.get(self.add_prefix(name)) for name in ("description", "unit_amount", "service"))

    def clean(self) -> dict[str, Any]:
        """Fill what was left open from the service, as the page's script does while one types."""
        cleaned = self.cleaned_data
        if service := cleaned.get("service"):
            cleaned["description"] = cleaned.get("description") or service.description or service.name
            if cleaned.get("unit_amount", "refused") is None:
                cleaned["unit_amount"] = service.unit_amount
        self._ask_for("description", "Describe what is invoiced.")
        if not cleaned.get("text_only"):
            self._ask_for("quantity", "Give the quantity.")
            self._ask_for("unit_amount", "Give the price; 0 if it is free.")
        return cleaned

    def _ask_for(self, name: str, question: str) -> None:
        """What was left blank is asked for, never guessed: the line may be issued in the next moment."""
        if name not in self.errors and self.cleaned_data.get(name) in (None, ""):
            self.add_error(name, question)

    def line_input(self, known: frozenset[UUID] | None = None) -> LineInput:
        """The line, with what is missing or wrong read as its default. `known` names the ids that may be kept."""
        self.is_valid()
        cleaned = self.cleaned_data
        line = cleaned.get("id")
        kept = line if known is None or line in known else None
        if cleaned.get("text_only"):
            return LineInput(cleaned.get("description") or "", None, None, id=kept)
        quantity, percent = cleaned.get("quantity"), cleaned.get("discount_percent") or ZERO
        return LineInput(
            description=cleaned.get("description") or "",
            quantity=Decimal(1) if quantity is None else quantity,
            unit_amount=cleaned.get("unit_amount") or ZERO,
            tax_rate=cleaned.get("tax_rate"),
            discount_percent=percent,
            discount_amount=None if percent else cleaned.get("discount_amount"),
            service=cleaned.get("service"),
            id=kept,
        )


class BaseLineFormSet(SentFormSet):
    default_error_messages = {
        "too_many_forms": f"An invoice holds at most {MOST_LINES} lines here. Put the rest on a second one."
    }

    def initial_form_count(self) -> int:
        """None of the rows sent is special: a line that is there already says so by its id."""
        return 0 if self.is_bound else super().initial_form_count()

    def clean(self) -> None:
        if not any(form.has_changed() for form in self.forms):
            raise forms.ValidationError("Add at least one line.", code="no_lines")

    def inputs(self, known: frozenset[UUID] | None = None) -> list[LineInput]:
        """The lines that are not blank, in the order of the page."""
        return [form.line_input(known) for form in self.forms if form.has_changed()]


LineFormSet = forms.formset_factory(
    LineForm,
    formset=BaseLineFormSet,
    extra=0,
    max_num=MOST_LINES,
    absolute_max=MOST_LINES,
    validate_max=True,
)


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
        """The changed invoice, or None when the form has to be looked at again. Raises InvoiceRefused."""
        change = partial(update_invoice, invoice=invoice, by=by, approve=approve)
        return self.keep(change, load=partial(get_invoice, invoice.pk), stale=StaleInvoice)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        issued, due = cleaned.get("issue_date", self.instance.issue_date), cleaned.get("due_date")
        if issued and due and due < issued:
            self.add_error("due_date", "The due date is before the issue date.")
        return cleaned


class InvoiceForm(OnceForm, IssuedInvoiceForm):
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
    lines: BaseLineFormSet | None = None
    """The lines on the same page, which are compared with the header."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.customer_id:  # it may be archived by now
            self.fields["customer"].kept = [self.instance.customer]
        self.fields["currency"].prefer([self.instance.currency, *currencies_in_use()])
        for name in ("number", "due_date"):
            self.fields[name].required = False
        if not self.instance._state.adding:
            del self.fields["once"]

    def values_of(self, record: Invoice) -> dict[str, Any]:
        return {**super().values_of(record), "lines": [line.as_input() for line in record.lines.all()]}

    def typed_values(self) -> dict[str, Any]:
        return {**super().typed_values(), "lines": self.lines.inputs() if self.lines else []}

    def update(self, *, invoice: Invoice, by: User | None, approve: bool = False) -> Invoice | None:
        def change(lines: list[LineInput] | None = None, **changes: Any) -> Invoice:
            known = frozenset(line.pk for line in invoice.lines.all())
            kept = (
                None if lines is None else self.lines.inputs(known)
            )  # a line taken out meanwhile comes back
            return update_invoice(invoice=invoice, by=by, approve=approve, lines=kept, **changes)

        return self.keep(change, load=partial(get_invoice, invoice.pk), stale=StaleInvoice)

    def shown(self, name: str, value: Any) -> str:
        return (
            "\n".join(line.told() for line in value or ()) if name == "lines" else super().shown(name, value)
        )

    def clean_number(self) -> str:
        number = self.cleaned_data["number"].strip()
        if (number or not self.instance._state.adding) and (problem := number_problem(number)):
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
