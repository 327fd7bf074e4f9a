"""Fields and the errors of a form: what they say to eyes, ears and keyboards."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms

from tests.core.rendered import Broken, EveryField, render


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
