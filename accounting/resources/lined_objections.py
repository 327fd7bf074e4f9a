"""What an organisation is known not to take of a document with lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from accounting.enums import LinkState, Taken
from accounting.models import Clash, Connection, Link, RemoteTaxRate, TaxMapping
from accounting.port.snapshots import load
from accounting.resources.cures import MATCH_RATE, READ_LISTS
from accounting.resources.desk import Desk
from accounting.resources.periods import locked_for_now
from core.templatetags.display import day, money
from lines.enums import LineAmounts
from lines.signals import Objection

NO_RATE = (
    "Choose a tax rate: Xero takes no line without one. For a line that is free of tax, choose a rate of 0%."
)
NEGATIVE = (
    "It comes to less than zero, which Xero does not take. It goes there once it comes to zero or more."
)
OTHER_RATE = "Choose another rate, or have it matched to another of Xero's in Settings > Accounting."


def objections_to(kind: str, name: str, record: Any, connection: Connection) -> Iterable[Objection]:
    """A sentence for each, by the field that it is about, of one about to be approved."""
    yield from objections_to_draft(record, connection)
    yield from _rates_not_for_sales(record, connection)
    yield from _number_there(kind, name, record, connection)


def objections_to_draft(record: Any, connection: Connection) -> Iterable[Objection]:
    """Of these, those that a person is bound to mend before it is approved: it has time until then."""
    yield from _currency_problem(record, connection)
    yield from _lines_without_a_rate(record)


def lacking_in_draft(record: Any, connection: Connection) -> str:
    """What a draft needs before the organisation could take it, in sentences; "" when nothing."""
    if not record.lines.all():
        return "It has no lines yet. It goes to Xero once it has one."
    if record.total < 0:
        return NEGATIVE
    told = objections_to_draft(record, connection)
    return " ".join(dict.fromkeys(objection.message for objection in told))


def refused_as_known(record: Any, desk: Desk) -> str:
    """Why the organisation would refuse one that was approved before it was connected, in sentences; "" when
    nothing is known. Nothing is read: the desk is asked about many in a row."""
    if record.total < 0:
        return NEGATIVE
    told = [objection.message for objection in _currency_problem(record, desk.connection)]
    told += filter(None, [locked_for_now(desk, record.issue_date), *_unfit_rates(record, desk)])
    return " ".join(dict.fromkeys(told))


def _unfit_rates(record: Any, desk: Desk) -> Iterator[str]:
    if record.amounts == LineAmounts.NO_TAX:
        return
    for line in record.lines.all():
        code = desk.tax_codes.get(line.tax_rate_id, "") if line.tax_rate_id else ""
        if why := desk.unfit_taxes.get(code):
            yield f"“{desk.tax_names[code]}” {why}. {OTHER_RATE}"


def _lines_without_a_rate(record: Any) -> list[Objection]:
    """Xero takes no line of a taxed document without a rate, and nothing that is chosen later would mend it. One that
    only says something needs none."""
    if record.amounts == LineAmounts.NO_TAX:
        return []
    lines = record.lines.all()  # those that are loaded: the engine asks for many in a row
    missing = (line for line in lines if line.tax_rate_id is None and not line.is_text)
    return [Objection(NO_RATE, "tax_rate", line.position) for line in missing]


def _currency_problem(record: Any, connection: Connection) -> list[Objection]:
    enabled = {connection.currency, *connection.currencies}
    if record.currency in enabled or not connection.currencies:  # no list: it was not read yet
        return []
    told = (
        f"{connection.tenant_name} has no {record.currency} in Xero. Choose another currency, "
        "or add it in Xero and read the lists again in Settings > Accounting."
    )
    return [Objection(told, "currency", cure=READ_LISTS)]


def _rates_not_for_sales(record: Any, connection: Connection) -> Iterator[Objection]:
    """A rate goes with an account by its class (Xero docs: TaxRates, "CanApplyToRevenue"), and sales are revenue."""
    if record.amounts == LineAmounts.NO_TAX:
        return
    unfit = RemoteTaxRate.objects.filter(connection=connection).exclude(active=True, for_revenue=True)
    by_code = {rate.code: rate for rate in unfit}
    matched = TaxMapping.objects.filter(connection=connection, code__in=by_code)
    by_rate = {row.tax_rate_id: by_code[row.code] for row in matched}
    for line in record.lines.filter(tax_rate__in=by_rate).order_by("position"):
        there = by_rate[line.tax_rate_id]
        told = f"“{there.name}” {there.unfit}. {OTHER_RATE}"
        yield Objection(told, "tax_rate", line.position, MATCH_RATE)


def _number_there(kind: str, name: str, record: Any, connection: Connection) -> Iterator[Objection]:
    """As far as is known without asking: from what had its number when records were compared, and from those of
    ours that bear another number there, or are gone here. Xero itself is asked when it is sent."""
    clash = Clash.objects.filter(
        connection=connection, kind=kind, taken=Taken.NUMBER, there__number=record.number
    ).first()
    if clash is not None:
        yield _taken(
            kind, clash.there, f"Xero had one with this number when your {name}s were compared with it"
        )
        return
    apart = Link.objects.filter(connection=connection, kind=kind, base__number=record.number)
    link = apart.exclude(state=LinkState.ACTIVE).exclude(local_id=record.pk).first()
    if link is not None and link.base.get("state") != "deleted":
        yield _taken(
            kind, link.base, f"Xero has one with this number, which was linked to another {name} here"
        )


def _taken(kind: str, there: dict[str, Any], known: str) -> Objection:
    document = load(kind, there)
    told = f"{money(document.total, document.currency)}, {day(document.issue_date)}"
    return Objection(f"{known}: {told}. Give this one another number.", "number")
