"""What Xero is known not to take over a document with lines as it stands there, and what works instead."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounting.enums import LockedPeriod
from accounting.port.documents import LinedDocument, LineDoc, pair_lines
from accounting.resources.desk import Desk
from core.templatetags.display import day


@dataclass(frozen=True, slots=True)
class Settled:
    """What stands against a document of a kind there, in words: that it does, and what to do about it there."""

    told: str
    undo: str


def refused_over(
    wanted: LinedDocument, theirs: LinedDocument, desk: Desk, name: str, settled: Settled | None
) -> str:
    """Why Xero takes `wanted` not over `theirs` (Xero docs: Invoices, "Status codes" and "Updating paid invoices").
    `settled` says what stands against it there that is not about to be taken off by us, None where nothing does."""
    if theirs.is_gone:
        return "" if wanted.is_gone else _gone(name, theirs)
    if settled:
        undo = f"Take Xero's version, or {settled.undo} first."
        if wanted.is_gone:
            return f"{settled.told}, so it cannot be voided there. {undo}"
        if _moves_money(wanted, theirs):
            kept = "its amounts, its issue date and its number of lines stay as they are there"
            return f"{settled.told}, so {kept}. {undo}"
    return _locked(desk, wanted.issue_date, theirs.issue_date)


def _gone(name: str, theirs: LinedDocument) -> str:
    word = "deleted" if theirs.state == "deleted" else "voided"
    anew = "Take Xero's version, or unlink it and create it in Xero anew"
    keeps = "" if word == "deleted" else f": a voided {name} keeps its number, so give this one another"
    return f"In Xero this {name} was {word}, and a {word} {name} cannot be changed. {anew}{keeps}."


def _moves_money(wanted: LinedDocument, theirs: LinedDocument) -> bool:
    if _head(wanted) != _head(theirs):
        return True
    return any(_is_other(pair.ours, pair.theirs) for pair in pair_lines(wanted.lines, theirs.lines))


def _head(document: LinedDocument) -> tuple[object, ...]:
    return document.issue_date, document.currency, document.amounts, document.tax, document.total


def _is_other(ours: LineDoc | None, theirs: LineDoc | None) -> bool:
    return ours is None or theirs is None or not ours.is_priced_like(theirs)


def _locked(desk: Desk, *days: dt.date) -> str:
    """Where such a record may wait for the lock to move, nothing is refused."""
    connection = desk.connection
    if desk.rules.locked_period == LockedPeriod.PARK or not any(map(connection.is_locked_on, days)):
        return ""
    last = day(connection.first_open_day - dt.timedelta(days=1))
    return (
        f"Xero's books are locked up to {last}, and nothing that is dated until then can be changed there. Take Xero's "
        "version, or have your bookkeeper move the lock date and read the lists again in Settings > Accounting."
    )
