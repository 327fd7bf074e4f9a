"""Support changes what a workspace is on; its super user finds the card gone, and which plan has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from config.demo.people import NORTHWIND, Person
from tests.e2e.audit import faults_of
from tests.e2e.browser import Page, Watch, expect
from tests.e2e.conftest import ADMIN
from tests.e2e.running_demo import RunningDemo
from tests.e2e.tandem import Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def support(
    demo: RunningDemo, new_tab: Callable[..., Page], sessions: Callable[[Person], dict], watch: Watch
) -> Iterator[Tandem]:
    """An administrator; Northwind ends on the plan it began on."""
    watch.expect("404")  # Django's administration has no icon
    admin = Tandem(new_tab(sessions(ADMIN)), demo.site, "")
    yield admin
    admin.put_on_plan("Northwind Design", "Business")


def test_plan_without_integrations_shows_no_card_and_leads_to_billing(
    support: Tandem, person: Callable[[Person], Tandem]
) -> None:
    nora = person(NORTHWIND.super_user)
    support.put_on_plan("Northwind Design", "Starter")

    nora.open("settings/accounting/")
    expect(nora.page.get_by_role("heading", name="Your plan has no integrations")).to_be_visible()
    expect(nora.page.get_by_role("button", name="Connect to Xero")).to_have_count(0)
    assert faults_of(nora.page) == []
    nora.press_link("See plans")
    expect(nora.page.get_by_role("heading", level=1)).to_have_text("Billing")
    expect(nora.page.locator("section.card", has_text="No integrations")).to_contain_text("Your plan")
    assert faults_of(nora.page) == []
    support.put_on_plan("Northwind Design", "Business")

    nora.open("settings/accounting/")
    expect(nora.page.get_by_text("Your plan has no integrations")).to_have_count(0)
