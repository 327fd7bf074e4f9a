"""What people read says which document it is about, whatever that is called."""

from __future__ import annotations

import pytest

from lines.forms import MOST_LINES, LineFormSet, Words
from lines.models import NUMBER_LENGTH, number_problem

NOTE = Words("credit note", "credited")
CHOICES = {"services": [], "tax_rates": []}


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("", "Give the credit note a number."),
        ("CN-1,2", "A credit note number cannot contain a comma."),
        ("CN\t1", "A credit note number has printable characters only."),
        ("CN-1\u200b", "A credit note number has printable characters only."),
        ("9" * (NUMBER_LENGTH + 1), "A credit note number has at most 255 characters."),
        ("9" * NUMBER_LENGTH, ""),
    ],
)
def test_number_problem_names_the_document(number: str, told: str) -> None:
    assert number_problem(number, "credit note") == told


def test_number_problem_has_the_right_article() -> None:
    assert number_problem("1,2", "invoice") == "An invoice number cannot contain a comma."


def _sent(rows: int, **line: str) -> LineFormSet:
    data = {"lines-TOTAL_FORMS": str(rows), "lines-INITIAL_FORMS": "0"}
    for row in range(rows):
        data |= {f"lines-{row}-{name}": value for name, value in line.items()}
    return LineFormSet(data, prefix="lines", words=NOTE, choices=CHOICES)


def test_too_many_lines_are_told_of_the_document() -> None:
    lines = _sent(MOST_LINES + 1, description="Design", quantity="1", unit_amount="1")

    assert lines.non_form_errors() == [
        "A credit note holds at most 100 lines here. Put the rest on a second one."
    ]


def test_line_without_a_description_is_asked_for_in_the_words_of_the_document() -> None:
    assert _sent(1, quantity="1", unit_amount="1").errors == [{"description": ["Describe what is credited."]}]
