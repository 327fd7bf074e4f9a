"""Tables for spreadsheets: what a file holds, and that no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from core.spreadsheets import csv_response, guard_cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cell_that_starts_like_a_formula_is_text(start: str) -> None:
    assert guard_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "Total", "a=b", "3-1", " =1", "'=1", "mail@example.com"])
def test_other_cell_stays_as_it_is(text: str) -> None:
    assert guard_cell(text) == text


def test_file_is_named_and_known_as_utf_8() -> None:
    response = csv_response([["Ünit"]], name="things")

    assert response["Content-Disposition"] == 'attachment; filename="things.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.getvalue() == b"\xef\xbb\xbf\xc3\x9cnit\r\n"


def test_every_cell_of_a_file_is_guarded_and_read_back_whole() -> None:
    rows = [["=HYPERLINK(1)", 'a "b", c'], ["two\nlines", "@SUM"]]
    text = csv_response(rows, name="x").getvalue().decode("utf-8-sig")

    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["'=HYPERLINK(1)", 'a "b", c'], ["two\nlines", "'@SUM"]]


def test_rows_are_made_only_as_they_are_sent() -> None:
    made = []

    def rows() -> Iterator[list[str]]:
        for number in range(3):
            made.append(number)
            yield [str(number)]

    sent = iter(csv_response(rows(), name="x"))
    assert (next(sent), made) == (b"\xef\xbb\xbf", [])
    assert (next(sent), made) == (b"0\r\n", [0])
