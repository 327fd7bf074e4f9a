"""What the components in templates/cotton/ need and a template cannot say."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms import BoundField
from django.forms.forms import BaseForm
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from core.forms import ComboboxField, Typed
from core.sorting import Head, Sorting

TONES = {"debug": "neutral", "info": "info", "success": "success", "warning": "warning", "error": "danger"}
TONE_ICONS = {
    "neutral": "info",
    "info": "info",
    "success": "check-circle",
    "warning": "alert",
    "danger": "x-circle",
    "progress": "refresh",
}

register = template.Library()


@dataclass(frozen=True)
class FieldParts:
    """A bound field, ready to be drawn. `kind` is hidden, checkbox, choices or control."""

    kind: str
    id: str
    hint: str
    hint_id: str
    error_id: str
    describedby: str
    is_optional: bool


@dataclass(frozen=True)
class FormError:
    """One thing that is wrong with a form; `target` is the control's id, empty for the form as a whole."""

    target: str
    label: str
    message: str


@register.simple_tag
def field_parts(field: BoundField, hint: str = "") -> FieldParts:
    """Everything about a field that its label, hint and errors have to agree on.

    A help text is markup, as everywhere in Django; a hint given by the page is text.
    """
    hint = conditional_escape(hint) if hint else mark_safe(field.help_text)  # noqa: S308  (written in our code)
    hint_id, error_id = f"{field.auto_id}_helptext", f"{field.auto_id}_error"
    described = [hint_id] * bool(hint) + [error_id] * bool(field.errors)
    kind = _kind(field)
    return FieldParts(
        kind=kind,
        id=field.id_for_label,
        hint=hint,
        hint_id=hint_id,
        error_id=error_id,
        describedby=" ".join(described),
        is_optional=kind == "control" and not field.field.required and not field.field.disabled,
    )


@dataclass(frozen=True)
class ComboboxParts(FieldParts):
    """A bound ComboboxField, ready to be drawn: what is chosen, what is typed, and what that may mean.

    `facts` is JSON."""

    value: str = ""
    text: str = ""
    label: str = ""
    facts: str = "{}"
    candidates: Sequence[Any] = ()


@register.simple_tag
def combobox_parts(bound: BoundField, hint: str = "") -> ComboboxParts:
    """Like `field_parts`, of a field where one row is chosen by typing. Text that fits nothing brings candidates."""
    chooser, held = bound.field, bound.value()
    assert isinstance(chooser, ComboboxField)
    typed = held if isinstance(held, Typed) else Typed(str(held or ""), "", "")
    told: dict[str, Any] = {"text": typed.text}
    if typed.is_chosen and (row := chooser.row(typed.value)):
        facts = as_json(chooser.facts(row))
        told = {"value": typed.value, "text": str(row), "label": str(row), "facts": facts}
    elif bound.errors and typed.text:
        told["candidates"] = chooser.find(typed.text)
    return ComboboxParts(**vars(field_parts(bound, hint)), **told)


@register.filter
def as_json(value: object) -> str:
    """The value as JSON, for an attribute that a script reads."""
    return json.dumps(value)


@register.simple_tag
def control(field: BoundField, parts: FieldParts, extra: Mapping[str, Any] | None = None) -> SafeString:
    """The field's own widget with our class, what describes it, and the attributes the page adds."""
    attrs = {name: value for name, value in (extra or {}).items() if value is not False}
    classes = [field.field.widget.attrs.get("class", ""), attrs.pop("class", "")]
    classes.append({"checkbox": "checkbox", "control": "control"}.get(parts.kind, ""))
    if isinstance(field.field.widget, forms.NumberInput):
        classes.append("tabular")
    attrs["class"] = " ".join(filter(None, classes))
    if parts.describedby and parts.kind != "choices":
        attrs["aria-describedby"] = parts.describedby
    return field.as_widget(attrs=attrs)


@register.simple_tag
def form_errors(form: BaseForm) -> list[FormError]:
    """What is wrong with the form, the form as a whole first, then field by field in their order."""
    whole = [FormError("", "", str(message)) for message in form.non_field_errors()]
    return whole + list(_field_errors(form))


@register.simple_tag
def page_links(page: Page[Any]) -> list[int | None]:
    """The page numbers to offer; None stands for those left out."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in numbers]


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, name: str, value: object) -> str:
    """The page's query string with one value changed; filters and order stay."""
    query = context["request"].GET.copy()
    query[name] = str(value)
    return str(query.urlencode())


@register.simple_tag
def sort_head(sorting: Sorting, name: str) -> Head:
    """The head of a column that the list can be sorted by."""
    return sorting.head(name)


@register.simple_tag(takes_context=True)
def sorted_by(context: template.Context, value: str) -> str:
    """The page's query string, sorted by this, from the first page on."""
    query = context["request"].GET.copy()
    query["sort"] = value
    query.pop("page", None)
    return str(query.urlencode())


@register.simple_tag
def uid(prefix: str = "u") -> str:
    """An id no other element has, in this page or in a part that arrives later."""
    return f"{prefix}-{secrets.token_hex(4)}"


@register.filter
def tone(level: str) -> str:
    """The tone of a message level (`error` is `danger`)."""
    return TONES.get(level, "neutral")


@register.filter
def tone_icon(name: str) -> str:
    """The icon that says what a tone's colour says."""
    return TONE_ICONS.get(name, "info")


@register.filter
def initials(name: object) -> str:
    """Up to two letters that stand for a name."""
    words = [word for word in str(name).replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper()


@register.filter
def break_email(address: str) -> SafeString:
    """An address that breaks after its @ and its dots before it breaks anywhere else."""
    return mark_safe(re.sub(r"[@.]", r"\g<0><wbr>", conditional_escape(address)))  # noqa: S308  (escaped first)


@register.filter
def times(count: object) -> range:
    """A range to repeat something `count` times."""
    return range(int(str(count)))


def _kind(field: BoundField) -> str:
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    return "choices" if field.use_fieldset else "control"


def _field_errors(form: BaseForm) -> Iterator[FormError]:
    for field in form:
        for message in field.errors:
            yield FormError(_target(field), str(field.label), str(message))


def _target(field: BoundField) -> str:
    """The id to jump to: the control, or the first of its choices."""
    if field.is_hidden or not field.auto_id:
        return ""
    return field.id_for_label or f"{field.auto_id}_0"
