"""From a call that was let in to its answer: read, or write one by one or all together."""

from __future__ import annotations

from typing import Any

from xero_sandbox.api.call import Call
from xero_sandbox.api.envelope import envelope, messages, unreadable, validation_failure
from xero_sandbox.api.resources import Removal, Resource
from xero_sandbox.books import Books
from xero_sandbox.documents import NIL_ID
from xero_sandbox.errors import NotFound, Rejected, Unreadable
from xero_sandbox.reply import Reply, html_reply, json_reply
from xero_sandbox.sandbox import Sandbox
from xero_sandbox.wire import to_xml
from xero_sandbox.writes.batches import AllUndone, Outcome, write_all, write_each
from xero_sandbox.writes.context import Writing


def answer(sandbox: Sandbox, call: Call, resource: Resource, books: Books) -> Reply:
    """Carry the call out. Callers hold the lock."""
    try:
        if call.method == "GET":
            return _formatted(call, _read(sandbox, call, resource, books))
        if call.method == "DELETE" and resource.removal:
            return _remove(call, resource.removal, books)
        return _write(sandbox, call, resource, books)
    except NotFound:
        return html_reply(404)  # Xero answers text/html with nothing in it
    except Unreadable as error:
        return json_reply(400, unreadable(error))


def _read(sandbox: Sandbox, call: Call, resource: Resource, books: Books) -> dict[str, Any]:
    key = _key(call)
    if key is None:
        items, paging = resource.listing(call, books)
        return envelope(books.clock, sandbox.config.app_name, resource.plural, items, paging)
    if resource.single is None:
        raise NotFound
    item = resource.single(call, books, key)
    if "Actions" in item:
        return {**envelope(books.clock, sandbox.config.app_name, "Actions", item["Actions"], None)}
    return envelope(books.clock, sandbox.config.app_name, resource.plural, [item], None)


def _write(sandbox: Sandbox, call: Call, resource: Resource, books: Books) -> Reply:
    if resource.write_one is None or call.method not in resource.methods:
        allowed = [*resource.methods] if resource.write_one else []
        return Reply(405, b"", None, {"Allow": ", ".join(["GET", *allowed])})
    elements = call.elements(resource.plural)
    assert call.claims is not None
    writing = Writing(
        books,
        create_only=call.method == "PUT",
        target_id=_key(call),
        client_id=call.claims.client_id,
        decimals=call.decimals,
        veto=sandbox.faults.veto,
    )
    summarize = call.flag("summarizeErrors", default=True)
    try:
        write = write_all if summarize else write_each
        outcomes = write(elements, resource.write_one, writing)
    except AllUndone as undone:
        failed = [_refused(item, resource, with_word=False) for item in undone.outcomes if item.errors]
        return json_reply(400, validation_failure(failed))
    items = [_element(outcome, call, resource, books, with_word=not summarize) for outcome in outcomes]
    return _formatted(call, envelope(books.clock, sandbox.config.app_name, resource.plural, items, None))


def _remove(call: Call, removal: Removal, books: Books) -> Reply:
    """Only what is deleted is answered, without a frame around it."""
    try:
        return _formatted(call, removal(call, books))
    except Rejected as rejected:
        failed = {"ValidationErrors": messages(rejected.messages)}
        return json_reply(400, validation_failure([failed]))


def _key(call: Call) -> str | None:
    return call.parts[1] if len(call.parts) > 1 else None


def _element(
    outcome: Outcome, call: Call, resource: Resource, books: Books, *, with_word: bool
) -> dict[str, Any]:
    if outcome.errors:
        return _refused(outcome, resource, with_word=with_word)
    assert resource.shape is not None
    shape = resource.shape(outcome.record, call, books)
    if outcome.warnings:
        shape["Warnings"] = messages(outcome.warnings)
    return shape | ({"StatusAttributeString": outcome.word} if with_word else {})


def _refused(outcome: Outcome, resource: Resource, *, with_word: bool) -> dict[str, Any]:
    """An element in error echoes what was ASKED, with an id of noughts unless the caller named one."""
    shape = {resource.id_field: NIL_ID, **outcome.sent}
    if resource.errors_field:
        shape[resource.errors_field] = True
    shape["ValidationErrors"] = messages(outcome.errors)
    return shape | ({"StatusAttributeString": "ERROR"} if with_word else {})


def _formatted(call: Call, value: dict[str, Any]) -> Reply:
    """XML unless JSON was asked for."""
    if "application/json" in call.headers.get("Accept", "").lower():
        return json_reply(200, value)
    return Reply(200, to_xml(value), "text/xml; charset=utf-8")
