"""Idempotency-Key: the first answer is kept for six minutes, errors included (Xero docs, "Idempotency")."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from xero_sandbox.clock import Clock
from xero_sandbox.reply import Reply, json_reply
from xero_sandbox.rules.messages import key_reused, key_too_long

LONGEST_KEY = 128


@dataclass(slots=True)
class _Kept:
    first_seen: datetime
    request_hash: str
    tenant_id: str
    reply: Reply


class IdempotencyStore:
    """Answers by app and key. Xero's scope is the app, not the organisation; so is this one."""

    def __init__(self, clock: Clock, seconds: int) -> None:
        self._clock = clock
        self.window = timedelta(seconds=seconds)
        self.reset()

    def reset(self) -> None:
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._ever: dict[tuple[str, str], str] = {}
        self.replays = 0
        self.key_body_mismatch = 0
        self.resent_after_window = 0

    def forget(self) -> None:
        """Behave as if the window had passed for every key."""
        self._kept.clear()

    def recall(self, client_id: str, key: str, request_hash: str) -> Reply | None:
        """The kept answer, the refusal of a key that is reused or too long, or None: go on."""
        if len(key) > LONGEST_KEY:
            return _refusal(key_too_long(key))
        if self._ever.setdefault((client_id, key), request_hash) != request_hash:
            self.key_body_mismatch += 1
        kept = self._kept.get((client_id, key))
        if kept is None or self._clock.now() - kept.first_seen >= self.window:
            self.resent_after_window += kept is not None
            return None
        if kept.request_hash != request_hash:
            return _refusal(key_reused(key))
        self.replays += 1
        return kept.reply

    def keep(self, client_id: str, key: str, request_hash: str, tenant_id: str, reply: Reply) -> None:
        self._kept[(client_id, key)] = _Kept(self._clock.now(), request_hash, tenant_id, reply)


def request_hash(method: str, url: str, body: bytes) -> str:
    """What must be the same for a replay: method, path with query, body."""
    return hashlib.sha256(b"\n".join((method.encode(), url.encode(), body))).hexdigest()


def _refusal(message: str) -> Reply:
    return json_reply(400, {"ErrorNumber": 10, "Type": "ValidationException", "Message": message})
