"""The steps of a document with lines, as all of them share it. Each works on a row that its caller has locked.

A model that takes steps has `status` and the stamps `approved_at`, `approved_by`, `issued_at` and `voided_at`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.text import get_text_list

from core.changes import origin
from core.refusals import Refused
from lines.changes import save_header, told_total
from lines.models import NumberedHeader
from lines.plan import assign
from lines.refusals import ApprovalRefused, Locked, WrongStatus
from lines.signals import Objection, closed_on, objections_to
from workspaces.audit import log_action
from workspaces.models import User

Document = TypeVar("Document", bound=NumberedHeader)


def audit(header: NumberedHeader, action: str, summary: str, by: User | None) -> None:
    """Remember what was done to the document, by its name and the step, with a dot between."""
    noun = str(header._meta.verbose_name).replace(" ", "_")
    log_action(target=header, action=f"{noun}.{action}", summary=summary, by=by)


def move(header: Document, status: str, by: User | None, action: str, told: str, **stamps: Any) -> Document:
    """Give it this status and these stamps, as one more revision."""
    values = {"status": status, **stamps}
    assign(header, values)
    save_header(header, values)
    audit(header, action, told, by)
    return header


def require_status(header: NumberedHeader, step: str, *statuses: str) -> None:
    """Raise WrongStatus unless it has one of these."""
    if header.status not in statuses:
        raise WrongStatus(f"{header} is {header.get_status_display().lower()}, so it cannot be {step}.")


def unless_remote(status: str) -> list[str]:
    """The status as one that a step may follow from, if Xero takes the step: there the document never had it."""
    return [status] if origin() == "remote" else []


def check_open(header: NumberedHeader, changes: set[str], left_open: Sequence[str]) -> None:
    """Raise Locked for changes of an issued document but to the fields that are left open, unless Xero acts."""
    if origin() == "remote" or header.is_editable or not changes:
        return
    if not header.is_issued:
        raise Locked(f"{header} is voided and can no longer change.")
    if not changes <= set(left_open):
        names = get_text_list([str(header._meta.get_field(name).verbose_name) for name in left_open], "and")
        told = f"only its {names} can change. Reopen it to change the rest."
        raise Locked(f"{header} is approved: {told}")


def check_never_issued(header: NumberedHeader) -> None:
    """Raise Locked for a document that was issued: it is never deleted."""
    if header.issued_at or not header.is_editable:
        raise Locked(f"{header} was issued, so it cannot be deleted. Void it instead.")


def check_has_lines(header: NumberedHeader) -> None:
    """Raise Refused for a document without lines, unless Xero acts."""
    if origin() != "remote" and not header.lines.exists():
        raise Refused(f"{header} has no lines yet. Add one first.")


def approve(
    header: Document, by: User | None, *, status: str, redate: Callable[[Document, dt.date], Document]
) -> Document:
    """Issue a draft under this status. Where others say that its day can no longer be booked, it may take the first
    day that can: `redate` gives it that.

    Raises Refused for one without lines or with a total below zero, ApprovalRefused for what others object to
    (`lines.signals`).
    """
    check_has_lines(header)
    if origin() != "remote" and header.total < 0:
        raise Refused(f"{header} comes to less than zero, so it cannot be approved.")
    header = _date_to_open_day(header, by, redate)
    _check_objections(header)
    now, told = timezone.now(), f"Approved, {told_total(header)}"
    stamps = {"approved_at": now, "approved_by": by, "issued_at": header.issued_at or now, "voided_at": None}
    return move(header, status, by, "approved", told, **stamps)


def void(header: Document, by: User | None, *, status: str) -> Document:
    """Cancel it for good; it stays, with its number."""
    return move(header, status, by, "voided", "Voided", voided_at=timezone.now())


def reopen(header: Document, by: User | None, *, status: str, **cleared: Any) -> Document:
    """Make it a draft again, so that it can be edited."""
    cleared |= {"approved_at": None, "approved_by": None, "voided_at": None}
    return move(header, status, by, "reopened", "Reopened as a draft", **cleared)


def open_day(model: type[Any], date: dt.date) -> dt.date:
    """The day, or the first open one where others have it moved. Raises Refused where they say that it is closed."""
    closed = closed_on(model, date)
    if closed and not closed.moves:
        raise Refused(closed.message, field="date")
    return closed.first_open if closed else date


def _date_to_open_day(
    header: Document, by: User | None, redate: Callable[[Document, dt.date], Document]
) -> Document:
    closed = closed_on(type(header), header.issue_date)
    if closed is None or not closed.moves:
        return header
    audit(header, "dated", f"Dated anew: {closed.message}", by)
    return redate(header, closed.first_open)


def _check_objections(header: NumberedHeader) -> None:
    found = objections_to(header)
    if closed := closed_on(type(header), header.issue_date):
        found = [Objection(closed.message, "issue_date", cure=closed.cure), *found]
    if found:
        raise ApprovalRefused(found)
