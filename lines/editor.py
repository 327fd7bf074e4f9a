"""The editor of a document that is still open: the page's forms as one."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from itertools import zip_longest
from typing import Any, ClassVar, NamedTuple

from babel.numbers import is_currency
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from catalogue.models import Service, TaxRate
from catalogue.queries import active_services, active_tax_rates
from core.forms import rows_sent
from core.refusals import Refused
from core.templatetags.display import money
from core.tickets import SentBefore
from lines.enums import LineAmounts
from lines.forms import MOST_LINES, BaseLineFormSet, HeaderForm, LineAccounts, LineForm, LineFormSet, Words
from lines.models import Header, Line
from lines.plan import keep_amounts
from lines.queries import lines_of
from lines.refusals import ApprovalRefused
from lines.signals import Cure, Objection, offered_accounts
from lines.totals import LineInput, LineTotals, Totals, compute_totals
from workspaces.models import User, Workspace

FIGURES = ("quantity", "unit_amount", "discount_percent")


class Problem(NamedTuple):
    """One thing that is wrong: the id of the input it is about, its name, a sentence, and where else it is cured."""

    target: str
    label: str
    message: str
    cure: Cure | None = None


class Editor:
    """The editor of a document that is still open: its header and its lines. Subclasses say how the document is called,
    which form its header has (a HeaderForm that is a ModelForm), whether its lines may have discounts, and how it is
    written.

    `data` is what was sent; `draft` is what was typed so far, shown again with `extra` more rows, unjudged; a new
    document's page begins with `initial`.
    """

    words: ClassVar[Words]
    takes_discounts: ClassVar[bool] = True
    header_form: ClassVar[type[HeaderForm]]

    def __init__(
        self,
        workspace: Workspace,
        header: Header | None = None,
        *,
        data: QueryDict | None = None,
        draft: QueryDict | None = None,
        initial: dict[str, Any] | None = None,
        extra: int = 0,
    ) -> None:
        self.workspace, self.header = workspace, header
        self._cures: dict[str, Cure | None] = {}
        self.existing: list[Line] = list(header.lines.all()) if header else []
        self.services = _with_used(active_services(), (line.service for line in self.existing))
        tax_rates = _with_used(active_tax_rates(), (line.tax_rate for line in self.existing))
        self.accounts = _accounts_with_used(self.header_form._meta.model, self.existing)
        self._choices = {"tax_rates": tax_rates, "services": self.services, "accounts": self.accounts}
        self.blank = _blank_row(tax_rates)
        if draft is not None:
            initial, rows = _typed_header(self.header_form, draft), _typed_rows(draft)
        else:
            rows = [_row(line) for line in self.existing]
        # A form writes into its instance; the page goes on showing the document as it is saved.
        self.form = self.header_form(data, instance=copy.copy(header) if header else None, initial=initial)
        self.lines = self._rows(data, initial=(rows or [self.blank]) + [self.blank] * extra)
        self.form.lines = self._typed = self.lines
        if data is None:
            self._typed = self._rows(draft) if draft else None

    def create(self, *, lines: list[LineInput], by: User, approve: bool) -> Header:
        """The new document that the form describes. Raises Refused and SentBefore."""
        raise NotImplementedError

    def update(self, *, by: User, approve: bool) -> Header | None:
        """The document with what was changed, or None when the form has to be looked at again. Raises Refused."""
        raise NotImplementedError

    def _rows(self, data: QueryDict | None, **kwargs: Any) -> BaseLineFormSet:
        return LineFormSet(data, prefix="lines", words=self.words, choices=self._choices, **kwargs)

    @property
    def problems(self) -> list[Problem]:
        """Everything wrong on the page, in its order: the header, the lines one by one, the lines as a whole."""
        rows = enumerate(self.lines, start=1)
        lines = [problem for row, form in rows for problem in _problems(form, f"Line {row}, ")]
        whole = [Problem("", "", str(message)) for message in self.lines.non_form_errors()]
        return [
            each._replace(cure=self._cures.get(each.message))
            for each in (*_problems(self.form), *lines, *whole)
        ]

    @cached_property
    def template_row(self) -> LineForm:
        """The row that the page copies for a new line."""
        return LineForm(prefix="lines-__prefix__", initial=self.blank, words=self.words, **self._choices)

    @property
    def services_filling(self) -> list[tuple[Service, str]]:
        """The services with the account that a line starts with: what choosing one fills in."""
        return [(service, self.accounts.of_services.get(service.pk, "")) for service in self.services]

    @cached_property
    def currency(self) -> str:
        """The currency of the amounts on the page."""
        typed = str(self.form["currency"].value() or "").strip().upper()
        return typed if is_currency(typed) else self.workspace.currency

    @cached_property
    def totals(self) -> Totals:
        """What the page comes to as it stands; what cannot be read counts as its default."""
        amounts = self.amounts
        if self._typed is None:
            return compute_totals(self._kept([line.as_input() for line in self.existing], amounts), amounts)
        return compute_totals(self._kept(self._typed.inputs(), amounts), amounts)

    @property
    def amounts(self) -> str:
        """Whether the amounts on the page have tax in them."""
        return str(self.form["amounts"].value() or LineAmounts.EXCLUSIVE)

    @property
    def unreadable(self) -> list[tuple[str, str]]:
        """The numbers of the lines that cannot be read: the name of the input, and why. The totals then say nothing."""
        typed = [form for form in self._typed or () if form.has_changed()]
        fields = [form[name] for form in typed for name in FIGURES if form.data.get(form.add_prefix(name))]
        return [(field.html_name, str(message)) for field in fields for message in field.errors]

    def _kept(self, lines: list[LineInput], amounts: str) -> list[LineInput]:
        """The lines as a save would keep their amounts."""
        keeps = self.header is not None and amounts == self.header.amounts
        return keep_amounts(lines, self.existing) if keeps else lines

    @cached_property
    def _notes(self) -> dict[str, str]:
        """What an edit does to the lines that Xero has computed in another way than Tandem would, by line."""
        told = "Xero's tax on this line is {}. A new quantity, price, discount or tax rate has it computed again."
        return {
            str(line.pk): told.format(money(line.tax_amount))
            for line in self.existing
            if self.header and line.is_computed_elsewhere(self.header.amounts)
        }

    @cached_property
    def rows(self) -> list[tuple[LineForm, LineTotals | None]]:
        """Each row with what it comes to; blank ones with nothing."""
        booked = {str(line.pk) for line in self.existing if line.account}
        for form in self.lines:
            form.note = self._notes.get(str(form["id"].value()), "")
            if str(form["id"].value()) in booked:
                form.keep_account()
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

    def save(self, *, by: User, approve: bool) -> Header | None:
        """The document as it is written, or None when something is to be put right or looked at; then the page says
        what."""
        try:
            if self.header is None:
                return self.create(lines=self.lines.inputs(frozenset()), by=by, approve=approve)
            saved = self.update(by=by, approve=approve)
        except SentBefore as refused:
            return self.form.refuse_again(refused)
        except Refused as refused:
            return self._refuse(refused)
        if "lines" in self.form.moved_on:
            self._take_saved_lines(lines_of(self.header))
        return saved

    def _take_saved_lines(self, saved: Iterable[Line]) -> None:
        """Others changed the lines and nobody here did: the page goes on with theirs."""
        rows = [_row(line) for line in saved]
        data = self.form.data
        for row, values in enumerate(rows):
            for name, value in values.items():
                data[f"lines-{row}-{name}"] = "" if value is None else str(value)
        data["lines-TOTAL_FORMS"] = str(len(rows))
        self.lines = self._typed = self._rows(data)

    def _refuse(self, error: Refused) -> None:
        """Say what the service refused, beside the input it is about."""
        if isinstance(error, ApprovalRefused):
            for objection in error.objections:
                self._object(objection)
        else:
            self.form.add_error(error.field or None, str(error))

    def _object(self, objection: Objection) -> None:
        """Say it by its field; in words, where the page has no such field."""
        filled = [form for form in self.lines if form.has_changed()]
        form = filled[objection.line - 1] if 0 < objection.line <= len(filled) else self.form
        self._cures[objection.message] = objection.cure
        known = objection.field in form.fields
        form.add_error(objection.field if known else None, objection.message)


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


def _accounts_with_used(model: type[Header], lines: Iterable[Line]) -> LineAccounts:
    """The accounts that can be chosen, and those that the lines have already; one without a name is of no list."""
    listed = offered_accounts(model)
    used = {line.account for line in lines if line.account} - set(listed.offered)
    ids = [*listed.offered, *sorted(used)]
    choices = [(pk, listed.names.get(pk, "An account that is gone")) for pk in ids]
    return LineAccounts(choices, bool(listed.offered), listed.of_services)


def _blank_row(tax_rates: list[TaxRate]) -> dict[str, Any]:
    default = next((rate.pk for rate in tax_rates if rate.is_default), "")
    return {"quantity": "1", "tax_rate": default}


def _row(line: Line) -> dict[str, Any]:
    return {
        "id": line.pk,
        "service": line.service_id,
        "text_only": line.is_text or None,  # hidden, False would come back as the text "False", which is true
        "description": line.description,
        "quantity": _plain(line.quantity, places=0),
        "unit_amount": _plain(line.unit_amount, places=2),
        "discount_amount": _plain(line.discount_amount, places=2),
        "discount_percent": _plain(line.discount_percent, places=0) if line.discount_percent else "",
        "tax_rate": line.tax_rate_id,
        "account": line.account,
    }


def _plain(value: Decimal | None, *, places: int) -> str:
    """The number without idle zeros, with at least so many decimals; empty for none."""
    if value is None:
        return ""
    whole, _, decimals = f"{value:f}".partition(".")
    kept = decimals.rstrip("0").ljust(places, "0")
    return f"{whole}.{kept}" if kept else whole


def _typed_header(form: type[HeaderForm], data: QueryDict) -> dict[str, Any]:
    widgets = {name: field.widget for name, field in form.base_fields.items()}
    return {
        name: widget.value_from_datadict(data, {}, name)
        for name, widget in widgets.items()
        if not widget.value_omitted_from_data(data, {}, name)
    }


def _typed_rows(data: QueryDict) -> list[dict[str, Any]]:
    fields = [*LineForm.base_fields, "service", "tax_rate", "account"]
    rows = range(rows_sent(data, "lines", most=MOST_LINES))
    return [{name: data.get(f"lines-{row}-{name}", "") for name in fields} for row in rows]
