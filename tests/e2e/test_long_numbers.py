"""The longest number there can be stays beside its total on a narrow screen."""

from __future__ import annotations

import pytest

from tests.e2e.tandem import Line, Tandem

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_longest_invoice_number_does_not_lie_over_the_total_on_a_narrow_screen(olivia: Tandem) -> None:
    olivia.open("invoices/new/")
    olivia.choose_customer("Harbour Bakery")
    olivia.page.get_by_label("Invoice number").fill("N" * 255)
    olivia.type_lines([Line("Everything", "99", "100000000.00")])
    olivia.press("Save draft")
    olivia.number()  # it is saved: an address opened before would cut that off
    olivia.page.set_viewport_size({"width": 360, "height": 740})
    olivia.open("invoices/?status=draft&q=NNNN")

    number = olivia.page.locator(".invoices__number .row-link").bounding_box()
    total = olivia.page.locator("td.invoices__total").bounding_box()

    assert number
    assert total
    assert number["x"] + number["width"] <= total["x"]
