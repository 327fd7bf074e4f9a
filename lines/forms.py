"""What the editor of a document with lines may send, and what it is told when that does not do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django import forms
from django.db import models

from catalogue.models import Service, TaxRate
from core.forms import AmountField, SentFormSet
from core.money import HUNDRED, ZERO
from core.record_forms import EditingForm, OnceForm
from core.refusals import Stale
from core.words import with_article
from lines.models import Header
from lines.totals import LineInput

Saved = TypeVar("Saved", bound=Header)
MOST_LINES = 100
DISCOUNT_RANGE = "A discount is between 0 and 100."


class Words(NamedTuple):
    """How a type of document is called, as a noun, and what is done with what its lines name, as a participle."""

    noun: str
    done: str


class LineAccounts(NamedTuple):
    """The accounts in the lists of a page's lines, with their names; whether any can be chosen; and what the lines of
    each service start with."""

    choices: list[tuple[str, str]]
    is_offered: bool
    of_services: Mapping[UUID, str]


NO_ACCOUNTS = LineAccounts([], is_offered=False, of_services={})


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


class AccountField(forms.ChoiceField):
    """The account of a line, one of those offered. Where none is, what the lines have is kept, out of sight."""

    def __init__(self, accounts: list[tuple[str, str]], *, is_offered: bool, **kwargs: Any) -> None:
        super().__init__(
            choices=[("", "Usual account"), *accounts],
            required=False,
            error_messages={"invalid_choice": "This account can no longer be chosen. Pick another."},
            **kwargs,
        )
        if not is_offered:
            self.widget = forms.HiddenInput()


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

    def __init__(
        self,
        *args: Any,
        words: Words,
        tax_rates: list[TaxRate],
        services: list[Service],
        accounts: LineAccounts = NO_ACCOUNTS,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.words, self._accounts = words, accounts
        self.fields["service"] = RowChoiceField(services, "Fill in from a service")
        self.fields["tax_rate"] = RowChoiceField(tax_rates, "No tax")
        self.fields["account"] = AccountField(
            accounts.choices, is_offered=accounts.is_offered, label="Account"
        )

    def keep_account(self) -> None:
        """The line has an account: it is given another one, never none."""
        self.fields["account"].choices = [choice for choice in self.fields["account"].choices if choice[0]]

    def has_changed(self) -> bool:
        return any(self.data.get(self.add_prefix(name)) for name in ("description", "unit_amount", "service"))

    def clean(self) -> dict[str, Any]:
        """Fill what was left open from the service, as the page's script does while one types."""
        cleaned = self.cleaned_data
        if service := cleaned.get("service"):
            cleaned["description"] = cleaned.get("description") or service.description or service.name
            if cleaned.get("unit_amount", "refused") is None:
                cleaned["unit_amount"] = service.unit_amount
            if not cleaned.get("id"):  # a line that is there says by its blank that it has the usual one
                cleaned["account"] = cleaned.get("account") or self._accounts.of_services.get(service.pk, "")
        self._ask_for("description", f"Describe what is {self.words.done}.")
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
            account=cleaned.get("account") or "",
            id=kept,
        )


class BaseLineFormSet(SentFormSet):
    """The lines of a document. `words` and the choices of its rows go to every LineForm."""

    def __init__(self, *args: Any, words: Words, choices: dict[str, list[Any]], **kwargs: Any) -> None:
        holder = with_article(words.noun).capitalize()
        told = f"{holder} holds at most {MOST_LINES} lines here. Put the rest on a second one."
        kwargs |= {"error_messages": {"too_many_forms": told}, "form_kwargs": {"words": words, **choices}}
        super().__init__(*args, **kwargs)

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


class HeaderForm(OnceForm, EditingForm):
    """The header of a document that is still open: mixed into its ModelForm. The lines on the same page are compared
    with it."""

    lines: BaseLineFormSet | None = None

    def values_of(self, record: Any) -> dict[str, Any]:
        return {**super().values_of(record), "lines": [line.as_input() for line in record.lines.all()]}

    def typed_values(self) -> dict[str, Any]:
        return {**super().typed_values(), "lines": self.lines.inputs() if self.lines else []}

    def shown(self, name: str, value: Any) -> str:
        if name == "lines":
            return "\n".join(line.told() for line in value or ())
        return super().shown(name, value)

    def keep_lines(
        self, write: Callable[..., Saved], *, record: Saved, load: Callable[[], Saved]
    ) -> Saved | None:
        """Like `keep`, for a service that takes `lines` as well; what it raises for another revision is Stale."""

        def change(lines: list[LineInput] | None = None, **changes: Any) -> Saved:
            known = frozenset(line.pk for line in record.lines.all())
            # a line taken out meanwhile comes back
            kept = None if lines is None or self.lines is None else self.lines.inputs(known)
            return write(lines=kept, **changes)

        return self.keep(change, load=load, stale=Stale)
