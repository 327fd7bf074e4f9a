"""The lines of our documents and of theirs, and the tax rates of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from accounting.models import RemoteAccount, TaxMapping
from accounting.port.documents import LinedDocument, LineDoc
from accounting.port.errors import Misconfigured
from accounting.resources.desk import Desk
from catalogue.models import TaxRate
from catalogue.services import ensure_tax_rate
from core.money import ZERO
from lines.models import Header, Line
from lines.totals import LineInput, LineTotals, compute_totals


def line_document(
    line: Line, header: Header, desk: Desk, agreed: LineDoc | None, *, is_warned: bool
) -> LineDoc:
    """An agreed line keeps its tax code while its rate fits, and its account unless another was chosen for it here; a
    new line gets what was chosen in the settings, tracking too, which an agreed one keeps as it is there."""
    return LineDoc(
        description=line.description,
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        discount_percent=line.discount_percent,
        discount_amount=line.discount_amount,
        tax_code=_tax_code(line, header, desk, agreed),
        account_code=_account_code(line, desk, agreed, is_warned=is_warned),
        line_amount=line.line_amount,
        tax_amount=line.tax_amount,
        tracking=() if agreed or line.is_text else desk.require_tracking_for(line.service_id),
        ref=str(line.pk),
        remote_id=agreed.remote_id if agreed else "",
    )


def _account_code(line: Line, desk: Desk, agreed: LineDoc | None, *, is_warned: bool) -> str:
    """The account chosen for the line, else the one it was agreed to have, which may be none. Where Xero warned that it
    left ours out, that of the settings is named again: it is known by its id, and its code may be another today. An
    account of an organisation that was connected before says nothing here."""
    if line.is_text:
        return agreed.account_code if agreed else ""
    if chosen := desk.accounts.get(line.account):
        return _chosen_code(chosen, line, agreed)
    if agreed and (agreed.account_code or not is_warned):
        return agreed.account_code
    return desk.require_account_for(line.service_id).code


def _chosen_code(account: RemoteAccount, line: Line, agreed: LineDoc | None) -> str:
    is_there = agreed is not None and agreed.account_code == account.code
    if not (account.active or is_there):
        raise Misconfigured(
            f"The account {account} of the line “{line.description[:40]}” was archived in Xero: choose another for it."
        )
    return account.code


def _tax_code(line: Line, header: Header, desk: Desk, agreed: LineDoc | None) -> str:
    if line.is_text:
        return agreed.tax_code if agreed else ""
    if header.amounts == "no_tax":
        return agreed.tax_code if agreed else "NONE"
    if line.tax_rate_id is None:
        raise Misconfigured(f"Choose a tax rate for the line “{line.description[:40]}”.")
    if agreed and desk.tax_percents.get(agreed.tax_code) == line.tax_percent:
        return agreed.tax_code
    code = desk.tax_codes.get(line.tax_rate_id)
    if not code:
        raise Misconfigured(
            f"Match the tax rate “{line.tax_rate}” to one of Xero's in Settings > Accounting."
        )
    return code


def line_input(
    line: LineDoc, doc: LinedDocument, record: Header, desk: Desk, agreed: LineDoc | None
) -> LineInput:
    """Their line as ours is to be; `agreed` is what both last agreed on for it."""
    known = next((own for own in record.lines.all() if str(own.pk) == line.ref), None)
    return LineInput(
        id=known.pk if known else None,
        description=line.description or "(no description)",
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        discount_percent=ZERO if line.discount_amount is not None else line.discount_percent,
        discount_amount=line.discount_amount,
        tax_rate=_tax_rate_of(line, doc, known, desk),
        service=known.service if known else None,
        account=_account_of(line, known, agreed, desk),
        given=LineTotals(line.line_amount, line.tax_amount),
    )


def _account_of(line: LineDoc, known: Line | None, agreed: LineDoc | None, desk: Desk) -> str:
    """Where theirs is booked. Ours stays as it is while that is what it says, or nobody has moved theirs."""
    if known is None:
        return desk.account_id(line.account_code)
    was = desk.accounts[known.account].code if known.account in desk.accounts else ""
    said = was or (agreed.account_code if agreed else "")
    return known.account if line.account_code in ("", said) else desk.account_id(line.account_code)


def picked_inputs(
    picked: LinedDocument, theirs: LinedDocument, record: Header, desk: Desk
) -> Sequence[LineInput]:
    """The lines of a document that was put together from ours and theirs. What is priced as it stands there comes to
    what the remote side computed for it; any other line is computed here, as that side will."""
    there = {line.remote_id: line for line in theirs.lines if line.remote_id}
    alike = picked.amounts == theirs.amounts
    inputs = []
    for line in picked.lines:
        standing = there.get(line.remote_id)
        wanted = line_input(line, picked, record, desk, standing)
        if not (alike and standing and line.is_priced_like(standing)):
            wanted = replace(wanted, given=None)
            wanted = replace(wanted, given=compute_totals([wanted], picked.amounts).lines[0])
        inputs.append(wanted)
    return inputs


def _tax_rate_of(line: LineDoc, doc: LinedDocument, known: Line | None, desk: Desk) -> TaxRate | None:
    """Our rate for Xero's code: the line's own while it still fits, else the matched one, else one made from
    the organisation's own list and matched to it."""
    if doc.amounts == "no_tax" or not line.tax_code:
        return None
    percent = desk.tax_percents.get(line.tax_code)
    if percent is None:
        raise Misconfigured(f"Xero's tax rate “{line.tax_code}” is not among those Tandem knows of.")
    if known and known.tax_rate and known.tax_rate.percent == percent:
        return known.tax_rate
    matched = [rate_id for rate_id, code in desk.tax_codes.items() if code == line.tax_code]
    if matched:
        return TaxRate.objects.get(pk=matched[0])
    return _match_new_rate(line.tax_code, percent, desk)


def _match_new_rate(code: str, percent: Decimal, desk: Desk) -> TaxRate:
    workspace = desk.connection.workspace
    rate = ensure_tax_rate(workspace=workspace, name=desk.tax_names.get(code, code), percent=percent, by=None)
    TaxMapping.objects.get_or_create(
        workspace=workspace, connection=desk.connection, tax_rate=rate, defaults={"code": code}
    )
    desk.tax_codes[rate.pk] = code
    return rate
