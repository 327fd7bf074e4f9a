"""One call to the API, read once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import request
from werkzeug.datastructures import Headers, MultiDict

from xero_sandbox.books import Books
from xero_sandbox.errors import bad_data, no_data
from xero_sandbox.fields import Fields
from xero_sandbox.tokens import Claims

ROOT = "/api.xro/2.0/"


@dataclass(slots=True)
class Call:
    """What was asked. `books` and `claims` are there once the caller has been let in."""

    method: str
    path: str
    url: str
    query: MultiDict[str, str]
    headers: Headers
    body: bytes
    books: Books | None = None
    claims: Claims | None = None

    @classmethod
    def read(cls) -> Call:
        query = request.query_string.decode("latin-1")
        url = f"{request.path}?{query}" if query else request.path
        return cls(request.method, request.path, url, request.args, request.headers, request.get_data())

    @property
    def parts(self) -> list[str]:
        """The path below the API's root: a resource and perhaps a key."""
        return [part for part in self.path[len(ROOT) :].split("/") if part]

    @property
    def tenant_id(self) -> str | None:
        return self.headers.get("xero-tenant-id")

    @property
    def idempotency_key(self) -> str | None:
        """Honoured on POST, PUT and PATCH only."""
        return self.headers.get("Idempotency-Key") if self.method in ("POST", "PUT", "PATCH") else None

    @property
    def body_sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest() if self.body else ""

    @property
    def decimals(self) -> int:
        """unitdp: 4 when asked for, else 2."""
        return 4 if self.query.get("unitdp") == "4" else 2

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.query.get(name)
        return default if value is None else value.lower() == "true"

    def words(self, name: str) -> list[str] | None:
        """A comma-separated parameter; a number that holds a comma cannot be asked for this way."""
        value = self.query.get(name)
        return [word.strip() for word in value.split(",") if word.strip()] if value else None

    def elements(self, plural: str) -> list[Fields]:
        """The request's elements: a list under the resource's name, or one bare object."""
        value = self.json()
        items = value.get(plural, value) if isinstance(value, dict) else value
        items = items if isinstance(items, list) else [items]
        if not items or items == [{}]:
            raise no_data()
        return [Fields(item) for item in items]

    def json(self) -> Any:
        try:
            return json.loads(self.body, parse_float=Decimal)
        except (ValueError, RecursionError):
            raise bad_data("The request body could not be read as JSON.") from None
