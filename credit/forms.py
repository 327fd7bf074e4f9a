"""The forms of credit: the header of a note, what of it is applied where, what is paid back, and what a list shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from core.currencies import CurrencyField
from core.forms import AmountField, ComboboxField, day_field, search_field
from core.money import CENT, ZERO
from core.record_forms import OnceForm
from core.search import shorten
from credit.models import CreditNote, Refund
from credit.queries import Asked, Stage, get_credit_note
from credit.services.notes import update_credit_note
from customers.models import Customer
from customers.queries import currencies_in_use, find_invoiceable, invoicing_facts, suggest_customers
from invoices.models import Invoice
from lines.forms import HeaderForm
from lines.models import Line, number_problem
from workspaces.models import User
from workspaces.signals import usable_currencies

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
DAY_WORDS = {"required": "Give the date.", "invalid": "Write a date like 2026-03-31."}


class CreditNoteForm(HeaderForm, forms.ModelForm):
    """The header of a credit note that is still open. What is left blank comes from the customer."""

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
    currency = CurrencyField(blank="As the customer", required=False)

    class Meta:
        model = CreditNote
        fields = ["customer", "issue_date", "number", "reference", "currency", "amounts", "notes"]
        labels = {"amounts": "Amounts are", "number": "Credit note number"}
        help_texts = {"notes": "Shown on the credit note."}
        widgets = {"issue_date": DAY, "notes": forms.Textarea(attrs={"rows": 2})}
        error_messages = {"issue_date": DAY_WORDS}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.compared = self._meta.fields
        if self.instance.customer_id:  # it may be archived by now
            self.fields["customer"].kept = [self.instance.customer]
        self.fields["currency"].prefer([self.instance.currency, *currencies_in_use()], usable_currencies())
        self.fields["number"].required = False
        if not self.instance._state.adding:
            del self.fields["once"]
            self.begin(self.instance)

    def update(self, *, credit_note: CreditNote, by: User | None, approve: bool = False) -> CreditNote | None:
        """The changed note, or None when the form has to be looked at again. Raises Refused."""
        change = partial(update_credit_note, credit_note=credit_note, by=by, approve=approve)
        return self.keep_lines(change, record=credit_note, load=partial(get_credit_note, credit_note.pk))

    def clean_number(self) -> str:
        number = self.cleaned_data["number"].strip()
        if (number or not self.instance._state.adding) and (problem := number_problem(number, "credit note")):
            raise forms.ValidationError(problem)
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if customer := cleaned.get("customer"):
            cleaned["currency"] = cleaned.get("currency") or customer.currency
        return cleaned


class AmountsForm(OnceForm):
    """An amount for each of several documents. `rows` are these, each with the most that it can take; together they
    are offered `room`, the first ones first."""

    date = forms.DateField(label="Applied on", widget=DAY, error_messages=DAY_WORDS)

    def __init__(
        self, data: QueryDict | None, *, rows: Sequence[tuple[Any, Decimal]], room: Decimal, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.rows = [row for row, _ in rows]
        self._names: dict[str, UUID] = {}
        for row, most in rows:
            suggested = min(most, room)
            room -= suggested
            self._add(row, most, suggested)

    def _add(self, row: Any, most: Decimal, suggested: Decimal) -> None:
        name = f"amount-{row.pk}"
        self._names[name] = row.pk
        self.fields[name] = AmountField(
            label=f"Amount for {row}",
            max_digits=14,
            decimal_places=2,
            min_value=ZERO,
            max_value=most,
            required=False,
            initial=suggested or "",
            error_messages={
                "min_value": "Write an amount above zero, or nothing.",
                "max_value": f"At most {most:,.2f}.",
            },
        )

    @property
    def offered(self) -> Iterable[tuple[Any, forms.BoundField]]:
        """Each document with its field."""
        return [(row, self[f"amount-{row.pk}"]) for row in self.rows]

    @property
    def amounts(self) -> Mapping[UUID, Decimal]:
        """What was typed, by the ids of the documents."""
        typed = {pk: self.cleaned_data.get(name) for name, pk in self._names.items()}
        return {pk: amount for pk, amount in typed.items() if amount}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.amounts:
            raise forms.ValidationError("Write an amount for at least one of them.")
        return cleaned


class RefundForm(OnceForm, forms.ModelForm):
    """Credit that is paid back. It starts with all that is left."""

    amount = AmountField(
        max_digits=14,
        decimal_places=2,
        min_value=CENT,
        error_messages={
            "required": "Write how much was paid back.",
            "min_value": "A refund must be more than zero.",
        },
    )

    class Meta:
        model = Refund
        fields = ["amount", "date", "reference"]
        labels = {"date": "Paid back on"}
        widgets = {"date": DAY}
        error_messages = {"date": DAY_WORDS}


class QuantitiesForm(OnceForm):
    """How much of each line of an invoice is credited. It starts with all of it."""

    issue_date = forms.DateField(label="Issue date", widget=DAY, error_messages=DAY_WORDS)

    def __init__(self, data: QueryDict | None, *, invoice: Invoice, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.lines: list[Line] = [line for line in invoice.lines.all() if not line.is_text]
        for line in self.lines:
            self.fields[f"quantity-{line.pk}"] = _quantity_field(line)

    @property
    def offered(self) -> Iterable[tuple[Line, forms.BoundField]]:
        """Each line with its field."""
        return [(line, self[f"quantity-{line.pk}"]) for line in self.lines]

    @property
    def quantities(self) -> Mapping[UUID, Decimal]:
        """What was typed, by the ids of the lines."""
        return {line.pk: self.cleaned_data.get(f"quantity-{line.pk}") or ZERO for line in self.lines}


def _quantity_field(line: Line) -> AmountField:
    assert line.quantity is not None
    return AmountField(
        label=f"Quantity of {line.description[:40]}",
        max_digits=13,
        decimal_places=4,
        min_value=ZERO,
        max_value=line.quantity,
        required=False,
        initial=f"{line.quantity.normalize():f}",
        error_messages={
            "min_value": "Write a quantity above zero, or nothing.",
            "max_value": f"Only {line.quantity.normalize():f} was invoiced.",
        },
    )


class CreditNotesForm(forms.Form):
    """What the list of credit notes is narrowed by, as the address says it."""

    q = search_field("Number, reference or customer")
    since = day_field("From")
    until = day_field("To")

    def __init__(self, query: QueryDict, *, customer: Customer | None) -> None:
        super().__init__(query)
        self.customer = customer
        self.stage = query.get("stage", "") if query.get("stage") in Stage.values else ""

    @property
    def asked(self) -> Asked:
        """What is asked for; days that cannot be read narrow nothing, and their fields say why."""
        self.is_valid()
        told = getattr(self, "cleaned_data", {})
        days = {name: told.get(name) for name in ("since", "until")}
        return Asked(stage=self.stage, search=shorten(told.get("q", "")), customer=self.customer, **days)

    @property
    def is_narrowed(self) -> bool:
        """Whether it shows less than there is, besides what the tabs choose."""
        return bool(self.customer or any(self.data.get(name) for name in self.fields))
