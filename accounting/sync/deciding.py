"""What every decision of a person about one record begins with: all that there is of it, locked, and nothing of it on
its way."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounting.enums import FLYING_STATES, ConflictState, Lane
from accounting.models import Conflict, Connection, Link, Operation
from accounting.port.documents import Document, Kind
from accounting.port.errors import Misconfigured
from accounting.resources.desk import Desk
from accounting.resources.registry import get_resource

GONE = "This record is not here any more."
FLYING = "It is on its way to Xero right now. Try again in a moment."


class CannotDecide(Exception):
    """It cannot be decided like this. The message says why, in a sentence for people."""


def lock_whole(connection: Connection, kind: Kind, local_id: UUID) -> Any:
    """Our record as it is now, locked with its link, its conflict and what is to be done with it, in this order. Raises
    CannotDecide where it is gone, or on its way."""
    record = get_resource(kind).lock(local_id)
    if record is None:
        raise CannotDecide(GONE)
    mine = Link.objects.select_for_update(of=("self",)).filter(connection=connection, kind=kind)
    list(mine.filter(local_id=local_id).values_list("pk"))
    apart = Conflict.objects.select_for_update(of=("self",)).filter(connection=connection, kind=kind)
    list(apart.filter(local_id=local_id, state=ConflictState.OPEN).values_list("pk"))
    pushes = Operation.objects.select_for_update(of=("self",)).filter(
        connection=connection, lane=Lane.PUSH, kind=kind, local_id=local_id
    )
    if any(row.state in FLYING_STATES for row in pushes.order_by("pk")):
        raise CannotDecide(FLYING)
    return record


def load(kind: Kind, local_id: UUID) -> Any:
    """Our record as it is now. Raises CannotDecide where it is gone."""
    record = get_resource(kind).find(local_id)
    if record is None:
        raise CannotDecide(GONE)
    return record


def document_of(kind: Kind, record: Any, desk: Desk) -> Document:
    """Our record in the remote side's terms, linked or not. Raises CannotDecide with the choice that is missing."""
    resource = get_resource(kind)
    desk.load_links(kind, [record.pk])
    desk.load_needs(resource.needs(record))
    try:
        return resource.to_document(record, desk)
    except Misconfigured as error:
        raise CannotDecide(error.message) from error


def name_of(kind: Kind, local_id: UUID) -> str:
    """What a person calls our record in a sentence."""
    resource = get_resource(kind)
    record = resource.find(local_id)
    return resource.label(record) if record is not None else "a record that is gone"
