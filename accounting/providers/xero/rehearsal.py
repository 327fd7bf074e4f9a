"""What Xero posts when it checks that somebody listens (Xero docs: Webhooks, "Intent to receive"): deliveries without
an event, some signed and some not signed as they should be."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

from accounting.port.exchange import Rehearsal
from accounting.providers.xero import wire
from accounting.providers.xero.signature import sign


def rehearse(keys: Sequence[str]) -> tuple[Rehearsal, ...]:
    """One good delivery for each key, and the ones that must be refused. None without a key."""
    return (*_good(keys), *_bad(keys[0])) if keys else ()


def _good(keys: Sequence[str]) -> Iterator[Rehearsal]:
    for number, key in enumerate(keys, 1):
        which = f"key {number} of {len(keys)}" if len(keys) > 1 else "the key"
        body = _body()
        yield _posted(f"Signed with {which}", body, sign(body, key), genuine=True)


def _bad(key: str) -> Iterator[Rehearsal]:
    body = _body()
    yield _posted("Signed with a wrong key", body, sign(body, secrets.token_urlsafe(32)))
    yield _posted("Signed for other words", body, sign(_body(), key))
    yield _posted("Signed with nonsense", body, "not a signature")
    yield _posted("Not signed", body, None)


def _body() -> bytes:
    empty = {"events": [], "firstEventSequence": 0, "lastEventSequence": 0}
    return wire.dump({**empty, "entropy": secrets.token_urlsafe(15)}).encode()


def _posted(name: str, body: bytes, signature: str | None, *, genuine: bool = False) -> Rehearsal:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if signature is not None:
        headers["x-xero-signature"] = signature
    return Rehearsal(name, body, headers, genuine)
