"""Signing in, connecting to Xero, and making the choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from config.demo.people import ACME, NORTHWIND, Person
from tests.e2e.audit import WIDE, dress, faults_of
from tests.e2e.bookkeeper import Bookkeeper
from tests.e2e.browser import Page, Watch, expect
from tests.e2e.edges import send_what_was_saved_before
from tests.e2e.places import BORN_THERE, COMPARED, CUT_OFF, SENT, UNCHOSEN, UNCONNECTED, Place
from tests.e2e.running_demo import RunningDemo
from tests.e2e.tandem import Line, Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def in_step(person: Callable[[Person], Tandem]) -> Tandem:
    """Northwind's super user; her workspace is connected to Harbour Studio and every choice is made."""
    nora = person(NORTHWIND.super_user)
    nora.open("settings/accounting/")
    if nora.page.get_by_role("button", name="Connect to Xero").is_visible():
        nora.connect("Harbour Studio")
        nora.choose_accounts(rate="20% (VAT on Income)")
    return nora


def test_super_user_signs_in_and_finds_accounting(demo: RunningDemo, new_tab: Callable[..., Page]) -> None:
    olivia = Tandem(new_tab(), demo.site, "acme-studio")

    olivia.sign_in(ACME.super_user.email)
    olivia.page.get_by_role("link", name="Accounting").click()

    expect(olivia.page.get_by_role("heading", level=1)).to_have_text("Accounting")


def test_staff_have_no_accounting(person: Callable[[Person], Tandem], watch: Watch) -> None:
    sam = person(ACME.staff)
    watch.expect("403")

    sam.open("invoices/")
    expect(sam.page.get_by_role("link", name="Customers")).to_be_visible()
    expect(sam.page.get_by_role("link", name="Accounting")).to_have_count(0)
    answer = sam.page.goto(sam.address("settings/accounting/"))

    assert answer is not None
    assert answer.status == 403


def test_connecting_leads_over_consent_to_the_choices_that_invoices_wait_for(
    person: Callable[[Person], Tandem], demo: RunningDemo
) -> None:
    nora = person(NORTHWIND.super_user)
    page = nora.page
    _assert_sound(nora, demo, UNCONNECTED)

    nora.ask_for_access("Harbour Studio")
    expect(page.get_by_role("main")).to_contain_text("United Kingdom")
    expect(page.get_by_role("main")).to_contain_text("GBP")
    assert faults_of(page) == []
    nora.confirm("Harbour Studio")
    _assert_sound(nora, demo, UNCHOSEN)
    nora.open("settings/accounting/")
    card = page.get_by_role("region", name="Harbour Studio")
    expect(card).to_contain_text("Connected")
    expect(card).to_contain_text("Nora Whitby")

    nora.create_invoice("Pennine Outdoor Ltd", [Line("Site visit", "1", "780.00")])
    nora.sees_sync("blocked")
    expect(nora.panel).to_contain_text("in Settings > Accounting")
    invoice = page.url

    nora.panel.get_by_role("link", name="Choose in Settings").click()
    nora.choose_accounts(rate="20% (VAT on Income)")

    nora.open_address(invoice)
    nora.sees_sync("synced")


def test_what_was_saved_before_connecting_is_sent_but_for_what_is_there_already(
    in_step: Tandem, demo: RunningDemo, new_tab: Callable[..., Page]
) -> None:
    harbour = Bookkeeper(new_tab(), demo.sandbox, "harbour-studio")

    send_what_was_saved_before(in_step, harbour)

    _assert_sound(in_step, demo, SENT)


