"""A document's set of lines: with its id a line is edited, without one it is new, not sent it is deleted."""

from __future__ import annotations

from dataclasses import replace

from xero_sandbox.documents import Document, Line
from xero_sandbox.fields import Fields
from xero_sandbox.rules import messages, money
from xero_sandbox.rules.lines import LineRules, build_line, judge_again
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.kinds import D


def rules_for(document: Document, writing: Writing) -> LineRules:
    books = writing.books
    return LineRules(
        document_type=document.type,
        approved=document.is_approved,
        submitted=document.status == "SUBMITTED",
        amount_types=document.line_amount_types,
        decimals=writing.decimals,
        account_by_code=lambda code: next(iter(books.accounts.find("code", code)), None),
        account_by_id=lambda identity: books.accounts.get(identity.lower()),
        tax_rate=books.tax_rates.get,
        tracking=books.tracking_categories.all,
    )


def merge_lines(document: Document, sent: Fields, rules: LineRules) -> tuple[Line, ...]:
    """The lines after the call. No LineItems key leaves them standing, judged again under the new header."""
    items = sent.children("LineItems")
    if items is None:
        keeps_tax = not sent.has("LineAmountTypes")
        return tuple(judge_again(line, rules, keeps_tax=keeps_tax) for line in document.lines)
    known = {line.id: line for line in document.lines}
    return tuple(build_line(item, match_line(item, known, rules), rules) for item in items)


def match_line(item: Fields, known: dict[str, Line], rules: LineRules) -> Line | None:
    line_id = item.text("LineItemID")
    if not line_id:
        return None
    if line_id.lower() not in known:
        rules.errors.append(messages.line_unknown(line_id))
    return known.get(line_id.lower())


def total_up(document: D) -> D:
    totals = money.add_up(document.lines, document.line_amount_types)
    return replace(
        document,
        sub_total=totals.sub_total,
        total_tax=totals.total_tax,
        total=totals.total,
        total_discount=totals.total_discount,
    )
