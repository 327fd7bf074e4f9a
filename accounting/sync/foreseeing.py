"""What would keep our records from being created or linked there, known before anything is sent.

It asks what the planner will ask, in its order, of records that have no link: so what a dry run says is what then
happens. It reads ours only, in a fixed number of queries for a lot of records.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounting.enums import Lane, OpState
from accounting.models import Operation
from accounting.port.documents import Kind
from accounting.port.errors import Misconfigured
from accounting.resources.base import Resource
from accounting.resources.desk import Desk
from accounting.resources.needs import Need
from accounting.resources.registry import get_resource

Key = tuple[Kind, UUID]
STANDING_STILL = (OpState.BLOCKED, OpState.FAILED)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Of one record: the `obstacle` to its creation and the `problem` of linking it, each in sentences or "", and the
    record that has to be there before it."""

    obstacle: str = ""
    problem: str = ""
    waits_for: Key | None = None


def foresee(
    kind: Kind, local_ids: Collection[UUID], desk: Desk, decided: Collection[Key]
) -> dict[UUID, Foreseen]:
    """What is known of these records, all of one kind. What they wait for is among the `decided`, or it is said here
    what becomes of it."""
    resource = get_resource(kind)
    records = resource.load(local_ids)
    desk.links.clear()
    desk.load_needs(need for record in records.values() for need in resource.needs(record))
    needs = {pk: resource.first_need(record, "upsert", desk) for pk, record in records.items()}
    words = _say_strangers(filter(None, needs.values()), desk, decided)
    return {pk: _foreseen(resource, row, needs[pk], words, desk) for pk, row in records.items()}


def _foreseen(
    resource: Resource, record: Any, need: Need | None, words: dict[Key, str], desk: Desk
) -> Foreseen:
    lacking, problem = resource.lacking(record, desk), ""
    try:
        resource.to_document(record, desk)
    except Misconfigured as error:
        problem = error.message
    owner = (need.kind, need.local_id) if need else None
    waits = words.get(owner, "") if owner else ""
    told = (
        lacking or waits or problem or resource.parked(record, None, desk) or resource.refused(record, desk)
    )
    return Foreseen(told[:300], problem[:300], owner)


def _say_strangers(needs: Iterable[Need], desk: Desk, decided: Collection[Key]) -> dict[Key, str]:
    """Why what is needed, and nobody decides about now, will not be there; nothing of what is on its way."""
    others = {(need.kind, need.local_id): need for need in needs if (need.kind, need.local_id) not in decided}
    states = dict(_pushes_of(others, desk))
    for kind in {kind for kind, _ in others}:
        desk.load_exemptions(kind, [local_id for own, local_id in others if own == kind])
    return {key: _say(need, desk, states.get(key)) for key, need in others.items()}


def _pushes_of(wanted: Collection[Key], desk: Desk) -> Iterator[tuple[Key, str]]:
    if wanted:
        ids = [local_id for _, local_id in wanted]
        rows = Operation.objects.filter(connection=desk.connection, lane=Lane.PUSH, local_id__in=ids)
        for row in rows.only("kind", "local_id", "state"):
            assert row.local_id is not None
            yield (row.kind, row.local_id), row.state


def _say(need: Need, desk: Desk, state: str | None) -> str:
    if desk.exemption(need.kind, need.local_id):
        return need.left_out
    if state is None:
        return need.never_comes
    return f"Waiting for {need.label} to reach Xero." if state in STANDING_STILL else ""
