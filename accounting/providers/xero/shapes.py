"""What comes from Xero, decoded by compiled code into the shape that its kind declares. Pure.

The elements of an answer are decoded all at once. Where one of them cannot be, each is decoded by itself, so it costs
only itself. Fields that a shape does not name are passed over; for what is sent back of an element there is its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, TypeAlias, TypeVar, cast

import msgspec

from accounting.providers.xero import wire
from accounting.providers.xero.wire import Source, Told, Unreadable

Text = str | None
Number = Decimal | None
"""With the digits that stand on the wire. What is absent and what is null are both None."""

OUTCOME = ("StatusAttributeString", "HasErrors", "HasValidationErrors", "ValidationErrors")
"""What any element of an answer may say beside its record: how it fared."""

T = TypeVar("T")
S = TypeVar("S", bound="Shape")
Many: TypeAlias = list[T] | dict[str, Any] | None
"""A list of objects; it may be absent, and a lone object is taken as it is meant. See `many`."""


class Shape(msgspec.Struct, gc=False):
    """An object of Xero's, by Xero's own names. Any field may be absent: each has None for default.

    In the order in which Xero writes them they are found fastest: the decoder looks for each behind the one before.
    """

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

    __slots__ = ("_fields", "_text")

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._fields: Mapping[str, msgspec.Raw] | None = None

    @property
    def text(self) -> bytes:
        return self._text

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


class Rows:
    """The elements of one answer, by their texts. It is cut into them when somebody asks for the first: most of what is
    read is never looked at again."""

    def __init__(self, body: Unparsed, key: str) -> None:
        self._body, self._key = body, key
        self._mentioned: dict[str, bool] = {}

    def mention(self, name: str) -> bool:
        """Whether a field of this name can be in any of them."""
        if name not in self._mentioned:
            self._mentioned[name] = self._body.mentions(name)
        return self._mentioned[name]

    @cached_property
    def texts(self) -> list[bytes]:
        """Of each that is an object; a lone one is taken as it is meant. Raises Unreadable."""
        text = bytes(self._body.fields().get(self._key, b""))
        if text.startswith(b"["):
            rows = map(bytes, _decoded(text, list[msgspec.Raw]))
            return [row for row in rows if row.startswith(b"{")]
        return [text] if text.startswith(b"{") and Unparsed(text) else []


class Decoded(Unparsed):
    """One of the elements of an answer that were decoded all at once. `told` is its shape, and has `OUTCOME` too."""

    __slots__ = ("_number", "_rows", "told")

    def __init__(self, told: Shape, rows: Rows, number: int) -> None:
        self.told, self._rows, self._number = told, rows, number
        self._fields = None

    @property
    def text(self) -> bytes:
        return self._rows.texts[self._number]

    def mentions(self, name: str) -> bool:
        return self._rows.mention(name) and super().mentions(name)


def opened(data: bytes) -> Unparsed:
    """The body of an answer, to be read by `elements`."""
    return Unparsed(data)


def elements(body: Source, key: str, shape: type[Shape] | None = None) -> Sequence[Source]:
    """The field as a list of objects, decoded into the shape if there is one; absent, null and a lone object are taken
    as they are meant. Raises ValueError when the body is no JSON object.

    Only where one of them does not have the shape they are cut and decoded one by one. What Python's own parser alone
    takes (NaN, half a surrogate pair, a byte order mark) is parsed by it at once.
    """
    if not isinstance(body, Unparsed):
        return wire.objects(body, key)
    rows = Rows(body, key)
    if shape and (told := _all_told(body.text, key, shape)):
        return [Decoded(one, rows, number) for number, one in enumerate(told)]
    try:
        return [Unparsed(text) for text in rows.texts]
    except Unreadable:
        return wire.objects(_mapping(wire.parse(body.text)), key)


def _all_told(text: bytes, key: str, shape: type[S]) -> list[S]:
    """The elements in their shape; none when one of them has another."""
    try:
        return _whole_decoder(key, shape).decode(text).rows or []
    except ValueError:
        return []


def _mapping(value: Any) -> Source:
    if not isinstance(value, Mapping):
        raise Unreadable("The answer is no object.")
    return value


def shaped(source: Told, shape: type[S]) -> S:
    """The object in this shape; itself where it is in it already. Raises Unreadable."""
    if isinstance(source, shape):
        return source
    if isinstance(source, Decoded) and isinstance(source.told, shape):
        return source.told
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


@cache
def _whole_decoder(key: str, shape: Any) -> msgspec.json.Decoder[Any]:
    outcome = [(name, Any, None) for name in OUTCOME]
    row: Any = msgspec.defstruct("Row", outcome, bases=(shape,), gc=False)
    rows = ("rows", list[row] | None, called(key))
    return _decoder(msgspec.defstruct("Whole", [rows], gc=False))
