"""Which records the remote side should have, by the rules of a connection: those that are to go by what they are, and
that the start of its sync does not leave out."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounting.models import Connection, Link
from accounting.port.documents import Kind
from accounting.resources.registry import get_resource
from accounting.resources.rules import Rules


def wanted_of(kind: Kind, connection: Connection, rules: Rules) -> QuerySet[Any]:
    """Our records of this kind that the remote side should have by these rules. What belongs to another record goes
    with it, of whatever day it is itself."""
    resource = get_resource(kind)
    rows = resource.candidates(rules)
    if rules.start_date is None:
        return rows
    if resource.day_field:
        rows = rows.filter(**{f"{resource.day_field}__gte": rules.start_date})
    for path, parent in resource.parents.items():
        if day_field := get_resource(parent).day_field:
            linked = Link.objects.filter(connection=connection.pk, kind=parent, local_id=OuterRef(path))
            rows = rows.filter(Q(**{f"{path}__{day_field}__gte": rules.start_date}) | Exists(linked))
    return rows


def before_start(kind: Kind, connection: Connection, rules: Rules) -> QuerySet[Any]:
    """Our records of this kind that only the start of the sync leaves out."""
    wanted = wanted_of(kind, connection, rules).values("pk")
    linked = Link.objects.filter(connection=connection.pk, kind=kind, local_id=OuterRef("pk"))
    return get_resource(kind).candidates(rules).filter(~Exists(linked)).exclude(pk__in=wanted)
