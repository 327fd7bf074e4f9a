"""What Xero's answers say of each of their elements, whatever kind these are. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from accounting.port.exchange import FetchReply, PushResult, RemoteRecord
from accounting.providers.xero import catalogue, wire
from accounting.providers.xero.kinds.base import Codec
from accounting.providers.xero.shapes import Decoded, Unparsed
from accounting.providers.xero.wire import Source, Told, Unreadable


def result(codec: Codec, element: Source, reference: str = "") -> PushResult:
    """What became of one element of a write."""
    try:
        if is_error(element):
            return _refusal(messages(element, "ValidationErrors") or ("It gave no reason.",), reference)
        return PushResult(record=codec.record(element), warnings=messages(element, "Warnings"))
    except Unreadable as error:
        return PushResult(errors=(str(error),), advice="Xero's answer could not be read.", unreadable=True)


def _refusal(words: tuple[str, ...], reference: str) -> PushResult:
    return PushResult(
        errors=words,
        advice=catalogue.explain(words),
        taken=catalogue.is_taken(words),
        refused_by_parent=catalogue.is_not_payable(words),
        reference=reference,
    )


def is_error(element: Source) -> bool:
    """Whether this element was refused. What it echoes is what was asked, never what is (Xero docs: Errors)."""
    said: Told = element.told if isinstance(element, Decoded) else element
    return wire.text(said, "StatusAttributeString") == "ERROR" or bool(
        said.get("HasErrors") or said.get("HasValidationErrors") or said.get("ValidationErrors")
    )


def messages(element: Source, key: str) -> tuple[str, ...]:
    """The texts of `ValidationErrors` or `Warnings` of one element, and of what is nested in it: a contact's or a
    line's reason stands there alone (Xero docs: Errors)."""
    if isinstance(element, Unparsed) and not element.mentions(key):
        return ()
    own = [wire.text(item, "Message") for item in wire.objects(element, key) if item.get("Message")]
    inner = [
        text
        for name, value in element.items()
        if name != key and isinstance(value, dict | list)
        for item in wire.objects(element, name)
        for text in messages(item, key)
    ]
    return tuple(dict.fromkeys([*own, *inner]))


def read(codec: Codec, elements: Sequence[Source]) -> FetchReply:
    """The records of these elements; one that cannot be read costs only itself."""
    records: list[RemoteRecord] = []
    unreadable: list[tuple[str, str]] = []
    for element in elements:
        try:
            records.append(codec.record(element))
        except Unreadable as error:
            unreadable.append((codec.id_of(element), str(error)))
    return FetchReply(tuple(records), unreadable=tuple(unreadable))


def together(replies: Sequence[FetchReply]) -> FetchReply:
    """Several answers as one; the last one's quota is the newest."""
    if len(replies) == 1:
        return replies[0]
    records = {record.remote_id: record for reply in replies for record in reply.records}
    unreadable = tuple(entry for reply in replies for entry in reply.unreadable)
    return FetchReply(tuple(records.values()), (), unreadable, replies[-1].quota, replies[-1].at)


def missing(wanted: Sequence[str], reply: FetchReply) -> tuple[str, ...]:
    """Those of the wanted ids that the answer says nothing of."""
    seen = {record.remote_id for record in reply.records} | {remote_id for remote_id, _ in reply.unreadable}
    return tuple(remote_id for remote_id in wanted if remote_id not in seen)
