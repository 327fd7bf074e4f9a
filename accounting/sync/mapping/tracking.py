"""Which options of tracking categories new lines start with."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from typing import Any
from uuid import UUID

from accounting.models import Connection, RemoteTrackingOption, TrackingMapping
from accounting.queries.offers import offered_options
from accounting.resources.tracking import chosen_options
from accounting.sync.mapping.choices import Change, MappingRefused
from catalogue.queries import active_services

NOT_OFFERED = "Xero does not offer this option (any more). Choose another."


def save_tracking(connection: Connection, wanted: Dict[tuple[UUID | None, str], str] | None) -> list[Change]:
    """Keep these options, and none of a category that the organisation has no more; blank for none, and of a service
    for the default one. Lines that are there keep theirs, so nothing is sent again. Returns what changed. Raises
    MappingRefused for an option that is not offered."""
    if wanted is None:
        return []
    offered, before = offered_options(connection), _before(connection)
    gone = {place: "" for place in before if place[1] not in offered}
    services: dict[UUID | None, str] = {row.pk: row.name for row in active_services()}
    changes = []
    for (service, category), option in {**wanted, **gone}.items():
        was = before.get((service, category), "")
        if option and option not in {row.option_id for row in offered.get(category, ())}:
            raise MappingRefused({tracking_field(service, category): NOT_OFFERED})
        if option != was:
            _keep(connection, service, category, option)
            told = services.get(service, "all lines")
            changes.append(_change(connection, told, was, option))
    return changes


def tracking_field(service: UUID | None, category: str) -> str:
    """What the choice is called in a form."""
    return f"tracking_{category}_{service or 'default'}"


def _before(connection: Connection) -> dict[tuple[UUID | None, str], str]:
    chosen = chosen_options(connection)
    return {(service, category): option for service, of in chosen.items() for category, option in of.items()}


def _keep(connection: Connection, service: UUID | None, category: str, option: str) -> None:
    place: dict[str, Any] = {"connection": connection, "service_id": service, "category_id": category}
    if not option:
        TrackingMapping.objects.filter(**place).delete()
        return
    values = {"workspace_id": connection.workspace_id, "option_id": option}
    TrackingMapping.objects.update_or_create(**place, defaults=values)


def _change(connection: Connection, service: str, was: str, now: str) -> Change:
    rows = RemoteTrackingOption.objects.filter(connection=connection, option_id__in=(was, now))
    known = {row.option_id: row for row in rows}
    category = next(iter(known.values())).category if known else "Tracking"
    names = [known[option].name if option in known else "" for option in (was, now)]
    return (f"{category} of new lines: {service}", names[0], names[1])
