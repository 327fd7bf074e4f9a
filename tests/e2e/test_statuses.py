"""An invoice stands in Xero as it stands here, or goes there once it is approved: as the workspace has chosen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.bookkeeper import Bookkeeper
from tests.e2e.browser import expect
from tests.e2e.tandem import Line, Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

WORK = [Line("A morning's work", "1", "100.00")]
CHOSEN_FOR_ALL_TESTS = "Once approved, as Awaiting payment"


@pytest.fixture
def keeping_step(olivia: Tandem) -> Iterator[Tandem]:
    olivia.choose_rule("With its status")
    yield olivia
    olivia.choose_rule(CHOSEN_FOR_ALL_TESTS)


@pytest.fixture
def sending_drafts(olivia: Tandem) -> Iterator[Tandem]:
    olivia.choose_rule("Once approved, as Draft")
    yield olivia
    olivia.choose_rule(CHOSEN_FOR_ALL_TESTS)


def test_draft_stands_in_xero_follows_each_step_and_is_deleted_there(
    keeping_step: Tandem, robin: Bookkeeper
) -> None:
    olivia = keeping_step
    number = olivia.create_invoice("Harbour Bakery", WORK, press="Save draft")
    olivia.sees_sync("synced")
    robin.open_invoice(number)
    robin.sees(robin.title, "Draft")

    olivia.do_more("Submit for approval")
    robin.sees(robin.title, "Awaiting approval")
    olivia.do_more("Return to draft")
    robin.sees(robin.title, "Draft")
    olivia.press("Approve")
    robin.sees(robin.title, "Awaiting payment")

    other = olivia.create_invoice("Harbour Bakery", WORK, press="Save draft")
    olivia.sees_sync("synced")
    robin.open_invoice(other)
    olivia.do_more("Delete draft")
    olivia.press("Delete draft")
    robin.sees(robin.title, "Deleted")


def test_steps_of_the_bookkeeper_come_back(keeping_step: Tandem, robin: Bookkeeper) -> None:
    olivia = keeping_step
    number = olivia.create_invoice("Harbour Bakery", WORK, press="Save draft")
    olivia.sees_sync("synced")
    robin.open_invoice(number)

    robin.press("Submit")
    expect(olivia.state).to_have_text("Awaiting approval")
    robin.press("Back to draft")
    expect(olivia.state).to_have_text("Draft")
    robin.press("Approve")
    expect(olivia.state).to_have_text("Awaiting payment")


def test_draft_that_lacks_something_waits_and_goes_once_it_is_complete(
    keeping_step: Tandem, robin: Bookkeeper
) -> None:
    olivia = keeping_step
    olivia.open("invoices/new/")
    olivia.choose_customer("Harbour Bakery")
    olivia.type_lines(WORK)
    olivia.choose_tax("No tax")
    olivia.press("Save draft")
    number = olivia.number()
    olivia.sees_sync("waiting")
    expect(olivia.panel).to_contain_text("Choose a tax rate: Xero takes no line without one.")

    olivia.press_link("Edit")
    olivia.choose_tax("GST 15%")
    olivia.press("Save")
    olivia.sees_sync("synced")
    robin.open_invoice(number)
    robin.sees(robin.title, "Draft")


def test_reopened_invoice_is_held_and_says_so(keeping_step: Tandem, robin: Bookkeeper) -> None:
    olivia = keeping_step
    number = olivia.synced_invoice()
    olivia.do_more("Reopen as a draft")
    olivia.sees_sync("held")
    expect(olivia.panel).to_contain_text("Held here until it is approved again.")
    robin.open_invoice(number)
    robin.sees(robin.title, "Awaiting payment")


def test_draft_stays_here_until_it_is_approved_and_then_its_status_is_the_bookkeepers(
    sending_drafts: Tandem, robin: Bookkeeper
) -> None:
    olivia = sending_drafts
    number = olivia.create_invoice("Harbour Bakery", WORK, press="Save draft")
    olivia.sees_sync("not_sent")
    expect(olivia.panel).to_contain_text("Goes to Xero once it is approved.")

    olivia.press("Approve")
    olivia.sees_sync("synced")
    robin.open_invoice(number)
    robin.sees(robin.title, "Draft")
    robin.press("Approve")
    expect(olivia.state).to_have_text("Awaiting payment")
