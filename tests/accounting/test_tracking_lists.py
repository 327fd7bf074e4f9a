"""The organisation's tracking categories, as they are read and kept."""

from __future__ import annotations

from dataclasses import replace

from accounting.models import Connection, RemoteTrackingOption
from accounting.sync.reference import refresh_lists
from xero_sandbox.handle import Handle


def _kept() -> dict[str, bool]:
    return {str(row): row.active for row in RemoteTrackingOption.objects.all()}


def test_options_are_kept_and_known_as_gone_with_their_category(
    connected: Connection, sandbox: Handle
) -> None:
    assert _kept() == {
        "Region: Eastside": True, "Region: North": True, "Region: South": True, "Region: West Coast": False,
    }  # fmt: skip
    books = sandbox.books()
    [region] = books.tracking_categories.all()
    books.put(replace(region, options=region.options[1:]))
    refresh_lists(connected)
    assert (_kept()["Region: Eastside"], _kept()["Region: North"]) == (False, True)

    books.put(replace(region, status="ARCHIVED"))
    refresh_lists(connected)
    assert not any(_kept().values())
