"""A component as a browser reads it, and forms with every kind of field."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django import forms
from django.template import Template
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
