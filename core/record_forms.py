"""Forms that write a record: what they carry for themselves, so that nothing is made twice and nothing is written
back over what others changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from django import forms
from django.http import QueryDict

from core import readings
from core.forms import ComboboxField
from core.tickets import SentBefore, Ticket, digest_of

Result = TypeVar("Result")
PATIENCE = 3
"""How often a save is tried anew because the record moved, in ways that do not concern the form."""


class OnceForm(forms.Form):
    """A form that makes a record, and makes it once: it carries a token that is used up by what it makes."""

    data: QueryDict
    once = forms.UUIDField(
        required=False, initial=uuid4, widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )

    @property
    def ticket(self) -> Ticket | None:
        """What the creating service wants to know of this form. Nothing, when no token came with it."""
        token = self.cleaned_data.get("once")
        uncounted = {self.add_prefix("once"), "csrfmiddlewaretoken"}
        typed = {name: self.data.getlist(name) for name in self.data if name not in uncounted}
        return Ticket(token, digest_of(typed)) if token else None

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, without what the form carries for itself."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("once", "read")}

    def refuse_again(self, refused: SentBefore) -> None:
        """Say why, and take a new token: whoever saves again after reading it means it."""
        self.add_error(None, str(refused))
        self.data = self.data.copy()
        self.data[self.add_prefix("once")] = str(uuid4())


class Meanwhile(NamedTuple):
    """A field that others changed while it was being edited: what it is now, and what was typed, if anything was."""

    label: str
    now: str
    typed: str
    is_typed: bool


class EditingForm(forms.Form):
    """A form that edits a record which others, or Xero, may change meanwhile.

    It carries what it showed (`core.readings`), sends only what its user changed, and when the service finds the
    record changed since, it shows that in `meanwhile` and moves on: fields left alone show what is saved now, and
    saving again keeps what was typed. Subclasses say which values count (`values_of`, `typed_values`).
    """

    data: QueryDict
    read = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))
    compared: Sequence[str] = ()
    meanwhile: Sequence[Meanwhile] = ()
    moved_on: frozenset[str] = frozenset()

    def begin(self, record: Any) -> None:
        """Remember what the form shows of this record."""
        self.initial.setdefault("read", readings.read(record.revision, self.values_of(record)).text())

    def values_of(self, record: Any) -> dict[str, Any]:
        """What is saved, by field."""
        return {name: getattr(record, name) for name in self.compared}

    def typed_values(self) -> dict[str, Any]:
        """What the form holds, by field, once it is valid."""
        return {name: self.cleaned_data[name] for name in self.compared}

    def keep(
        self, write: Callable[..., Result], *, load: Callable[[], Any], stale: type[Exception]
    ) -> Result | None:
        """Call `write(expected_revision=…, **what the user changed)`. None when the form has to be looked at again.

        `write` raises `stale` when the record has another revision; `load()` then answers it as it is. What changed
        on it and is on no field of this form stands in nobody's way.
        """
        reading, typed = readings.parse(self.cleaned_data["read"]), self.typed_values()
        changes = {name: typed[name] for name in typed if name in reading.differing(typed)}
        for _ in range(PATIENCE):
            try:
                return write(expected_revision=reading.revision, **changes)
            except stale as refused:
                record = load()
                values = self.values_of(record)
                if theirs := reading.differing(values):
                    self._move_on(record, values, theirs, changes)
                    self.add_error(None, str(getattr(refused, "message", refused)))
                    return None
                reading = readings.read(record.revision, values)
        self.add_error(None, "This is being changed by others right now. Save again in a moment.")
        return None

    def _move_on(
        self, record: Any, values: dict[str, Any], theirs: set[str], changes: dict[str, Any]
    ) -> None:
        names = [name for name in values if name in theirs]
        self.meanwhile = [
            Meanwhile(
                self._label(name),
                self.shown(name, values[name]),
                self.shown(name, changes.get(name)) if name in changes else "",
                name in changes,
            )
            for name in names
        ]
        self.moved_on = frozenset(names) - set(changes)
        self.data = self.data.copy()
        self.data[self.add_prefix("read")] = readings.read(record.revision, values).text()
        for name in self.moved_on & set(self.fields):
            put_value(self.data, self.add_prefix(name), self.fields[name], values[name])

    def _label(self, name: str) -> str:
        return str(self[name].label) if name in self.fields else name.capitalize()

    def shown(self, name: str, value: Any) -> str:
        """The value as the page tells it; "" for nothing."""
        choices = dict(getattr(self.fields.get(name), "choices", ()))
        if value is None or value == "":
            return ""
        if isinstance(value, dt.date):
            return f"{value:%-d %b %Y}"
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        return str(choices.get(value, value))


def put_value(data: QueryDict, name: str, field: forms.Field, value: Any) -> None:
    """Let the sent form hold this value, as if it had been typed."""
    key = getattr(value, "pk", value)
    data[name] = "" if key is None else str(field.prepare_value(key))
    if isinstance(field, ComboboxField):
        data[f"{name}-text"] = data[f"{name}-label"] = str(value)
