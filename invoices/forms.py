"""What the invoice editor may send, and what it is told when that does not do."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from itertools import zip_longest
from typing import Any, NamedTuple
from uuid import UUID

from babel.numbers import is_currency
from django import forms
from django.db import models
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from catalogue.models import Service, TaxRate
from catalogue.queries import active_services, active_tax_rates
from core.forms import AmountField
from core.money import HUNDRED, ZERO
from customers.models import Customer
from customers.queries import active_customers
from invoices.enums import LineAmounts
from invoices.models import (
    Invoice,
    InvoiceLine,
    LineInput,
    LineTotals,
    Totals,
    compute_totals,
    number_problem,
)
from invoices.queries import upcoming_number
from invoices.services import InvoiceRefused, StaleInvoice
from workspaces.models import Workspace

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
    """One line. A line with nothing but its defaults is a blank row and is left out."""

    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
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
        if not cleaned.get("description") and "description" not in self.errors:
            self.add_error("description", "Describe what is invoiced.")
        return cleaned

    def line_input(self, known: frozenset[UUID] | None = None) -> LineInput:
        """The line, with what is missing or wrong read as its default. `known` names the ids that may be kept."""
        self.is_valid()
        cleaned = self.cleaned_data
        line = cleaned.get("id")
        quantity = cleaned.get("quantity")
        return LineInput(
            description=cleaned.get("description") or "",
            quantity=Decimal(1) if quantity is None else quantity,
            unit_amount=cleaned.get("unit_amount") or ZERO,
            tax_rate=cleaned.get("tax_rate"),
            discount_percent=cleaned.get("discount_percent") or ZERO,
            service=cleaned.get("service"),
            id=line if known is None or line in known else None,
        )


class BaseLineFormSet(forms.BaseFormSet):
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
    LineForm, formset=BaseLineFormSet, extra=0, max_num=MOST_LINES, validate_max=True
)


class CustomerSelect(forms.Select):
    """Options that carry what an invoice takes from its customer."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if customer := getattr(value, "instance", None):
            option["attrs"]["data-terms"] = customer.payment_terms_days
            option["attrs"]["data-currency"] = customer.currency
        return option