def test_dry_run_links_what_is_there_already(in_step: Tandem, demo: RunningDemo) -> None:
    """What was taken in Xero before is a pair now."""
    nora, page = in_step, in_step.page
    nora.open("settings/accounting/never-sent/")
    nora.press_link("Compare with Xero first")
    nora.press("Compare with Xero")
    expect(page.get_by_role("main")).to_contain_text("Every page of Xero's is read once")
    page.get_by_role("link", name="Show what was found").click()
    row = page.get_by_role("row").filter(has_text="Thornbury & Daughters")
    expect(row).to_contain_text("Link")
    expect(row).to_contain_text("the same name")
    _assert_sound(nora, demo, COMPARED)

    row.get_by_role("checkbox").check()
    nora.press("Later")
    nora.sees_notice("1 left for later.")
    row.get_by_role("checkbox").check()
    page.get_by_role("group", name="For the chosen").get_by_role("button", name="Link").click()
    nora.sees_notice("1 to be linked.")
    nora.press("Confirm and begin")
    page.get_by_role("link", name="Show the report").click()
    expect(page.get_by_role("main")).to_contain_text("1 linked")
    row.get_by_role("link", name="Thornbury & Daughters").click()
    nora.sees_sync("synced")


def test_what_was_made_in_xero_is_made_here_with_its_invoices(in_step: Tandem, demo: RunningDemo) -> None:
    nora, page = in_step, in_step.page
    nora.list_what_is_born_in_xero()
    row = page.get_by_role("row").filter(has_text="Northgate Theatre").first
    expect(row).to_contain_text("3 more belong to it.")
    _assert_sound(nora, demo, BORN_THERE)

    nora.open("settings/accounting/born-in-xero/")
    row.get_by_role("checkbox").check()
    page.get_by_label("and what belongs to them").check()
    nora.press("Make here")
    nora.sees_notice("4 to be made here.")

    nora.open("settings/accounting/born-in-xero/?show=coming")
    nora.sees_in_the_end("None of these")
    nora.open("invoices/")
    page.get_by_role("link", name="SALE-1001").click()
    nora.sees_sync("synced")
    expect(page.get_by_role("main")).to_contain_text("Paid")
    nora.open("credit/")
    expect(page.get_by_role("row").filter(has_text="CREDIT-1001")).to_contain_text("Credit left")


def test_disconnecting_keeps_what_waits_and_reconnecting_sends_it(in_step: Tandem, demo: RunningDemo) -> None:
    nora = in_step
    nora.prove()
    nora.open("settings/accounting/")
    nora.press("Disconnect from Xero")
    nora.page.get_by_role("dialog").get_by_role("button", name="Disconnect from Xero").click()
    nora.sees_notice("Disconnected from Harbour Studio.")
    assert faults_of(nora.page) == []
    dress(nora.page, "light", WIDE)
    nora.create_invoice("Pennine Outdoor Ltd", [Line("Follow-up", "1", "120.00")])
    nora.sees_sync("paused")
    invoice = nora.page.url
    _assert_sound(nora, demo, CUT_OFF)

    nora.open("settings/accounting/")
    nora.press("Reconnect")
    nora.consent("Harbour Studio")
    nora.sees_notice("Connected to Harbour Studio")

    nora.open_address(invoice)
    nora.sees_sync("synced")


def test_smaller_role_is_told_with_its_way_out_and_a_reconnect_ends_it(
    in_step: Tandem, demo: RunningDemo, new_tab: Callable[..., Page]
) -> None:
    nora, harbour = in_step, Bookkeeper(new_tab(), demo.sandbox, "harbour-studio")
    harbour.let_apps_work(how="Whoever connected has the role Read only now")

    nora.create_invoice("Pennine Outdoor Ltd", [Line("Second follow-up", "1", "130.00")])
    nora.sees_sync("paused")
    invoice = nora.page.url
    nora.prove()
    nora.open("settings/accounting/")
    card = nora.page.get_by_role("region", name="Harbour Studio")
    expect(card).to_contain_text("Role too small")
    expect(card).to_contain_text("Have the role Standard or Adviser given in Xero")
    assert faults_of(nora.page) == []
    dress(nora.page, "light", WIDE)

    harbour.let_apps_work(how="Everything as usual")
    nora.press("Reconnect")
    nora.consent("Harbour Studio")
    nora.sees_notice("Connected to Harbour Studio")
    nora.open_address(invoice)
    nora.sees_sync("synced")


def _assert_sound(person: Tandem, demo: RunningDemo, places: Sequence[Place]) -> None:
    """What test_pages asks of every page, of those that a workspace has on its first day only."""
    for place in places:
        place.open(person.page, demo.site, demo.sandbox, {})
        assert faults_of(person.page) == []
    dress(person.page, "light", WIDE)
