"""The components by themselves: what they say to eyes, ears and keyboards."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.core.paginator import Paginator
from django.template import TemplateDoesNotExist

from tests.core.rendered import render


def test_button_is_a_button_that_submits_nothing_by_itself() -> None:
    button = render("<c-button>Save</c-button>").one("button")
    assert (button["type"], button.classes) == ("button", ["button", "button--secondary"])


def test_button_with_href_is_a_link() -> None:
    page = render('<c-button href="/x" variant="primary">Go</c-button>')
    assert page.one("a")["href"] == "/x"
    assert page.all("button") == []


def test_button_passes_other_attributes_on() -> None:
    button = render('<c-button hx-post="/pay?a={{ a }}" data-x="1" id="pay">Pay</c-button>', a='"&').one(
        "button"
    )
    assert (button["hx-post"], button["data-x"], button["id"]) == ('/pay?a="&', "1", "pay")


def test_button_disabled_by_attribute_or_by_value() -> None:
    page = render('<c-button disabled>A</c-button><c-button :disabled="no">B</c-button>', no=False)
    assert ["disabled" in button.attrs for button in page.all("button")] == [True, False]


def test_link_disabled_leads_nowhere() -> None:
    link = render('<c-button href="/x" disabled>Go</c-button>').one("a")
    assert "href" not in link.attrs
    assert link["aria-disabled"] == "true"


def test_button_without_text_is_named_by_its_label() -> None:
    button = render('<c-button icon="print" label="Print" />').one("button")
    assert (button["aria-label"], "button--icon" in button.classes) == ("Print", True)


def test_button_in_a_card_does_not_take_the_cards_attributes() -> None:
    page = render('<c-card title="T" class="wide"><c-button>A</c-button></c-card>')
    assert page.one("button").classes == ["button", "button--secondary"]


@pytest.mark.parametrize("tone", ["neutral", "info", "success", "warning", "danger", "progress"])
def test_badge_has_its_tone(tone: str) -> None:
    badge = render(f'<c-badge tone="{tone}" title="Why">State</c-badge>').all("span")[0]
    assert f"tone--{tone}" in badge.classes
    assert badge["title"] == "Why"


def test_card_shows_its_slots() -> None:
    page = render(
        '<c-card title="Totals"><c-slot name="actions">act</c-slot>body<c-slot name="footer">foot</c-slot></c-card>'
    )
    assert page.text == "Totals act body foot"


def test_card_without_title_and_actions_has_no_header() -> None:
    assert render("<c-card>body</c-card>").all("h2") == []


def test_card_ignores_the_pages_own_title() -> None:
    assert render("<c-card>body</c-card>", title="The page").text == "body"


def test_banner_and_empty_state_show_title_text_and_actions() -> None:
    for name in ("banner", "empty"):
        page = render(f'<c-{name} title="T">text<c-slot name="actions">act</c-slot></c-{name}>')
        assert page.text == "T text act"


def test_table_is_named_for_those_who_listen() -> None:
    page = render('<c-table label="Invoices" id="list"><tbody><tr><td>x</td></tr></tbody></c-table>')
    assert page.one("caption").classes == ["visually-hidden"]
    assert page.one("table")["id"] == "list"


@dataclass
class Row:
    label: str
    base: str
    ours: str
    theirs: str
    ours_changed: bool
    theirs_changed: bool


def test_diff_marks_what_changed_and_on_which_side() -> None:
    rows = [Row("Total", "1", "2", "1", True, False), Row("Notes", "", "", "<i>", False, True)]
    page = render('<c-diff :rows="rows" />', rows=rows)
    assert ["diff__changed" in cell.classes for cell in page.all("td")] == [
        False,
        True,
        False,
        False,
        False,
        True,
    ]
    assert [cell["data-label"] for cell in page.all("td")[:3]] == ["Last agreed", "Tandem", "Xero"]
    assert page.all("i") == []


def test_pagination_keeps_the_other_parameters() -> None:
    page = render('<c-pagination :page="page" />', "?q=a%26b&page=2", page=Paginator(range(100), 10).page(2))
    hrefs = [link["href"] for link in page.all("a")]
    assert hrefs[0] == "?q=a%26b&page=1"
    assert hrefs[-1] == "?q=a%26b&page=3"
    assert "11–20 of 100" in page.text


def test_pagination_separates_thousands() -> None:
    page = render('<c-pagination :page="page" />', page=Paginator(range(20_002), 50).page(400))
    assert "19,951–20,000 of 20,002" in page.text


def test_pagination_of_one_page_only_counts() -> None:
    page = render('<c-pagination :page="page" />', page=Paginator(range(3), 10).page(1))
    assert (page.text, page.all("a")) == ("1–3 of 3", [])


def test_pagination_of_nothing_is_nothing() -> None:
    assert render('<c-pagination :page="page" />', page=Paginator([], 10).page(1)).elements == []


def test_dialog_is_named_by_its_title_and_can_be_closed() -> None:
    page = render('<c-dialog id="void" title="Void?">Sure?<c-slot name="actions">act</c-slot></c-dialog>')
    assert page.one("dialog")["aria-labelledby"] == page.one("h2")["id"] == "void-title"
    assert "data-dialog-close" in page.one("button").attrs
    assert "data-dialog-show" not in page.one("dialog").attrs


def test_dialog_open_is_shown_when_it_arrives() -> None:
    assert "data-dialog-show" in render('<c-dialog id="x" title="X" :open="True" />').one("dialog").attrs


def test_progress_with_and_without_a_value() -> None:
    known = render('<c-progress label="Sending" :value="0" :max="412" />')
    assert (known.one("progress")["value"], known.one("progress")["max"]) == ("0", "412")
    assert known.text == "Sending 0 of 412"
    assert "value" not in render('<c-progress label="Reading" />').one("progress").attrs


def test_menu_button_opens_its_own_panel() -> None:
    page = render('<c-menu label="More">a</c-menu><c-menu label="More">b</c-menu>')
    targets = [button["popovertarget"] for button in page.all("button")]
    panels = [div["id"] for div in page.all("div") if "popover" in div.attrs]
    assert targets == panels
    assert len(set(panels)) == 2


def test_icon_is_silent_unless_it_is_named() -> None:
    page = render('<c-icon name="clock" /><c-icon name="clock" label="Pending" />')
    silent, named = page.all("svg")
    assert silent["aria-hidden"] == "true"
    assert (named["role"], named["aria-label"]) == ("img", "Pending")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<c-kbd>Ctrl</c-kbd>", "Ctrl"),
        ('<c-stat label="Due" value="9" hint="x" />', "Due 9 x"),
        ('<c-stat label="Due">8</c-stat>', "Due 8"),
        ("<c-tabs><a>All</a></c-tabs>", "All"),
        ("<c-breadcrumbs><li>Here</li></c-breadcrumbs>", "Here"),
        ("<c-definition-list><dt>A</dt><dd>B</dd></c-definition-list>", "A B"),
        ("<c-skeleton />", "Loading"),
        ('<c-toast level="error">No</c-toast>', "No"),
        ("<c-logo />", "Tandem"),
    ],
)
def test_small_components_show_what_they_are_given(source: str, text: str) -> None:
    assert render(source).text == text


def test_skeleton_has_as_many_lines_as_asked() -> None:
    lines = [div for div in render('<c-skeleton :lines="5" />').all("div") if "skeleton__line" in div.classes]
    assert len(lines) == 5


def test_every_icon_named_in_the_templates_is_in_the_sprite() -> None:
    known = set(
        re.findall(r'<symbol id="([^"]+)"', (settings.BASE_DIR / "static/icons/sprite.svg").read_text())
    )
    sources = "\n".join(path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html"))
    named = set(re.findall(r'<c-icon name="([a-z-]+)"', sources)) | set(
        re.findall(r'\bicon="([a-z-]+)"', sources)
    )
    assert named - known == set()


def test_component_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(TemplateDoesNotExist):
        render("<c-nonsense />")
