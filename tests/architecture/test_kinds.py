"""The engine, its questions and its pages ask documents and resources; they know no kind by name (ADR 19)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps

from accounting.enums import Kind
from accounting.port.documents import DOCUMENTS, UnknownKind, shape_of
from accounting.providers.xero.kinds.registry import CODECS, codec_of
from accounting.resources.registry import RESOURCES, get_resource
from config.env import ROOT

BLIND = (
    "accounting/sync",
    "accounting/queries",
    "accounting/views",
    "accounting/port/snapshots.py",
    "webhooks",
)
NAMED = re.compile(
    r'isinstance\([^)]*Doc|\bKind\.[A-Z]{3,}|"(invoice|payment|customer|credit_note|allocation|refund)"'
)
PAGE_OF_A_KIND = re.compile(r"['\"](invoices|credit|payments|customers|catalogue):[a-z_]+['\"]")


def _sources(place: str) -> list[Path]:
    found = [ROOT / place] if place.endswith(".py") else sorted((ROOT / place).rglob("*.py"))
    assert found, f"{place} has moved: say where it is now"
    return found


def _named_in(text: str) -> list[int]:
    """The lines on which a kind is named; a call may stand over several."""
    return [text.count("\n", 0, found.start()) + 1 for found in NAMED.finditer(text)]


def test_a_kind_that_is_named_is_seen() -> None:
    told = 'if x:\n    isinstance(\n        x, InvoiceDoc\n    )\n    Kind.PAYMENT\n    "customer"\n'
    assert _named_in(told) == [2, 5, 6]
    assert _named_in('Kind.values\nisinstance(x, str)\nwords = "a payment"\n') == []


def test_no_kind_is_named_where_all_are_alike() -> None:
    named = [
        f"{path.relative_to(ROOT)}:{line}"
        for place in BLIND
        for path in _sources(place)
        for line in _named_in(path.read_text())
    ]
    assert named == []


def test_pages_of_all_kinds_name_no_page_of_one() -> None:
    shared = sorted((ROOT / "templates/accounting").glob("*.html"))
    for place in ("accounting/views", "accounting/queries", "accounting/templatetags"):
        shared += _sources(place)
    assert [path.name for path in shared if PAGE_OF_A_KIND.search(path.read_text())] == []


def test_every_kind_has_its_three_rooms() -> None:
    assert set(DOCUMENTS) == set(RESOURCES) == set(CODECS) == set(Kind.values)
    assert all(shape_of(kind).kind == get_resource(kind).kind == codec_of(kind).kind for kind in Kind.values)


def test_every_kind_fits_into_the_columns_that_hold_it() -> None:
    columns = [
        field
        for model in apps.get_app_config("accounting").get_models()
        for field in model._meta.fields
        if field.name == "kind"
    ]
    assert len(columns) >= 8
    longest = max(len(kind) for kind in [*Kind.values, "credit_note", "overpayment", "bank_transfer"])
    assert [field.model.__name__ for field in columns if (field.max_length or 0) < longest] == []


@pytest.mark.parametrize("ask", [shape_of, get_resource, codec_of])
def test_unknown_kind_fails_loudly(ask: object) -> None:
    with pytest.raises(UnknownKind, match="ghost"):
        ask("ghost")  # type: ignore[operator]
