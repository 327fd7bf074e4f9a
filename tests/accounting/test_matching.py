"""Names that are one company's, and names that only look like it."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from accounting.enums import Mark, Verdict
from accounting.models import Connection, Decision, DryRun
from accounting.sync.matching import Index, Known, key_of, suggest
from core.names import core, names_agree
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.dry_running import bookkeeper, compared
from tests.factories.customers import make_customer

__all__ = ["bookkeeper", "compared"]
"""Fixtures."""

FIRST = [
    "Kowhai",
    "Rata",
    "Rimu",
    "Totara",
    "Matai",
    "Kauri",
    "Manuka",
    "Tawa",
    "Miro",
    "Ngaio",
    "Karaka",
    "Titoki",
]
SECOND = [
    "North",
    "South",
    "East",
    "West",
    "Harbour",
    "Valley",
    "River",
    "Coast",
    "Hill",
    "Park",
    "Bay",
    "Lake",
]
TRADE = ["Plumbing", "Cafe", "Builders", "Roofing", "Bakery", "Motors", "Dental", "Design", "Legal", "Garden"]


def _book_of_names(count: int, seed: int) -> list[str]:
    roll = random.Random(seed)
    names: set[str] = set()
    while len(names) < count:
        odd = "".join(roll.choice("bdfgklmnprstvz") + roll.choice("aeiou") for _ in range(3)).capitalize()
        names.add(f"{odd} {roll.choice(FIRST + SECOND)} {roll.choice(TRADE)}")
    return sorted(names)


@pytest.mark.parametrize(
    ("left", "right"),
    [("Rimu Ltd", "RIMU Limited"), ("Café Rata", "cafe rata"), ("Kowhai & Co.", "Kowhai and Company")],
)
def test_legal_form_case_and_accents_make_no_difference(left: str, right: str) -> None:
    assert core(left) == core(right)


@pytest.mark.parametrize(
    ("left", "right", "agree"),
    [
        ("Rimu Roasters Ltd", "Rimu Roasters", True),
        ("Rimu Roasters", "Rimu Roasters Wellington", True),
        ("Rimu Roasters", "Rata Roasters", False),
        ("Ltd", "Inc", False),
        ("", "Rimu", False),
    ],
)
def test_names_agree_where_one_is_within_the_other(left: str, right: str, agree: bool) -> None:
    assert names_agree(left, right) is agree


def test_mark_that_is_empty_finds_nobody() -> None:
    index = Index([Known(1, ((Mark.EMAIL, ""), (Mark.TAX_NUMBER, "--")))])
    assert index.hits([(Mark.EMAIL, ""), (Mark.TAX_NUMBER, " - ")]) == {}


def test_surest_mark_is_told() -> None:
    index = Index([Known(1, ((Mark.REFERENCE, "C-1"), (Mark.NAME, "Rimu")))])
    assert index.hits([(Mark.REFERENCE, "c-1"), (Mark.NAME, "RIMU Ltd")]) == {0: Mark.REFERENCE}


def test_tax_numbers_are_compared_by_their_digits() -> None:
    assert key_of(Mark.TAX_NUMBER, "49-091-850") == key_of(Mark.TAX_NUMBER, "49 091 850")


def _as_others_write_it(name: str, roll: random.Random) -> str:
    """Other trade word, shortened, or with a place behind it: what people type for one and the same."""
    first, second, trade = name.split()
    return roll.choice(
        [
            f"{first} {trade}",
            f"{first} {second} {trade} Services",
            f"{first} {second}",
            f"{second} {first} {trade}",
        ]
    )


@pytest.mark.parametrize("seed", range(5))
def test_of_300_names_with_30_true_pairs_25_are_suggested_and_few_others(seed: int) -> None:
    roll = random.Random(seed)
    names = _book_of_names(570, seed)
    roll.shuffle(names)
    ours, others = names[:300], names[300:]
    theirs = {str(n): name for n, name in enumerate(others)}
    theirs |= {f"true-{n}": _as_others_write_it(ours[n], roll) for n in range(30)}

    found = suggest(dict(enumerate(ours)), theirs)

    right = [n for n in range(30) if found.get(n) == f"true-{n}"]
    wrong = {place: theirs[pk] for place, pk in found.items() if pk != f"true-{place}"}
    assert len(right) >= 25
    assert len(wrong) <= 5


@pytest.mark.long
def test_of_300_names_none_is_linked_wrongly_without_a_person(
    connected: Connection, bookkeeper: Bookkeeper, compared: Callable[[], DryRun]
) -> None:
    roll = random.Random(7)
    names = _book_of_names(570, 7)
    roll.shuffle(names)
    ours, others = names[:300], names[300:]
    twins = {ours[n]: _as_others_write_it(ours[n], roll) for n in range(30)}
    contacts = [{"Name": name} for name in [*others, *twins.values()]]
    bookkeeper._send("PUT", "/Contacts", {"Contacts": contacts})
    for name in ours:
        make_customer(connected.workspace, name=name)

    compared()

    linked = Decision.objects.filter(verdict=Verdict.LINK).values_list("name", "there_told")
    assert [pair for pair in linked if twins.get(pair[0]) != pair[1]] == []
    assert not Decision.objects.filter(verdict=Verdict.LINK, why=Mark.ALIKE).exists()
    suggested = Decision.objects.filter(verdict__in=(Verdict.LINK, Verdict.ASK)).values_list(
        "name", "there_told"
    )
    assert len([pair for pair in suggested if twins.get(pair[0]) == pair[1]]) >= 25
