"""Which side decides about a field alone."""

from __future__ import annotations

from django.db import transaction

from accounting.choices import Owner
from accounting.enums import LinkState, Priority
from accounting.models import Connection, Link, Mapping
from accounting.port.documents import Kind, facts_of, shape_of
from accounting.resources.registry import get_resource
from accounting.resources.rules import Owners
from accounting.sync import outbox
from accounting.sync.mapping.choices import Change, MappingRefused


@transaction.atomic
def choose_owners(mapping: Mapping, connection: Connection, wanted: Owners | None) -> list[Change]:
    """Set who decides about these fields, unsaved; None for whoever does. What waits for a person over one of them is
    read again, and so settled. Returns what changed. Raises MappingRefused for what nobody can own."""
    changes: list[Change] = []
    kept = {kind: dict(fields) for kind, fields in mapping.owners.items()}
    for kind, fields in (wanted or {}).items():
        for name, owner in fields.items():
            _check(kind, name, owner)
            if owner != (was := kept.setdefault(kind, {}).pop(name, "")):
                changes.append((_named(kind, name), str(Owner(was).label), str(Owner(owner).label)))
            if owner:
                kept[kind][name] = owner
        if changes:
            _look_again(connection, kind)
    mapping.owners = {kind: fields for kind, fields in kept.items() if fields}
    return changes


def _check(kind: Kind, name: str, owner: str) -> None:
    if name not in get_resource(kind).ownable or owner not in Owner.values:
        raise MappingRefused({f"owner_{kind}_{name}": "Choose one of these."})


def _named(kind: Kind, name: str) -> str:
    return f"Who decides about the {get_resource(kind).words.name}'s {facts_of(shape_of(kind))[name].label.lower()}"


def _look_again(connection: Connection, kind: Kind) -> None:
    apart = Link.objects.filter(connection=connection, kind=kind, state=LinkState.OUT_OF_SYNC)
    for remote_id in apart.values_list("remote_id", flat=True):
        outbox.record_pull(
            workspace_id=connection.workspace_id,
            connection_id=connection.pk,
            kind=kind,
            remote_id=remote_id,
            priority=Priority.BACKFILL,
        )
