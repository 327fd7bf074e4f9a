"""The choices of Manage by keyboard alone, wide and narrow."""

from __future__ import annotations

import pytest

from tests.e2e.browser import expect
from tests.e2e.tandem import Tandem
from tests.e2e.walking import walk_to

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_section_is_reached_and_saved_by_keyboard_alone(olivia: Tandem) -> None:
    page = olivia.page
    asks = page.get_by_label("Ask: you decide about each in the dry run.")
    creates = page.get_by_label("Create it in Xero: a contact is made for it.")
    for width, choice, key in ((1440, asks, "ArrowDown"), (360, creates, "ArrowUp")):
        page.set_viewport_size({"width": width, "height": 800})
        olivia.open("settings/accounting/xero/")
        walk_to(
            page.get_by_role("navigation", name="On this page").get_by_role("link", name="Contacts"),
            press="Enter",
        )
        expect(page.get_by_role("heading", name="Contacts", exact=True)).to_be_in_viewport()
        walk_to(
            page.get_by_role("group", name="A customer that is found nowhere").get_by_role(
                "radio", checked=True
            ),
            press=key,
        )
        expect(choice).to_be_checked()
        walk_to(page.get_by_role("button", name="Save choices"), press="Enter")
        olivia.sees_notice("Saved.")
