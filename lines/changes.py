"""A change of a document as a whole: its header, its lines, and the totals that follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from core.refusals import Stale
from lines.models import Header
from lines.numbering import number_free
from lines.plan import LinePlan, assign, differences, keep_amounts, plan_lines
from lines.queries import lines_of
from lines.totals import LineInput, Sums
from workspaces.audit import say_changes


@dataclass(frozen=True, slots=True)
class Change:
    """What is about to change. The header has its new values already, all but the totals, and nothing is saved."""

    header: Header
    before: dict[str, Any]
    """What the fields of the header that change were, by name."""
    lines: LinePlan
    sums: dict[str, Decimal]
    """The totals that become other ones."""
    told_before: str

    def __bool__(self) -> bool:
        """Whether there is anything to save."""
        return bool(self.before or self.lines.has_changes or self.sums)

    @property
    def names(self) -> set[str]:
        """What somebody changed: fields of the header, and "lines"."""
        return {*self.before, *(["lines"] if self.lines.has_changes else [])}

    def save(self) -> None:
        """Write it. Raises NumberRefused when the number is taken."""
        self.lines.save()
        assign(self.header, self.sums)
        save_header(self.header, [*self.before, *self.sums])

    def told(self) -> str:
        """What was changed, once it is saved: a sentence for the history."""
        words = [say_changes(self.header, self.before)] if self.before else []
        words += ["lines"] if self.lines.has_changes else []
        before, after = self.told_before, told_total(self.header)
        return f"Changed {', '.join(words)}" + (f": {before} became {after}" if after != before else "")


def plan_change(
    header: Header, given: dict[str, Any], lines: Sequence[LineInput] | None, sums: Sums | None = None
) -> Change:
    """What has to happen so that the header has the values given (None keeps) and these lines (None keeps them all).

    Amounts are computed where what they follow from changes; `sums` are those of the other side of the books, taken as
    they are. Raises what `plan_lines` raises.
    """
    changed = differences(header, {name: value for name, value in given.items() if value is not None})
    before, told_before = {name: getattr(header, name) for name in changed}, told_total(header)
    assign(header, changed)
    existing = list(lines_of(header))
    wanted = [line.as_input() for line in existing] if lines is None else lines
    plan = plan_lines(header, wanted if "amounts" in changed else keep_amounts(wanted, existing), existing)
    follows = plan.moves_amounts or "amounts" in changed  # a change of words leaves the totals as they are
    moved = asdict(sums) if sums else plan.sums if follows else {}
    return Change(header, before, plan, differences(header, moved), told_before)


def save_new(header: Header, lines: Sequence[LineInput]) -> None:
    """Write a new document with its lines. Raises NumberRefused when the number is taken, Refused beyond Xero's
    limits."""
    plan = plan_lines(header, lines, [])
    assign(header, plan.sums)
    with number_free(header):
        header.save(force_insert=True)
    plan.save()


def save_header(header: Header, names: Iterable[str]) -> None:
    """Save these fields as one more revision. Raises NumberRefused when the number is taken."""
    header.revision += 1
    with number_free(header):
        header.save(update_fields=[*names, "revision", "updated_at"])


def check_revision(header: Header, expected: object) -> None:
    """Raise Stale unless the row has the revision that the caller read; None expects nothing."""
    if expected is not None and str(expected) != str(header.revision):
        raise Stale(f"{header} was changed while you were editing it.")


def told_total(header: Header) -> str:
    """What the document comes to, for the history: "NZD 1,150.00"."""
    return f"{header.currency} {header.total:,.2f}"
