"""What the living page of the design system shows: sample forms, rows and figures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator

from core.forms import ComboboxField

TERMS = [("", "Choose one"), ("net", "Net 14 days"), ("month", "End of the following month")]
LONG_NAME = "Waikato Regional Association of Independent Orchardists and Growers Incorporated"
CHANNELS = [("email", "By e-mail"), ("post", "By post"), ("none", "Not at all")]


@dataclass(frozen=True)
class Supplier:
    """Somebody to choose in the sample combobox."""

    pk: str
    name: str
    hint: str

    def __str__(self) -> str:
        return self.name


SUPPLIERS = [
    Supplier("1", "Kōwhai & Sons", "S-0001 · accounts@kowhai.example"),
    Supplier("2", "Kōwhai Timber", "S-0002"),
    Supplier("3", LONG_NAME, "S-0003 · accounts.payable.and.receivable@orchardists.example"),
]


def _supplier(pk: str) -> Supplier | None:
    return next((supplier for supplier in SUPPLIERS if supplier.pk == pk), None)


def _suppliers(text: str) -> list[Supplier]:
    return [supplier for supplier in SUPPLIERS if text.casefold() in supplier.name.casefold()]


class SampleForm(forms.Form):
    """One field of every kind that pages use."""

    name = forms.CharField(label="Name", max_length=40, help_text="As it should appear on the invoice.")
    reference = forms.CharField(label="Reference", required=False)
    email = forms.EmailField(label="E-mail", required=False)
    terms = forms.ChoiceField(label="Payment terms", choices=TERMS)
    date = forms.DateField(label="Issue date", widget=forms.DateInput(attrs={"type": "date"}))
    amount = forms.DecimalField(label="Amount", max_digits=10, decimal_places=2)
    discount = forms.DecimalField(label="Discount", required=False, max_value=100)
    notes = forms.CharField(label="Notes", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    channel = forms.ChoiceField(label="How to send it", choices=CHANNELS, widget=forms.RadioSelect)
    copies = forms.MultipleChoiceField(
        label="Copies for", choices=CHANNELS[:2], required=False, widget=forms.CheckboxSelectMultiple
    )
    paid = forms.BooleanField(label="Paid on the spot", required=False, help_text="Records the payment too.")
    supplier = ComboboxField(label="Supplier", get=_supplier, find=_suppliers)
    locked = forms.CharField(label="Number", disabled=True, required=False, initial="INV-0042")


class StrictSampleForm(SampleForm):
    """The same, with everything wrong, the form as a whole included."""

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("The due date is before the issue date.")


WRONG = {
    "name": "",
    "terms": "",
    "date": "",
    "amount": "12345678901",
    "discount": "140",
    "email": "no",
    "supplier-text": "kō",
}
FILLED = {
    "name": "Kōwhai & Sons",
    "terms": "net",
    "date": "2026-11-20",
    "amount": "1234.50",
    "channel": "email",
    "supplier": "1",
}
TONES = ["neutral", "info", "success", "warning", "danger", "progress"]


@dataclass(frozen=True)
class DiffRow:
    """A row of the sample difference."""

    label: str
    base: str
    ours: str
    theirs: str
    ours_changed: bool = False
    theirs_changed: bool = False


@dataclass(frozen=True)
class InvoiceRow:
    """A row of the sample table."""

    number: str
    name: str
    tone: str
    state: str
    total: Decimal


DIFF = [
    DiffRow("Due date", "20 Nov 2026", "27 Nov 2026", "20 Nov 2026", ours_changed=True),
    DiffRow("Reference", "PO 4411", "PO 4411", "PO 4411-B", theirs_changed=True),
    DiffRow("Line 1: Design", "10 × 150.00", "12 × 150.00", "10 × 165.00", True, True),
    DiffRow("Total", "NZ$1,725.00", "NZ$2,070.00", "NZ$1,897.50", True, True),
    DiffRow("Notes", "", "Thank you", "", ours_changed=True),
]
ROWS = [
    InvoiceRow("INV-0044", "Kōwhai & Sons", "success", "Synced", Decimal("1234.5")),
    InvoiceRow("INV-0043", "Harbour Studio", "progress", "Sending", Decimal("90")),
    InvoiceRow("INV-0042", LONG_NAME, "danger", "Needs attention", Decimal("1048576.1")),
    InvoiceRow("INV-0041", "Pip", "warning", "Out of sync", Decimal("-12")),
]


def panel(theme: str) -> dict[str, Any]:
    """Everything one theme's half of the page shows. Ids carry the theme: both halves are one document."""
    return {
        "theme": theme,
        "icons": _icon_names(),
        "tones": TONES,
        "blank": SampleForm(auto_id=f"{theme}-blank-%s"),
        "filled": SampleForm(FILLED, auto_id=f"{theme}-filled-%s"),
        "wrong": StrictSampleForm(WRONG, auto_id=f"{theme}-wrong-%s"),
        "rows": ROWS,
        "suppliers": SUPPLIERS,
        "diff": DIFF,
        "page": Paginator(range(312), 25).page(6),
        "first_page": Paginator(range(3), 25).page(1),
        "instant": datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        "date": date(2026, 11, 20),
        "progress": {"none": 0, "some": 133, "all": 412},
    }


def _icon_names() -> list[str]:
    sprite = settings.BASE_DIR / "static" / "icons" / "sprite.svg"
    return re.findall(r'<symbol id="([^"]+)"', sprite.read_text())
