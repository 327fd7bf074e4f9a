"""The activity as a table: a line for each field that changed, and one for what changed none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urljoin

from django.urls import reverse

from accounting.enums import Kind
from accounting.queries.history import Told
from accounting.queries.records import Record
from accounting.queries.words import Change
from workspaces.models import Workspace

COLUMNS = (
    "Way", "What happened", "Kind", "Record", "In words", "Field", "From", "To", "By", "What Xero said",
    "Xero's reference", "Link",
)  # fmt: skip


def activity_table(events: Iterable[Told], workspace: Workspace, site: str) -> Iterator[list[str]]:
    """The heads, then the lines, in the times of the workspace. `site` is the address that links begin with."""
    yield [f"Time ({workspace.time_zone})", *COLUMNS]
    for event in events:
        time = f"{event.at.astimezone(workspace.zone):%Y-%m-%d %H:%M:%S}"
        for change in event.changes or (Change("", "", ""),):
            yield [time, *_line(event, change, _link(event.record, workspace, site))]


def _line(event: Told, change: Change, link: str) -> list[str]:
    record = event.record
    return [
        event.way.label,
        event.label,
        dict(Kind.choices).get(record.kind, record.kind) if record else "",
        record.name if record else "",
        event.message,
        change.label,
        *_from_to(event, change),
        event.actor,
        event.detail,
        event.reference,
        link,
    ]


def _from_to(event: Told, change: Change) -> tuple[str, str]:
    """What a field was and became; where both sides are set against each other, which is whose."""
    if not event.compares:
        return change.before, change.after
    return f"{change.before or 'nothing'} here", f"{change.after or 'nothing'} in Xero"


def _link(record: Record | None, workspace: Workspace, site: str) -> str:
    if record is None or not record.page:
        return ""
    return urljoin(site, reverse(record.page, args=[workspace.slug, record.page_id]))
