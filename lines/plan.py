"""What has to happen to a document's lines so that they become those that are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Model

from core.refusals import Refused, Stale
from core.words import with_article
from lines.models import LINE_LIMIT, TOTAL_LIMIT, Header, Line
from lines.totals import LineInput, LineTotals, Totals, compute_totals


@dataclass(slots=True)
class LinePlan:
    """What has to happen to a document's lines."""

    totals: Totals
    born: list[Line] = field(default_factory=list)
    changed: list[tuple[Line, list[str]]] = field(default_factory=list)
    gone: list[Line] = field(default_factory=list)

    @property
    def has_changes(self) -> bool:
        return bool(self.born or self.changed or self.gone)

    @property
    def moves_amounts(self) -> bool:
        """Whether what the lines come to is another now."""
        amounts = {"line_amount", "tax_amount"}
        return bool(self.born or self.gone or any(amounts & set(names) for _, names in self.changed))

    @property
    def sums(self) -> dict[str, Decimal]:
        """What the lines come to, as the header keeps it."""
        return {"net": self.totals.net, "tax": self.totals.tax, "total": self.totals.total}

    def save(self) -> None:
        """Write it. Needs the header to be saved before."""
        for line in self.gone:
            line.delete()
        for line, names in self.changed:
            line.save(update_fields=[*names, "updated_at"])
        if self.born:
            type(self.born[0]).objects.bulk_create(self.born)


def plan_lines(header: Header, wanted: Sequence[LineInput], existing: Sequence[Line]) -> LinePlan:
    """How to get from the lines that exist to those wanted. Lines keep their identity by `id`.

    Raises Stale for an `id` that is not there any more, Refused beyond Xero's limits and for a line with two
    discounts.
    """
    plan = LinePlan(compute_totals(wanted, header.amounts))
    left = {line.pk: line for line in existing}
    for position, (line, computed) in enumerate(zip(wanted, plan.totals.lines, strict=True), start=1):
        _check_limit(position, computed)
        _check_discount(position, line)
        values = {"position": position, **line.columns(), **asdict(computed)}
        if line.id is None:
            plan.born.append(header.new_line(**values))
        elif (kept := left.pop(line.id, None)) is None:
            noun = header._meta.verbose_name
            raise Stale(f"Line {position} is no longer on {header}. Load the {noun} again.")
        elif names := differences(kept, values):
            assign(kept, names)
            plan.changed.append((kept, list(names)))
    plan.gone = list(left.values())
    _check_total(header, plan.totals)
    return plan


def _check_limit(position: int, computed: LineTotals) -> None:
    if abs(computed.line_amount) > LINE_LIMIT:
        raise Refused(f"Line {position} comes to more than {LINE_LIMIT:,}, the most Xero takes.")


def _check_discount(position: int, line: LineInput) -> None:
    if line.discount_amount is not None and line.discount_percent:
        raise Refused(f"Line {position} has its discount twice: give a percentage or an amount.")


def _check_total(header: Header, totals: Totals) -> None:
    if max(abs(totals.net), abs(totals.total)) > TOTAL_LIMIT:
        holder = with_article(str(header._meta.verbose_name))
        raise Refused(f"The lines come to more than {TOTAL_LIMIT:,}, the most {holder} can hold.")


def differences(row: Model, wanted: dict[str, Any]) -> dict[str, Any]:
    """The wanted values that the row does not have already."""
    return {name: value for name, value in wanted.items() if getattr(row, name) != value}


def assign(row: Model, values: dict[str, Any]) -> None:
    """Set the values on the row, unsaved."""
    for name, value in values.items():
        setattr(row, name, value)


def keep_amounts(wanted: Iterable[LineInput], existing: Iterable[Line]) -> list[LineInput]:
    """The wanted lines, each with the amounts it has as long as nothing changes that they follow from: what the other
    side of the books computed, or what somebody put right by hand there, is not computed over. Pure."""
    known = {line.pk: line for line in existing}
    return [_with_kept_amounts(line, known.get(line.id)) for line in wanted]  # type: ignore[arg-type]


def _with_kept_amounts(line: LineInput, kept: Line | None) -> LineInput:
    if kept is None or line.given is not None or not kept.is_priced_like(line):
        return line
    return replace(line, given=kept.totals)
