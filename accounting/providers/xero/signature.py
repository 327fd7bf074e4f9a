"""Webhook signatures (Xero docs: Webhooks, "Validating the signature")."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence


def sign(body: bytes, key: str) -> str:
    """base64(HMAC-SHA256) of the raw bytes; the key is used as UTF-8 text, not base64-decoded."""
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


def is_genuine(body: bytes, signature: str, keys: Sequence[str]) -> bool:
    """Whether any of the keys signed exactly these bytes. Every key is tried, in constant time each,
    so that keys can be rotated and timing tells nothing."""
    given = signature.encode("utf-8", "replace")
    matches = [hmac.compare_digest(sign(body, key).encode(), given) for key in keys]
    return any(matches)
