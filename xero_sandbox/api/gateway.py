"""The way in: token, organisation, scope, limits, faults, idempotency, then the handler; in that order."""

from __future__ import annotations

import time
import uuid

from flask import Blueprint, Response, current_app
from werkzeug.http import http_date

from xero_sandbox.api.access import Refused, check_scope, check_standing, open_books, read_claims
from xero_sandbox.api.call import Call
from xero_sandbox.api.handlers import answer
from xero_sandbox.api.resources import Resource, resource_for
from xero_sandbox.books import Books
from xero_sandbox.fault_effects import echo_without_ids, suffer
from xero_sandbox.faults import Fault, Target
from xero_sandbox.idempotency import request_hash
from xero_sandbox.reply import Reply, html_reply
from xero_sandbox.request_log import Entry
from xero_sandbox.sandbox import Sandbox

api = Blueprint("api", __name__)
_METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH"]


@api.route("/api.xro/2.0/<path:rest>", methods=_METHODS)
def accounting(rest: str) -> Response:
    sandbox: Sandbox = current_app.extensions["sandbox"]
    call = Call.read()
    started = time.perf_counter()
    entry = _open_entry(sandbox, call)
    reply = _guarded(sandbox, call, entry)
    entry.status = reply.status
    entry.reply_bytes = len(reply.body or b"")
    entry.milliseconds = round((time.perf_counter() - started) * 1000, 2)
    entry.correlation_id = str(uuid.uuid4())
    facts = {"Xero-Correlation-Id": entry.correlation_id, "Date": http_date(sandbox.clock.now())}
    return reply.with_headers(facts).to_flask()


def _open_entry(sandbox: Sandbox, call: Call) -> Entry:
    return sandbox.log.open(
        method=call.method,
        path=call.path,
        query=call.url.partition("?")[2],
        organisation=call.tenant_id,
        idempotency_key=call.idempotency_key,
        body_sha256=call.body_sha256,
        body_bytes=len(call.body),
        elements=_count_elements(call),
    )


def _count_elements(call: Call) -> int:
    """How many documents a write carries; nothing is judged yet."""
    if not call.body or not call.parts:
        return 0
    resource = resource_for(call.parts)
    try:
        return len(call.elements(resource.plural)) if resource else 0
    except Exception:
        return 0  # the handler will say what is wrong


def _guarded(sandbox: Sandbox, call: Call, entry: Entry) -> Reply:
    resource = resource_for(call.parts)
    try:
        with sandbox.lock:
            call.claims = read_claims(sandbox, call)
            books = open_books(sandbox, call, call.claims)
        if resource is None:
            return html_reply(404)
        check_scope(call.claims, resource.scope, writes=call.method != "GET")
        check_standing(books, writes=call.method != "GET")
    except Refused as refused:
        return refused.reply
    refusal = sandbox.limiter.admit(books.id, sandbox.clock.now())
    if refusal is not None:
        return refusal
    try:
        return _admitted(sandbox, call, resource, books, entry)
    finally:
        sandbox.limiter.release(books.id)


def _admitted(sandbox: Sandbox, call: Call, resource: Resource, books: Books, entry: Entry) -> Reply:
    """Under a limit's slot: wait the configured latency, then meet a fault or go straight on."""
    if sandbox.config.latency_seconds:
        sandbox.sleep(sandbox.config.latency_seconds)
    call.books = books

    def produce() -> Reply:
        return _once(sandbox, call, resource, books, entry)

    fault = sandbox.faults.take(Target(call.method, call.path, call.tenant_id, call.body))
    reply = produce() if fault is None else _faulty(sandbox, call, fault, produce, entry)
    return reply.with_headers({**sandbox.limiter.headers(books.id, sandbox.clock.now()), **reply.headers})


def _faulty(sandbox: Sandbox, call: Call, fault: Fault, produce: object, entry: Entry) -> Reply:
    entry.fault = f"{fault.kind}, applied" if fault.applied else fault.kind
    if fault.kind == "no_id":
        return echo_without_ids(call.body)
    reply = suffer(fault, produce, sandbox.sleep)  # type: ignore[arg-type]
    if fault.kind == "error_500" and call.idempotency_key and call.claims and call.books:
        _keep(sandbox, call, call.books, reply)  # a 500 is Xero's own answer: it is kept under the key
    return reply


def _once(sandbox: Sandbox, call: Call, resource: Resource, books: Books, entry: Entry) -> Reply:
    """Carry the call out, or replay the answer kept under its Idempotency-Key."""
    with sandbox.lock:
        kept = _recall(sandbox, call)
        if kept is not None:
            entry.replayed = True
            return kept
        reply = answer(sandbox, call, resource, books)
        _keep(sandbox, call, books, reply)
    return reply


def _recall(sandbox: Sandbox, call: Call) -> Reply | None:
    if not call.idempotency_key or call.claims is None:
        return None
    digest = request_hash(call.method, call.url, call.body)
    return sandbox.idempotency.recall(call.claims.client_id, call.idempotency_key, digest)


def _keep(sandbox: Sandbox, call: Call, books: Books, reply: Reply) -> None:
    if call.idempotency_key and call.claims:
        digest = request_hash(call.method, call.url, call.body)
        sandbox.idempotency.keep(call.claims.client_id, call.idempotency_key, digest, books.id, reply)
