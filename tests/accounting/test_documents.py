"""What the port hands over: frozen, and declared once."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from msgspec import Struct

from accounting.port import documents, exchange
from accounting.port.documents import LineDoc, PaymentDoc, facts_of


def _structs_of(room: Any) -> list[type[Struct]]:
    return [shape for _, shape in inspect.getmembers(room, inspect.isclass) if issubclass(shape, Struct)]


HANDED_OVER = sorted(
    {*_structs_of(documents), *_structs_of(exchange)} - {Struct}, key=lambda shape: shape.__name__
)


@pytest.mark.parametrize("shape", HANDED_OVER)
def test_what_the_port_hands_over_cannot_be_changed(shape: type[Struct]) -> None:
    assert shape.__struct_config__.frozen


def test_facts_of_a_settlement_come_before_those_of_its_kind() -> None:
    assert [*facts_of(PaymentDoc)] == ["amount", "date", "reference", "removed"]


def test_field_without_a_fact_is_none() -> None:
    kept = {name for name in LineDoc.__struct_fields__ if name not in facts_of(LineDoc)}
    assert kept == {"ref", "remote_id", "tracking"}
