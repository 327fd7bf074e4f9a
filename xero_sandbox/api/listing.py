"""Lists: which records, in which order, which page (Xero docs, "Paging", "If-Modified-Since")."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import takewhile
from typing import Any

from xero_sandbox.api.call import Call
from xero_sandbox.api.where import Getter, compile_where
from xero_sandbox.books import Table
from xero_sandbox.errors import bad_query

DEFAULT_PAGE_SIZE, LARGEST_PAGE = 100, 1000
Filter = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Page:
    """The records to show, and the pagination object when pages were asked for."""

    records: list[Any]
    pagination: dict[str, int] | None

    @property
    def is_paged(self) -> bool:
        return self.pagination is not None


def candidates(call: Call, table: Table[Any]) -> Iterable[Any]:
    """All records, oldest change first, or with If-Modified-Since those changed later than it."""
    since = modified_since(call.headers.get("If-Modified-Since"))
    if since is None:
        return table.all()
    newer = list(takewhile(lambda record: record.updated > since, table.newest_first()))
    return reversed(newer)


def modified_since(value: str | None) -> datetime | None:
    """The header in ISO form (UTC unless it says otherwise) or as an RFC 1123 date; nonsense is ignored."""
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def list_page(
    call: Call,
    records: Iterable[Any],
    filters: list[Filter],
    fields: dict[str, Getter],
    *,
    must_page: bool = False,
) -> Page:
    """Filter, sort and cut. Without `page` everything is answered, unless the query enforces paging."""
    where = call.query.get("where")
    if where:
        filters = [*filters, compile_where(where, fields)]
    chosen = [record for record in records if all(fits(record) for fits in filters)]
    chosen = _ordered(chosen, call.query.get("order"), fields)
    if not must_page and "page" not in call.query and "pageSize" not in call.query:
        return Page(chosen, None)
    return _cut(chosen, max(1, _whole(call, "page", 1)), _page_size(call))


def _cut(chosen: list[Any], page: int, size: int) -> Page:
    start = (page - 1) * size
    pagination = {
        "page": page,
        "pageSize": size,
        "pageCount": -(-len(chosen) // size),
        "itemCount": len(chosen),
    }
    return Page(chosen[start : start + size], pagination)


def _page_size(call: Call) -> int:
    return min(LARGEST_PAGE, max(1, _whole(call, "pageSize", DEFAULT_PAGE_SIZE)))


def _whole(call: Call, name: str, default: int) -> int:
    try:
        return int(call.query.get(name, default))
    except ValueError:
        raise bad_query(f"The {name} parameter is not a number.") from None


def _ordered(records: list[Any], order: str | None, fields: dict[str, Getter]) -> list[Any]:
    """The default order, UpdatedDateUTC ascending, is the order the table gives."""
    for term in reversed((order or "").split(",")):
        name, _, direction = term.strip().partition(" ")
        if not name:
            continue
        getter = fields.get(name.lower())
        if getter is None or direction.strip().upper() not in ("", "ASC", "DESC"):
            raise bad_query(f"The order '{term.strip()}' cannot be used.")
        records = sorted(records, key=_none_first(getter), reverse=direction.strip().upper() == "DESC")
    return records


def _none_first(getter: Getter) -> Callable[[Any], tuple[bool, Any]]:
    def key(record: Any) -> tuple[bool, Any]:
        value = getter(record)
        return (value is not None, value.casefold() if isinstance(value, str) else value)

    return key
