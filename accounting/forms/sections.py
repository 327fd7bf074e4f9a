"""What every section of Manage is: fields of one subject, what is chosen now, and how they are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms

from accounting.models import Connection, Mapping, RemoteAccount

NOT_CHOSEN = ("", "Choose one")


@dataclass(frozen=True, slots=True)
class Group:
    """Fields of one kind, as many as there are rows: what they are and why, said once above them."""

    legend: str
    hint: str
    names: tuple[str, ...]


class Section:
    """One subject of Manage. `title` heads it and `anchor` is its place on the page; `page` is another page of the
    same subject.

    Subclasses fill `fields`, what is chosen now (`initial`) and the `groups` of fields that there is one of for each
    row. A field explains itself in one sentence: its help text.
    """

    title: ClassVar[str]
    anchor: ClassVar[str]
    page: ClassVar[str] = ""
    page_says: ClassVar[str] = ""
    page_title: ClassVar[str] = ""

    def __init__(self, connection: Connection, mapping: Mapping) -> None:
        self.connection, self.mapping = connection, mapping
        self.fields: dict[str, forms.Field] = {}
        self.initial: dict[str, Any] = {}
        self.groups: list[Group] = []
        self.fill()

    def fill(self) -> None:
        """Read what can be chosen and what is."""
        raise NotImplementedError

    def chosen(self, told: dict[str, Any]) -> dict[str, Any]:
        """These cleaned values by the names of `accounting.sync.mapping.Choices`."""
        return {name: told[name] for name in self.alone}

    @property
    def alone(self) -> list[str]:
        """The fields that are in no group."""
        grouped = {name for group in self.groups for name in group.names}
        return [name for name in self.fields if name not in grouped]


def choice_of(label: str, options: list[tuple[str, str]], hint: str, **more: Any) -> forms.ChoiceField:
    """A choice that may be left open, with its sentence."""
    return forms.ChoiceField(label=label, required=False, choices=options, help_text=hint, **more)


def account_name(account: RemoteAccount, currency: str) -> str:
    """The account as a list shows it: with its currency, where that is not the organisation's."""
    foreign = account.currency and account.currency != currency
    return f"{account} ({account.currency})" if foreign else str(account)
