"""The components pages are written in: what they put on the page in each state."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Template, TemplateDoesNotExist
from django.template.context import RequestContext
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

VOID = {"input", "img", "hr", "br", "use", "circle", "path"}


@dataclass
class Element:
    tag: str
    attrs: dict[str, str | None]

    def __getitem__(self, name: str) -> str | None:
        return self.attrs[name]

    @property
    def classes(self) -> list[str]:
        return (self.attrs.get("class") or "").split()


class Page(HTMLParser):
    """The elements of a piece of HTML, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text = " ".join(f"{self.text} {data}".split())

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def one(self, tag: str) -> Element:
        (element,) = self.all(tag)
        return element


def render(source: str, query: str = "", **context: Any) -> Page:
    compiled = CottonCompiler().process(source)
    request = RequestFactory().get(f"/{query}")
    return Page(Template(compiled).render(RequestContext(request, context)))


class EveryField(forms.Form):
    """One field of every kind."""

    text = forms.CharField(label="Text", help_text="A hint.")
    area = forms.CharField(widget=forms.Textarea, required=False)
    choice = forms.ChoiceField(choices=[("a", "A")])
    date = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    number = forms.DecimalField()
    tick = forms.BooleanField(label="Tick", required=False)
    radio = forms.ChoiceField(label="Radio", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


class Broken(EveryField):
    """A form that is wrong as a whole."""

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("Wrong as a whole.")


# Buttons


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


# Badges, cards, banners, empty states


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


# Fields


def test_field_ties_label_hint_and_control() -> None:
    page = render('<c-field :field="form.text" />', form=EveryField())
    control = page.one("input")
    assert page.one("label")["for"] == control["id"] == "id_text"
    assert control["aria-describedby"] == "id_text_helptext"
    assert [e["id"] for e in page.all("div") if e.attrs.get("id")] == ["id_text_helptext"]
    assert "aria-invalid" not in control.attrs


def test_field_with_an_error_says_so_to_everybody() -> None:
    page = render('<c-field :field="form.text" />', form=EveryField({}))
    control = page.one("input")
    assert control["aria-invalid"] == "true"
    assert control["aria-describedby"] == "id_text_helptext id_text_error"
    assert page.one("ul")["id"] == "id_text_error"
    assert "This field is required." in page.text


def test_field_hint_takes_the_place_of_the_help_text_and_is_escaped() -> None:
    page = render('<c-field :field="form.text" hint="{{ hint }}" />', form=EveryField(), hint="<b>x</b>")
    assert page.all("b") == []
    assert "A hint." not in page.text


def test_field_hint_as_a_value_is_escaped_too() -> None:
    page = render('<c-field :field="form.text" :hint="hint" />', form=EveryField(), hint="<b>x</b>")
    assert page.all("b") == []


def test_field_passes_other_attributes_to_the_control() -> None:
    control = render('<c-field :field="form.text" autofocus hx-get="/x" class="y" />', form=EveryField()).one(
        "input"
    )
    assert control["hx-get"] == "/x"
    assert "autofocus" in control.attrs
    assert "control" in control.classes


@pytest.mark.parametrize(
    ("name", "tag"), [("area", "textarea"), ("choice", "select"), ("date", "input"), ("number", "input")]
)
def test_field_of_any_kind_has_a_label_and_our_class(name: str, tag: str) -> None:
    page = render('<c-field :field="field" />', field=EveryField()[name])
    assert "control" in page.one(tag).classes
    assert page.one("label")["for"] == page.one(tag)["id"]


def test_field_optional_is_marked_unless_told_not_to() -> None:
    assert "(optional)" in render('<c-field :field="form.area" />', form=EveryField()).text
    assert (
        "(optional)" not in render('<c-field :field="form.area" :optional="False" />', form=EveryField()).text
    )
    assert "(optional)" not in render('<c-field :field="form.text" />', form=EveryField()).text


def test_field_checkbox_has_its_label_behind_it() -> None:
    page = render('<c-field :field="form.tick" />', form=EveryField())
    tags = [element.tag for element in page.elements if element.tag in ("input", "label")]
    assert tags == ["input", "label"]


def test_field_radio_is_a_group_with_a_legend() -> None:
    page = render('<c-field :field="form.radio" />', form=EveryField({}))
    assert page.one("fieldset")["aria-describedby"] == "id_radio_error"
    assert [radio["type"] for radio in page.all("input")] == ["radio", "radio"]
    assert page.text.startswith("Radio A B")


def test_field_hidden_is_only_its_control() -> None:
    page = render('<c-field :field="form.secret" />', form=EveryField())
    assert [element.tag for element in page.elements] == ["input"]


def test_field_prefix_and_suffix_stand_beside_the_control() -> None:
    page = render('<c-field :field="form.number" prefix="NZ$" suffix="each" />', form=EveryField())
    assert page.text == "Number NZ$ each"


def test_form_errors_of_a_good_form_is_nothing() -> None:
    assert render('<c-form-errors :form="form" />', form=EveryField()).elements == []


def test_form_errors_lists_the_whole_then_each_field_with_a_link() -> None:
    page = render(
        '<c-form-errors :form="form" />', form=Broken({"text": "x", "choice": "a", "date": "2026-01-01"})
    )
    assert [link["href"] for link in page.all("a")] == ["#id_number", "#id_radio_0"]
    assert page.text.startswith("3 things are not right yet: Wrong as a whole.")
    assert page.all("div")[0]["role"] == "alert"


class OnlyWhole(forms.Form):
    """A form without fields that is wrong."""

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("The password is wrong.")


def test_form_errors_of_one_general_error_is_just_the_sentence() -> None:
    assert render('<c-form-errors :form="form" />', form=OnlyWhole({})).text == "The password is wrong."


# Tables, differences, pages


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


# The rest


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
