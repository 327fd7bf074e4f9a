"""Tables for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"
"""By which Excel knows UTF-8."""


def csv_response(rows: Iterable[Sequence[str]], *, name: str) -> StreamingHttpResponse:
    """A download of these rows as `name`.csv, each sent as soon as it is made."""
    response = StreamingHttpResponse(_lines_of(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def guard_cell(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula: what starts like one gets an apostrophe before it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _lines_of(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK
    for row in rows:
        yield writer.writerow([guard_cell(cell) for cell in row])
