"""One line of a document: account, tax and amount, with Xero's errors and warnings."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from xero_sandbox.documents import ONE, ZERO, Account, Line, TaxRate
from xero_sandbox.fields import Fields
from xero_sandbox.rules import messages, money
from xero_sandbox.rules.tracking import Categories, track_by


@dataclass(slots=True)
class LineRules:
    """What a document's lines are judged by; `errors` and `warnings` gather what was found."""

    document_type: str
    approved: bool
    submitted: bool
    amount_types: str
    decimals: int
    account_by_code: Callable[[str], Account | None]
    account_by_id: Callable[[str], Account | None]
    tax_rate: Callable[[str], TaxRate | None]
    tracking: Categories
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def strict(self) -> bool:
        """A draft may hold what an approved or submitted document may not."""
        return self.approved or self.submitted


def build_line(sent: Fields, existing: Line | None, rules: LineRules) -> Line:
    """The line as it would stand after the call: fields not sent keep what `existing` had."""
    line = existing or Line(id=str(uuid.uuid4()))
    line = _describe(line, sent, rules)
    line = _place(line, sent, rules)
    line = _price(line, sent, rules)
    return _tax(line, sent, rules)


def judge_again(line: Line, rules: LineRules, *, keeps_tax: bool) -> Line:
    """The same line after its document's status or amount types changed. Only the latter has its tax computed anew:
    what was not sent keeps its value (Xero docs, "Invoices: updating")."""
    judged = build_line(Fields({}), line, rules)
    return replace(judged, tax_amount=line.tax_amount) if keeps_tax else judged


def _describe(line: Line, sent: Fields, rules: LineRules) -> Line:
    description = sent.text("Description")
    description = line.description if description is None else description
    if len(description) > 4000:
        rules.errors.append(messages.DESCRIPTION_TOO_LONG)
    if not description.strip() and rules.strict:
        rules.errors.append(messages.DESCRIPTION_NEEDED)
    if sent.text("ItemCode"):
        rules.errors.append(messages.item_unknown(sent.text("ItemCode") or ""))
    return track(replace(line, description=description), sent, rules)


def track(line: Line, sent: Fields, rules: LineRules) -> Line:
    """What the line is tracked by: what is sent replaces, what is not sent stays."""
    options = sent.children("Tracking")
    if options is None:
        return line
    tracking, errors = track_by(options, rules.tracking(), kept=line.tracking)
    rules.errors.extend(errors)
    return replace(line, tracking=tracking)


def _place(line: Line, sent: Fields, rules: LineRules) -> Line:
    """Find the account; an unknown one is an error, or on a draft a warning and an empty field."""
    code, identity = sent.text("AccountCode"), sent.text("AccountID")
    if not code and not identity:
        return _judge_account(line, rules.account_by_id(line.account_id) if line.account_id else None, rules)
    account = rules.account_by_code(code) if code else rules.account_by_id(identity or "")
    if account is None and not rules.strict:
        rules.warnings.append(messages.account_removed(code or identity or ""))
        return replace(line, account_code=None, account_id=None)
    if account is None:
        rules.errors.append(messages.account_invalid(code or identity or ""))
        return line
    moved = account.id != line.account_id
    line = replace(line, account_code=account.code, account_id=account.id)
    line = _judge_account(line, account, rules)
    return replace(line, tax_type=account.tax_type) if moved and not line.tax_type else line


def _judge_account(line: Line, account: Account | None, rules: LineRules) -> Line:
    if account is None:
        return line
    label = account.code or account.id
    if account.status != "ACTIVE":
        rules.errors.append(messages.account_archived(label))
    elif not account.takes_lines:
        rules.errors.append(messages.account_invalid(label))
    return line


def _price(line: Line, sent: Fields, rules: LineRules) -> Line:
    quantity, unit, amount = sent.number("Quantity"), sent.number("UnitAmount"), sent.number("LineAmount")
    if amount is not None and unit is None and line.unit_amount is None:
        quantity, unit = quantity or ONE, amount / (quantity or ONE)
    quantity = line.quantity if quantity is None else quantity
    unit = line.unit_amount if unit is None else money.unit_price(unit, rules.decimals)
    line = replace(line, quantity=quantity, unit_amount=unit)
    if line.is_text_only:
        return replace(line, line_amount=ZERO)
    line = replace(
        line, quantity=ONE if quantity is None else quantity, unit_amount=ZERO if unit is None else unit
    )
    line = _discount(line, sent, rules)
    expected = money.line_amount(line.quantity, line.unit_amount, line.discount_rate, line.discount_amount)  # type: ignore[arg-type]
    _judge_amount(amount, expected, rules)
    return replace(line, line_amount=expected)


def _discount(line: Line, sent: Fields, rules: LineRules) -> Line:
    rate, amount = sent.number("DiscountRate"), sent.number("DiscountAmount")
    if (rate or amount) and rules.document_type != "ACCREC":
        rules.errors.append(messages.discount_refused(rules.document_type))
    if rate is not None:
        return replace(line, discount_rate=rate, discount_amount=None)
    return line if amount is None else replace(line, discount_amount=money.cents(amount), discount_rate=None)


def _judge_amount(sent: Decimal | None, expected: Decimal, rules: LineRules) -> None:
    if sent is not None and money.cents(sent) != expected:
        rules.errors.append(messages.line_total_mismatch(sent, expected))
    if abs(expected) > money.LARGEST_LINE:
        rules.errors.append(messages.AMOUNT_TOO_LARGE)


def _tax(line: Line, sent: Fields, rules: LineRules) -> Line:
    if line.is_text_only:
        return replace(line, tax_amount=ZERO)
    _judge_placed(line, rules)
    if rules.amount_types == "NoTax":
        return replace(line, tax_type="NONE", tax_amount=ZERO)
    line = replace(line, tax_type=sent.text("TaxType") or line.tax_type or _default_tax(line, rules))
    if not line.tax_type:
        return replace(line, tax_amount=ZERO)
    rate = rules.tax_rate(line.tax_type)
    if rate is None:
        rules.errors.append(messages.tax_unknown(line.tax_type))
        return line
    _judge_tax(line, rate, rules)
    return replace(line, tax_amount=_tax_amount(line, rate, sent, rules))


def _default_tax(line: Line, rules: LineRules) -> str | None:
    """TaxType left out: the account's own (Xero docs, "Invoices: line items")."""
    account = rules.account_by_id(line.account_id) if line.account_id else None
    return account.tax_type if account else None


def _judge_placed(line: Line, rules: LineRules) -> None:
    if rules.strict and not line.account_id and not rules.errors:
        rules.errors.append(messages.ACCOUNT_NEEDED)


def _judge_tax(line: Line, rate: TaxRate, rules: LineRules) -> None:
    account = rules.account_by_id(line.account_id) if line.account_id else None
    if rate.status != "ACTIVE":
        rules.errors.append(messages.TAX_RATE_INACTIVE)
    elif account is not None and account.account_class not in rate.applies_to:
        rules.errors.append(messages.tax_mismatch(rate.id, account.code or account.id))


def _tax_amount(line: Line, rate: TaxRate, sent: Fields, rules: LineRules) -> Decimal:
    """Computed, unless the caller overrides it (which certification advises against)."""
    override = sent.number("TaxAmount")
    if override is None:
        return money.line_tax(line.line_amount, rate.rate, rules.amount_types)
    if abs(override) > abs(line.line_amount):
        rules.errors.append(messages.TAX_TOO_LARGE)
    return money.cents(override)
