"""What a search looks for, and how much of it. Every search of the product and of its administrators goes through here.

Each word is looked for in several columns, so the cost grows with words times columns times rows: both are bounded.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

MOST_WORDS = 8
LONGEST = 200
"""Characters. The search boxes' `maxlength` says the same."""

Row = TypeVar("Row", bound=Model)


def shorten(text: str) -> str:
    """What is looked for of this text: its first words, of which there are few, and few characters."""
    return " ".join(text[:LONGEST].split()[:MOST_WORDS])


def search_rows(rows: QuerySet[Row], text: str, *columns: str) -> QuerySet[Row]:
    """The rows that have each word of `text` in at least one of the columns, whatever the case of its letters.

    More words than `shorten` leaves are not looked for.
    """
    for word in shorten(text).split():
        rows = rows.filter(reduce(or_, (Q(**{f"{column}__icontains": word}) for column in columns)))
    return rows
