"""A record is paired with what is in Xero by hand, parted, left out, and taken back."""

from __future__ import annotations

import pytest

from tests.e2e.audit import faults_of
from tests.e2e.bookkeeper import Bookkeeper
from tests.e2e.browser import expect
from tests.e2e.tandem import Tandem
from tests.e2e.world import send

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_taken_name_is_linked_unlinked_and_left_out(olivia: Tandem, robin: Bookkeeper) -> None:
    robin.add_contact("Larch and Sons Limited")
    customer = send(
        olivia, "customers/new/", name="Larch and Sons Limited", payment_terms_days="20", currency="NZD"
    )
    olivia.open_address(customer)
    olivia.sees_sync("needs_attention")
    page = olivia.page

    olivia.panel.get_by_role("link", name="Link or leave out").click()
    page.get_by_label("Search in").fill("larch")
    olivia.press("Search")
    expect(page.get_by_role("list", name="Found in Xero")).to_contain_text("Larch and Sons Limited")
    assert faults_of(page) == []
    olivia.press("Link, take Xero's")
    olivia.sees_notice("Linked.")
    pairing = page.url
    olivia.open_address(customer)
    olivia.sees_sync("synced")

    olivia.open_address(pairing)
    page.get_by_label("For good").check()
    page.get_by_label("Why").first.fill("Not ours any more.")
    olivia.press("Leave it out")
    expect(page.get_by_role("main")).to_contain_text("Left out of the sync for good. Not ours any more.")
    assert faults_of(page) == []
    olivia.press("Take it back into the sync")
    olivia.open_address(customer)
    olivia.sees_sync("synced")

    olivia.open_address(pairing)
    olivia.press("Unlink")
    olivia.sees_notice("Unlinked.")
    olivia.open_address(customer)
    olivia.sees_sync("unlinked")
