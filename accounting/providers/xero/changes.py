"""Walking through what changed, oldest change first, page by page, losing nothing on the way. Pure.

Pages by number alone would lose records: one that is changed during the walk moves from its page to the end, all behind
it move up by one, and the first of the next page is now the last of one that was read. So each page is a first page: it
asks for what changed since the end of the page before. Xero counts whole seconds there, so it asks for two more; what
changed in those comes again, and is known.

Only where a whole page changed within these seconds there is a second page of them, and a third. Page n is n-1 records
shorter than the first, so that it overlaps the one before by as many: as long as that one's last record shows up in
it, nothing has moved up between the two. When it does not, they are read again from their first page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

BORDER = dt.timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on reading: what changed since an instant (None: everything), and the page of it. `last` is the id
    that the page before ended with."""

    since: dt.datetime | None
    page: int = 1
    last: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The place that was written as this text; an instant alone is its first page, and nothing is everything."""
        since, _, rest = text.partition("|")
        page, _, last = rest.partition("|")
        return cls(dt.datetime.fromisoformat(since) if since else None, int(page or 1), last)

    def __str__(self) -> str:
        since = self.since.isoformat() if self.since else ""
        return since if self.page == 1 else f"{since}|{self.page}|{self.last}"

    def header(self) -> str | None:
        """If-Modified-Since as Xero reads it: UTC, to the second."""
        return self.since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S") if self.since else None

    def size(self, largest: int) -> int:
        """How many records this page has at most."""
        return max(largest - self.page + 1, 1)

    def after(self, ids: Sequence[str], newest: dt.datetime | None, largest: int) -> Place | None:
        """Where to go on when this page held these records, the newest of them changed then. None at the end."""
        if self.page > 1 and self.last not in ids:
            return Place(self.since)
        if len(ids) < self.size(largest):
            return None
        begins = newest.replace(microsecond=0) - BORDER if newest else None
        if begins and (self.since is None or begins > self.since):
            return Place(begins)
        return Place(self.since, self.page + 1, ids[-1])
