"""/connections: camel case and seven-digit stamps, unlike the accounting API (Xero docs, "Connections")."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, request

from xero_sandbox.api.access import Refused, read_claims
from xero_sandbox.api.call import Call
from xero_sandbox.fault_effects import suffer
from xero_sandbox.faults import Target
from xero_sandbox.registration import Connection
from xero_sandbox.reply import Reply, json_reply
from xero_sandbox.sandbox import Sandbox
from xero_sandbox.wire import seven_digits

connections = Blueprint("connections", __name__)


@connections.route("/connections", methods=["GET"])
@connections.route("/Connections", methods=["GET"])
def list_connections() -> Response:
    return _answer(_list)


@connections.route("/connections/<connection_id>", methods=["DELETE"])
@connections.route("/Connections/<connection_id>", methods=["DELETE"])
def delete_connection(connection_id: str) -> Response:
    return _answer(lambda sandbox, user_id: _delete(sandbox, user_id, connection_id))


def _answer(act: Any) -> Response:
    sandbox: Sandbox = current_app.extensions["sandbox"]
    call = Call.read()
    entry = sandbox.log.open(
        method=call.method,
        path=call.path,
        query=call.url.partition("?")[2],
        organisation=None,
        idempotency_key=None,
        body_sha256="",
        body_bytes=0,
    )

    def produce() -> Reply:
        with sandbox.lock:
            try:
                reply: Reply = act(sandbox, read_claims(sandbox, call).user_id)
                return reply
            except Refused as refused:
                return refused.reply

    fault = sandbox.faults.take(Target(call.method, call.path.lower(), None, b""))
    entry.fault = fault.kind if fault else None
    reply = suffer(fault, produce, sandbox.sleep) if fault else produce()
    entry.status = reply.status
    return reply.to_flask()


def _list(sandbox: Sandbox, user_id: str) -> Reply:
    event = request.args.get("authEventId")
    rows = sandbox.store.connections.find("user", user_id)
    return json_reply(200, [_json(sandbox, row) for row in rows if event in (None, row.auth_event_id)])


def _delete(sandbox: Sandbox, user_id: str, connection_id: str) -> Reply:
    row = sandbox.store.connections.get(connection_id.lower())
    if row is None or row.user_id != user_id:
        return Reply(404, b"", None)
    sandbox.store.remove(Connection, row.id)
    return Reply(204, b"", None)


def _json(sandbox: Sandbox, row: Connection) -> dict[str, str]:
    return {
        "id": row.id,
        "authEventId": row.auth_event_id,
        "tenantId": row.tenant_id,
        "tenantType": "ORGANISATION",
        "tenantName": sandbox.store.books[row.tenant_id].organisation.name,
        "createdDateUtc": seven_digits(row.created),
        "updatedDateUtc": seven_digits(row.updated),
    }
