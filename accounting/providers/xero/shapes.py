"""What comes from Xero, decoded by compiled code into the shape that its kind declares. Pure.

An answer is cut into its elements and each is decoded by itself, so one that cannot be read costs only itself. Fields
that a shape does not name are passed over; the element keeps its own text, for what is sent back of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias, TypeVar, cast

import msgspec

from accounting.providers.xero import wire
from accounting.providers.xero.wire import Source, Told, Unreadable

Text = str | None
Number = Decimal | None
"""With the digits that stand on the wire. What is absent and what is null are both None."""

T = TypeVar("T")
S = TypeVar("S", bound="Shape")
Many: TypeAlias = list[T] | dict[str, Any] | None
"""A list of objects; it may be absent, and a lone object is taken as it is meant. See `many`."""


class Shape(msgspec.Struct, gc=False):
    """An object of Xero's, by Xero's own names. Any field may be absent: each has None for default."""

    def get(self, key: str, /) -> Any:
        """The field of this name; None where the shape has none. So it is read like a mapping."""
        return getattr(self, key, None)


class Element(Shape):
    """A record of any kind."""

    UpdatedDateUTC: Text = None


def called(key: str) -> Any:
    """A field of a shape that goes by another name than Xero's."""
    return msgspec.field(name=key, default=None)


def names_of(shape: type[Shape]) -> Mapping[str, str]:
    """Xero's names of the fields of a shape, by its own."""
    return {item.name: item.encode_name for item in msgspec.structs.fields(shape)}


class Unparsed(Mapping[str, Any]):
    """A JSON object as it came. Only what somebody looks at is parsed."""

    __slots__ = ("_fields", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._fields: Mapping[str, msgspec.Raw] | None = None

    def fields(self) -> Mapping[str, msgspec.Raw]:
        """The text of each field. Raises Unreadable."""
        if self._fields is None:
            self._fields = _decoded(self.text, dict[str, msgspec.Raw])
        return self._fields

    def __getitem__(self, key: str) -> Any:
        try:
            return wire.parse(bytes(self.fields()[key]))
        except ValueError as error:
            raise Unreadable(f"{key}: {error}") from error

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields())

    def __len__(self) -> int:
        return len(self.fields())

    def mentions(self, name: str) -> bool:
        """Whether a field of this name can be anywhere in it."""
        return f'"{name}"'.encode() in self.text


def opened(data: bytes) -> Any:
    """The body of an answer. Raises ValueError when it is no JSON.

    What Python's own parser alone takes (NaN, half a surrogate pair, a byte order mark) is parsed by it at once.
    """
    body = Unparsed(data)
    try:
        body.fields()
    except Unreadable:
        return wire.parse(data)
    return body


def elements(body: Source, key: str) -> list[Source]:
    """The field as a list of objects, each by itself; absent, null and a lone object are taken as they are meant."""
    if not isinstance(body, Unparsed):
        return [*wire.objects(body, key)]
    text = bytes(body.fields().get(key, b""))
    if text.startswith(b"["):
        rows = map(bytes, _decoded(text, list[msgspec.Raw]))
        return [Unparsed(row) for row in rows if row.startswith(b"{")]
    return [one] if text.startswith(b"{") and (one := Unparsed(text)) else []


def shaped(source: Told, shape: type[S]) -> S:
    """The object in this shape; itself where it is in it already. Raises Unreadable."""
    if isinstance(source, shape):
        return source
    try:
        if isinstance(source, Unparsed):
            return cast(S, _decoder(shape).decode(source.text))
        return msgspec.convert(source, shape)
    except ValueError:
        return _loosely(source, shape)


def _loosely(source: Told, shape: type[S]) -> S:
    """As it is meant: a number where a text should stand is its digits."""
    try:
        return msgspec.convert(_in_digits(source), shape)
    except ValueError as error:
        raise Unreadable(str(error)) from error


def _in_digits(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _in_digits(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_digits(item) for item in value]
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return str(value) if is_number else value


def many(value: Many[S], shape: type[S]) -> list[S]:
    """The objects of such a field. Raises Unreadable."""
    if isinstance(value, dict):
        return [shaped(value, shape)] if value else []
    return value or []


def amount(value: Number, default: Decimal = wire.ZERO) -> Decimal:
    """The number, or what is meant where there is none. Raises Unreadable when it is not finite."""
    if value is None:
        return default
    if not value.is_finite():
        raise Unreadable(f"{value} is not a number")
    return value


def amount_or_none(value: Number) -> Number:
    """Like `amount`, where nothing there is not zero."""
    return None if value is None else amount(value)


def _decoded(text: bytes, shape: Any) -> Any:
    try:
        return _decoder(shape).decode(text)
    except ValueError as error:
        raise Unreadable(str(error)) from error


@cache
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape, float_hook=Decimal)
