"""What a write needs to know beside its element."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from xero_sandbox.books import Books
from xero_sandbox.errors import Rejected
from xero_sandbox.fields import Fields

Veto = Callable[[str, dict[str, Any]], str | None]


def _no_veto(kind: str, element: dict[str, Any]) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Writing:
    """One call's settings. `create_only` is PUT; `target_id` is the id in the path; `client_id` is the app."""

    books: Books
    create_only: bool = False
    target_id: str | None = None
    client_id: str | None = None
    decimals: int = 2
    veto: Veto = _no_veto

    @property
    def today(self) -> date:
        return self.books.clock.today(self.books.organisation.zone)

    def check_veto(self, kind: str, sent: Fields) -> None:
        """A fault may poison single elements; it speaks before any rule does."""
        message = self.veto(kind, sent.data)
        if message is not None:
            raise Rejected(message)
