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


class UnreadableFile(ValueError):
    """Not a table that can be read. The message says why, in a sentence for people."""


def read_csv(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of an uploaded file that begins with a header, each with its line and its cells by their headings as
    they were before `guard_cell`. Raises UnreadableFile."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile("Save it as CSV in UTF-8, then choose it again.") from None
    first = text.partition("\n")[0]
    reader = csv.DictReader(
        text.splitlines(keepends=True), delimiter=";" if ";" in first else ",", restval=""
    )
    try:
        for row in reader:
            yield (
                reader.line_num,
                {name: unguard_cell(cell) for name, cell in row.items() if name is not None},
            )
    except csv.Error:
        raise UnreadableFile("This is no CSV file.") from None


def unguard_cell(text: str) -> str:
    """What the cell said before `guard_cell`, without blanks around it."""
    bare = text.strip()
    return bare[1:] if bare[:1] == "'" and bare[1:].startswith(FORMULA_STARTS) else bare