class IssuedInvoiceForm(forms.ModelForm):
    """What stays open once an invoice is issued."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

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

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        issued, due = cleaned.get("issue_date", self.instance.issue_date), cleaned.get("due_date")
        if issued and due and due < issued:
            self.add_error("due_date", "The due date is before the issue date.")
        return cleaned


class InvoiceForm(IssuedInvoiceForm):
    """The header of an invoice that is still open. What is left blank comes from the customer."""

    customer = forms.ModelChoiceField(
        queryset=None,  # rows of a workspace: known only when a form is made
        widget=CustomerSelect,
        empty_label="Choose a customer",
        error_messages={
            "required": "Choose a customer.",
            "invalid_choice": "This customer is archived or gone. Choose another.",
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
        widgets = {
            **IssuedInvoiceForm.Meta.widgets,
            "currency": forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = Customer.objects.filter(pk=self.instance.customer_id)  # it may be archived by now
        self.fields["customer"].queryset = active_customers() | kept
        for name in ("number", "due_date", "currency"):
            self.fields[name].required = False

    def clean_number(self) -> str:
        number = self.cleaned_data["number"].strip()
        if (number or not self.instance._state.adding) and (problem := number_problem(number)):
            raise forms.ValidationError(problem)
        return number

    def clean_currency(self) -> str:
        currency = self.cleaned_data["currency"].strip().upper()
        if currency and not is_currency(currency):
            raise forms.ValidationError("Write a currency as its three letters, like NZD.")
        return currency

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if customer := cleaned.get("customer"):
            cleaned["currency"] = cleaned.get("currency") or customer.currency
            issued, is_open = cleaned.get("issue_date"), cleaned.get("due_date") is None
            if issued and is_open and "due_date" not in self.errors:
                cleaned["due_date"] = _after(issued, customer.payment_terms_days)
        return cleaned


class Problem(NamedTuple):
    """One thing that is wrong: the id of the input it is about, its name, and a sentence."""

    target: str
    label: str
    message: str


class InvoiceEditor:
    """The editor of an invoice that is still open: its header and its lines.

    `data` is what was sent; `draft` is what was typed so far, shown again with `extra` more rows, unjudged.
    """

    def __init__(
        self,
        workspace: Workspace,
        invoice: Invoice | None = None,
        *,
        data: QueryDict | None = None,
        draft: QueryDict | None = None,
        customer: str = "",
        extra: int = 0,
    ) -> None:
        self.workspace, self.invoice = workspace, invoice
        self.existing = list(invoice.lines.all()) if invoice else []
        self.is_stale = False
        self.services = _with_used(active_services(), (line.service for line in self.existing))
        tax_rates = _with_used(active_tax_rates(), (line.tax_rate for line in self.existing))
        self._choices = {"tax_rates": tax_rates, "services": self.services}
        self.blank = _blank_row(tax_rates)
        initial = draft.dict() if draft is not None else self._initial(customer)
        rows = _typed_rows(draft) if draft is not None else [_row(line) for line in self.existing]
        # A form writes into its instance; the page goes on showing the invoice as it is saved.
        self.form = InvoiceForm(data, instance=copy.copy(invoice) if invoice else None, initial=initial)
        first = (rows or [self.blank]) + [self.blank] * extra
        self.lines = LineFormSet(data, prefix="lines", initial=first, form_kwargs=self._choices)
        self._typed = self.lines
        if data is None:
            self._typed = LineFormSet(draft, prefix="lines", form_kwargs=self._choices) if draft else None

    def _initial(self, customer: str) -> dict[str, Any]:
        if self.invoice:
            return {"revision": self.invoice.revision}
        return {"issue_date": timezone.localdate(), "customer": customer}

    @property
    def problems(self) -> list[Problem]:
        """Everything wrong on the page, in its order: the header, the lines one by one, the lines as a whole."""
        rows = enumerate(self.lines, start=1)
        lines = [problem for row, form in rows for problem in _problems(form, f"Line {row}, ")]
        whole = [Problem("", "", str(message)) for message in self.lines.non_form_errors()]
        return [*_problems(self.form), *lines, *whole]

    @cached_property
    def template_row(self) -> LineForm:
        """The row that the page copies for a new line."""
        return LineForm(prefix="lines-__prefix__", initial=self.blank, **self._choices)

    @cached_property
    def number_hint(self) -> str:
        return "" if self.invoice else upcoming_number(self.workspace)

    @cached_property
    def currency(self) -> str:
        """The currency of the amounts on the page."""
        typed = str(self.form["currency"].value() or "").strip().upper()
        return typed if is_currency(typed) else self.workspace.currency

    @cached_property
    def totals(self) -> Totals:
        """What the page comes to as it stands; what cannot be read counts as its default."""
        amounts = str(self.form["amounts"].value() or LineAmounts.EXCLUSIVE)
        if self._typed is None:
            return compute_totals([line.as_input() for line in self.existing], amounts)
        return compute_totals(self._typed.inputs(), amounts)

    @cached_property
    def rows(self) -> list[tuple[LineForm, LineTotals | None]]:
        """Each row with what it comes to; blank ones with nothing."""
        computed = iter(self.totals.lines)
        if self._typed is None:
            return [(form, next(computed, None)) for form in self.lines]
        filled = [next(computed) if form.has_changed() else None for form in self._typed]
        return list(zip_longest(self.lines, filled[: len(self.lines)]))

    def is_valid(self) -> bool:
        """Both are judged, so that everything wrong is said at once."""
        return all([self.form.is_valid(), self.lines.is_valid()])

    @property
    def has_errors(self) -> bool:
        return self.form.is_bound and not self.is_valid()

    def values(self, *, overwrite: bool = False) -> dict[str, Any]:
        """What the services take. With `overwrite` what others saved meanwhile is replaced."""
        values = dict(self.form.cleaned_data)
        revision = values.pop("revision")
        known = frozenset(line.pk for line in self.existing)
        values["lines"] = self.lines.inputs(known)
        if self.invoice and not overwrite:
            values["expected_revision"] = revision
        return values

    def refuse(self, error: InvoiceRefused) -> None:
        """Say what the service refused, beside the input it is about."""
        self.is_stale = isinstance(error, StaleInvoice)
        self.form.add_error(error.field or None, str(error))


def _problems(form: forms.BaseForm, prefix: str = "") -> Iterator[Problem]:
    for message in form.non_field_errors():
        yield Problem("", "", str(message))
    for field in form:
        label = f"{prefix}{field.label.lower() if prefix else field.label}"
        for message in field.errors:
            yield Problem(field.id_for_label, label, str(message))


def _with_used(active: QuerySet[Any], used: Iterable[Any]) -> list[Any]:
    """The rows that can be chosen, and those already in use though they are archived by now."""
    rows = list(active)
    return rows + sorted({row for row in used if row} - set(rows), key=str)


def _blank_row(tax_rates: list[TaxRate]) -> dict[str, Any]:
    default = next((rate.pk for rate in tax_rates if rate.is_default), "")
    return {"quantity": "1", "tax_rate": default}


def _row(line: InvoiceLine) -> dict[str, Any]:
    return {
        "id": line.pk,
        "service": line.service_id,
        "description": line.description,
        "quantity": _plain(line.quantity, places=0),
        "unit_amount": _plain(line.unit_amount, places=2),
        "discount_percent": _plain(line.discount_percent, places=0) if line.discount_percent else "",
        "tax_rate": line.tax_rate_id,
    }


def _plain(value: Decimal, *, places: int) -> str:
    """The number without idle zeros, with at least so many decimals."""
    whole, _, decimals = f"{value:f}".partition(".")
    kept = decimals.rstrip("0").ljust(places, "0")
    return f"{whole}.{kept}" if kept else whole


def _after(day: dt.date, days: int) -> dt.date:
    """The day so many days later, within the calendar."""
    return day + min(dt.timedelta(days=days), dt.date.max - day)


def _typed_rows(data: QueryDict) -> list[dict[str, Any]]:
    count = data.get("lines-TOTAL_FORMS", "0")
    fields = [*LineForm.base_fields, "service", "tax_rate"]
    rows = range(min(int(count[:9]), MOST_LINES) if count.isdecimal() else 0)
    return [{name: data.get(f"lines-{row}-{name}", "") for name in fields} for row in rows]
