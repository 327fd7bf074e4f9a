"""Documents to Xero's JSON and back, both ways: each kind by its own module. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from accounting.port.documents import Kind, Outgoing, RemoteRecord, Verb
from accounting.providers.xero import wire
from accounting.providers.xero.kinds import contacts, invoices, payments
from accounting.providers.xero.wire import Json, Unreadable

KINDS: Mapping[Kind, ModuleType] = {"customer": contacts, "invoice": invoices, "payment": payments}
NO_ID = "00000000-0000-0000-0000-000000000000"


def encode(kind: Kind, verb: Verb, element: Outgoing) -> Json:
    """The JSON of one element of a write."""
    body: Json = KINDS[kind].remove(element) if verb == "remove" else KINDS[kind].encode(element)
    if element.remote_id:
        body[KINDS[kind].ID_FIELD] = element.remote_id
    return body


def decode(kind: Kind, source: Json) -> RemoteRecord:
    """One record of a reply. Raises Unreadable when it does not have the shape we know."""
    remote_id = wire.text(source, KINDS[kind].ID_FIELD)
    if not remote_id or remote_id == NO_ID:
        raise Unreadable(f"no {KINDS[kind].ID_FIELD}")
    document = KINDS[kind].decode(source)
    return RemoteRecord(kind, remote_id, wire.instant(source, "UpdatedDateUTC"), document, source)


def envelope(kind: Kind) -> str:
    """The key under which a body holds its elements; its endpoint is called the same."""
    return str(KINDS[kind].ENVELOPE)


def id_of(kind: Kind, element: Json) -> str:
    """The remote id an element names; empty when it names none."""
    return wire.text(element, KINDS[kind].ID_FIELD)


def messages(element: Json, key: str) -> tuple[str, ...]:
    """The texts of `ValidationErrors` or `Warnings` of one element, and of what is nested in it: a contact's or a
    line's reason stands there alone (Xero docs: Errors)."""
    own = [wire.text(item, "Message") for item in wire.objects(element, key) if item.get("Message")]
    inner = [
        text
        for name, value in element.items()
        if name != key and isinstance(value, dict | list)
        for item in wire.objects(element, name)
        for text in messages(item, key)
    ]
    return tuple(dict.fromkeys([*own, *inner]))


def is_error(element: Json) -> bool:
    """Whether this element was refused. What it echoes is what was asked, never what is (Xero docs: Errors)."""
    return wire.text(element, "StatusAttributeString") == "ERROR" or bool(
        element.get("HasErrors") or element.get("HasValidationErrors") or element.get("ValidationErrors")
    )
