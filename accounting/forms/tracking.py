"""What new lines are tracked by."""

from __future__ import annotations

from typing import Any

from accounting.forms.sections import Group, Section, choice_of
from accounting.models import RemoteTrackingOption
from accounting.queries.offers import offered_options
from accounting.resources.tracking import chosen_options
from accounting.sync.mapping.tracking import tracking_field
from catalogue.models import Service
from catalogue.queries import active_services

NONE = ("", "No option")
AS_DEFAULT = ("", "Default option")
HINT = (
    "Lines that Tandem adds in Xero start with it. Lines that are in Xero already keep what they have there, and are"
    " not sent again."
)


class Tracking(Section):
    """For each tracking category the option of all lines, and of the lines of each service."""

    title = "Tracking"
    anchor = "tracking"

    def fill(self) -> None:
        services, chosen = list(active_services()), chosen_options(self.connection)
        offered = offered_options(self.connection)
        self._places = {
            tracking_field(service, category): (service, category)
            for category in offered
            for service in (None, *(row.pk for row in services))
        }
        for category, options in offered.items():
            self._fill_category(category, options, services)
        for name, (service, category) in self._places.items():
            self.initial[name] = chosen.get(service, {}).get(category, "")

    def _fill_category(
        self, category: str, options: list[RemoteTrackingOption], services: list[Service]
    ) -> None:
        named = [(row.option_id, row.name) for row in options]
        names = [tracking_field(None, category)]
        self.fields[names[0]] = choice_of("Default option", [NONE, *named], "")
        for service in services:
            names.append(tracking_field(service.pk, category))
            self.fields[names[-1]] = choice_of(service.name, [AS_DEFAULT, *named], "")
        hint = "" if self.groups else HINT
        self.groups.append(Group(options[0].category, hint, tuple(names)))

    def chosen(self, told: dict[str, Any]) -> dict[str, Any]:
        return {"tracking": {place: told[name] for name, place in self._places.items()}}
