"""Somebody is invited, joins by the link, and is removed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.browser import Page, Watch, expect
from tests.e2e.running_demo import RunningDemo
from tests.e2e.tandem import Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_invited_person_joins_and_is_removed(
    olivia: Tandem, new_tab: Callable[..., Page], watch: Watch, demo: RunningDemo
) -> None:
    watch.expect("Failed to load resource")  # what they may no longer see is not there
    link = olivia.invite("bart@example.com")
    bart = Tandem(new_tab(), demo.site, "acme-studio")
    bart.page.goto(link)
    bart.page.get_by_label("Your name").fill("Bart Featherstonehaugh")
    bart.page.get_by_label("Password").fill("violin harbour sandwich 47")
    bart.press("Join")
    bart.sees_notice("Welcome to Acme Studio")

    olivia.open("settings/members/")
    olivia.press_link("Remove Bart Featherstonehaugh")
    olivia.press("Remove")
    olivia.sees_notice("Bart Featherstonehaugh is removed")

    bart.open("invoices/")
    expect(bart.page.get_by_role("heading", level=1)).not_to_have_text("Invoices")
