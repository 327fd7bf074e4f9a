"""The `where` language: comparisons joined by AND and OR (Xero docs, "Requests and responses: filtering")."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xero_sandbox.errors import bad_query

Test = Callable[[Any], bool]
Getter = Callable[[Any], Any]

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"[^"]*")|(?P<call>(?i:guid|DateTime(?:\.Parse)?))\s*\(\s*(?P<args>[^)]*)\)'
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<join>&&|\|\||(?i:AND|OR)\b)|(?P<compare>==|!=|>=|<=|>|<|=)"
    r"|(?P<method>\.(?:Contains|StartsWith|EndsWith))\s*\(\s*(?P<part>\"[^\"]*\")\s*\)"
    r"|(?P<paren>[()])|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.(?!Contains|StartsWith|EndsWith)[A-Za-z0-9_]+)*))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_METHODS: dict[str, Callable[[str, str], bool]] = {
    ".Contains": lambda text, part: part in text,
    ".StartsWith": lambda text, part: text.startswith(part),
    ".EndsWith": lambda text, part: text.endswith(part),
}


def compile_where(text: str, fields: dict[str, Getter]) -> Test:
    """A test for records; anything that cannot be read is a 400 (QueryParseException)."""
    parser = _Parser(_tokens(text), fields)
    test = parser.either()
    if parser.kind():
        raise bad_query(f"Unexpected '{parser.value()}' in the where clause.")
    return test


def _tokens(text: str) -> list[re.Match[str]]:
    found, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise bad_query(f"The where clause cannot be read at '{text[position:]}'.")
        found.append(match)
        position = match.end()
    return found


class _Parser:
    """Recursive descent over the tokens: either (OR) of both (AND) of single comparisons."""

    def __init__(self, tokens: list[re.Match[str]], fields: dict[str, Getter]) -> None:
        self._tokens, self._fields, self._at = tokens, fields, 0

    def kind(self) -> str | None:
        if self._at >= len(self._tokens):
            return None
        return next(name for name, value in self._tokens[self._at].groupdict().items() if value is not None)

    def value(self) -> str:
        return self._tokens[self._at].group(0).strip() if self.kind() else "the end"

    def _next(self, *kinds: str) -> re.Match[str]:
        if self.kind() not in kinds:
            raise bad_query(f"Unexpected '{self.value()}' in the where clause.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _joined_by(self, *words: str) -> bool:
        joined = self.kind() == "join" and self.value().upper() in words
        self._at += joined
        return joined

    def either(self) -> Test:
        tests = [self._both()]
        while self._joined_by("OR", "||"):
            tests.append(self._both())
        return lambda record: any(test(record) for test in tests)

    def _both(self) -> Test:
        tests = [self._single()]
        while self._joined_by("AND", "&&"):
            tests.append(self._single())
        return lambda record: all(test(record) for test in tests)

    def _single(self) -> Test:
        if self.kind() == "paren" and self.value() == "(":
            self._at += 1
            test = self.either()
            if self._next("paren").group("paren") != ")":
                raise bad_query("A bracket in the where clause is not closed.")
            return test
        getter = self._getter(self._next("name").group("name"))
        if self.kind() == "method":
            return self._method(getter)
        return self._comparison(getter)

    def _getter(self, name: str) -> Getter:
        getter = self._fields.get(name.lower())
        if getter is None:
            raise bad_query(f"No property or field '{name}' exists in type.")
        return getter

    def _method(self, getter: Getter) -> Test:
        token = self._next("method")
        test, part = _METHODS[token.group("method")], token.group("part")[1:-1].casefold()
        return lambda record: test(str(getter(record) or "").casefold(), part)

    def _comparison(self, getter: Getter) -> Test:
        compare = _COMPARE[self._next("compare").group("compare")]
        wanted = _literal(self._next("text", "call", "number", "name"))
        return lambda record: _compare(compare, getter(record), wanted)


def _literal(token: re.Match[str]) -> Any:
    if token.group("text") is not None:
        return token.group("text")[1:-1].casefold()
    if token.group("number") is not None:
        return Decimal(token.group("number"))
    if token.group("call") is not None:
        return _called(token.group("call").lower(), token.group("args"))
    words = {"true": True, "false": False, "null": None}
    if token.group("name").lower() not in words:
        raise bad_query(f"'{token.group('name')}' is not a value.")
    return words[token.group("name").lower()]


def _called(name: str, args: str) -> Any:
    try:
        if name == "guid":
            return args.strip().strip('"').lower()
        if name == "datetime.parse":
            return datetime.fromisoformat(args.strip().strip('"')).date()
        return datetime(*(int(part) for part in args.split(","))).date()  # type: ignore[arg-type]
    except (ValueError, TypeError):
        raise bad_query(f"{name}({args}) is not a value.") from None


def _compare(compare: Callable[[Any, Any], bool], value: Any, wanted: Any) -> bool:
    """Text without regard to case; a missing value answers only == and !=."""
    if isinstance(value, str):
        value = value.casefold()
    if isinstance(value, datetime):
        value = value.date()
    same_kind = (
        value is not None and wanted is not None and isinstance(value, date) == isinstance(wanted, date)
    )
    if compare in (operator.eq, operator.ne) or (same_kind and not isinstance(wanted, bool)):
        try:
            return compare(value, wanted)
        except TypeError:
            return False
    return False
