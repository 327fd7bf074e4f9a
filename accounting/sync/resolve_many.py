"""One decision about many records that are out of sync."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from accounting.enums import Resolution
from accounting.models import Conflict
from accounting.sync.resolve import ConflictClosed, ConflictMoved, resolve
from accounting.sync.together import CannotResolve
from workspaces.models import User


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of each: settled, changed or settled since it was seen, or not to be settled like this, and why."""

    settled: list[Conflict] = field(default_factory=list)
    moved: list[Conflict] = field(default_factory=list)
    closed: list[Conflict] = field(default_factory=list)
    refused: list[tuple[Conflict, str]] = field(default_factory=list)


def resolve_many(*, answers: Iterable[tuple[Conflict, int]], choice: Resolution, by: User) -> Outcomes:
    """Keep ours, or take theirs, for each of these conflicts, by the version of it that was seen. Each is a transaction
    of its own: one that cannot be settled holds up no other."""
    outcomes = Outcomes()
    for conflict, seen in answers:
        try:
            resolve(conflict=conflict, choice=choice, seen=seen, by=by)
        except ConflictMoved:
            outcomes.moved.append(conflict)
        except ConflictClosed:
            outcomes.closed.append(conflict)
        except CannotResolve as refused:
            outcomes.refused.append((conflict, str(refused)))
        else:
            outcomes.settled.append(conflict)
    return outcomes
