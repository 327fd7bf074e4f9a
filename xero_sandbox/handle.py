"""What a test holds: the sandbox's address, its parts, and every control as a method."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Self

from xero_sandbox.api.contacts import contact_json
from xero_sandbox.api.credit_shape import credit_note_json
from xero_sandbox.api.invoice_shape import invoice_json
from xero_sandbox.api.payments import payment_json
from xero_sandbox.books import Books
from xero_sandbox.clock import Clock
from xero_sandbox.faults import Faults
from xero_sandbox.limits import Limiter
from xero_sandbox.request_log import Entry
from xero_sandbox.sandbox import Sandbox
from xero_sandbox.store import Store
from xero_sandbox.tokens import challenge_of
from xero_sandbox.webhook_delivery import Courier
from xero_sandbox.webhooks import Tricks, WebhookHub
from xero_sandbox.writes.contacts import contact_by_id, merge_contacts
from xero_sandbox.writes.credits import apply_credit, remove_credit
from xero_sandbox.writes.invoices import invoice_by_key

FULL_SCOPES = (
    "openid",
    "profile",
    "email",
    "offline_access",
    "accounting.settings.read",
    "accounting.contacts",
    "accounting.invoices",
    "accounting.payments",
)


class Controls:
    """Every control over a sandbox, by organisation slug or id; the HTTP control API calls these same methods."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    @property
    def store(self) -> Store:
        return self.sandbox.store

    @property
    def faults(self) -> Faults:
        return self.sandbox.faults

    @property
    def clock(self) -> Clock:
        return self.sandbox.clock

    @property
    def limiter(self) -> Limiter:
        return self.sandbox.limiter

    @property
    def webhooks(self) -> WebhookHub:
        return self.sandbox.hub

    @property
    def courier(self) -> Courier:
        return self.sandbox.courier

    @property
    def tricks(self) -> Tricks:
        """How webhook deliveries misbehave; set its fields."""
        return self.sandbox.hub.tricks

    def books(self, organisation: str | None = None) -> Books:
        """One organisation's books, by id or slug; the first when nothing is said."""
        if organisation is None:
            return next(iter(self.store.books.values()))
        found = self.store.books.get(organisation) or self.store.books_by_slug(organisation)
        if found is None:
            raise KeyError(organisation)
        return found

    def reset(self) -> None:
        """Back to the first minute. Connections and tokens are gone too."""
        self.sandbox.reset()

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock: tokens, idempotency, rate windows and stamps all follow."""
        self.clock.advance(seconds)

    def requests(self, **wanted: Any) -> list[Entry]:
        """Calls received, narrowed by any field: `requests(method="PUT", path="Invoices")`."""
        return self.sandbox.log.entries(**wanted)

    def clear_requests(self) -> None:
        self.sandbox.log.clear()

    def counters(self) -> dict[str, Any]:
        """Load, refusals and misuse of Idempotency-Keys since the last reset."""
        kept = self.sandbox.idempotency
        return {
            **self.limiter.report(),
            "idempotent_replays": kept.replays,
            "key_body_mismatch": kept.key_body_mismatch,
            "key_resent_after_window": kept.resent_after_window,
        }

    def dump(self, organisation: str | None = None) -> dict[str, Any]:
        """Every document of an organisation as the API would answer it, archived and deleted ones included."""
        books = self.books(organisation)
        with self.sandbox.lock:
            return {
                "Contacts": [contact_json(contact, books) for contact in books.contacts.all()],
                "Invoices": [invoice_json(invoice, books, 4) for invoice in books.invoices.all()],
                "CreditNotes": [credit_note_json(note, books, 4) for note in books.credit_notes.all()],
                "Payments": [payment_json(payment, books) for payment in books.payments.all()],
            }

    def apply_credit(self, invoice_id: str, amount: Decimal, organisation: str | None = None) -> str:
        """A person sets a credit note of this amount against the invoice; answers the credit's id."""
        books = self.books(organisation)
        with self.sandbox.lock:
            return apply_credit(books, invoice_by_key(books, invoice_id), amount).id

    def remove_credit(self, invoice_id: str, credit_id: str, organisation: str | None = None) -> None:
        books = self.books(organisation)
        with self.sandbox.lock:
            remove_credit(books, invoice_by_key(books, invoice_id), credit_id)

    def merge_contacts(self, loser_id: str, winner_id: str, organisation: str | None = None) -> None:
        """A person merges one contact into another on Xero's own page."""
        books = self.books(organisation)
        with self.sandbox.lock:
            merge_contacts(books, contact_by_id(books, loser_id), contact_by_id(books, winner_id))

    def expire_tokens(self) -> None:
        """Every access token issued so far is expired from now on; refresh tokens live."""
        with self.sandbox.lock:
            self.sandbox.tokens.expire_all()

    def disconnect(self, organisation: str | None = None) -> None:
        """As on Xero's Connected apps page: calls for this organisation are 403 from now on."""
        self.sandbox.disconnect(self.books(organisation).id)

    def forget_idempotency_keys(self) -> None:
        with self.sandbox.lock:
            self.sandbox.idempotency.forget()

    def register_redirect(self, uri: str) -> None:
        self.sandbox.register_redirect(uri)

    def authorise(
        self,
        organisation: str | None = None,
        *,
        user: int = 0,
        scopes: list[str] | None = None,
        redirect_uri: str | None = None,
        verifier: str | None = None,
    ) -> str:
        """A person says yes on the consent page; answers the code the app would receive."""
        tenant_id = self.books(organisation).id
        challenge = challenge_of(verifier) if verifier else None
        with self.sandbox.lock:
            who = list(self.store.users.all())[user].id
            asked = tuple(scopes or FULL_SCOPES)
            back = redirect_uri or self.sandbox.redirect_uris[0]
            return self.sandbox.tokens.issue_code(who, tenant_id, asked, back, challenge)

    def connect(self, organisation: str | None = None, **options: Any) -> dict[str, Any]:
        """Consent and code exchange in one: the token set, with `tenant_id` and `xero_userid` beside it."""
        code = self.authorise(organisation, **options)
        with self.sandbox.lock:
            redirect_uri = options.get("redirect_uri") or self.sandbox.redirect_uris[0]
            tokens = self.sandbox.tokens.exchange(code, redirect_uri, options.get("verifier"))
            claims = self.sandbox.tokens.read(tokens["access_token"])
        return {**tokens, "tenant_id": self.books(organisation).id, "xero_userid": claims.user_id}


class Handle(Controls):
    """A sandbox running in a thread."""

    def __init__(
        self, sandbox: Sandbox, url: str, stop: Callable[[], None], thread: threading.Thread
    ) -> None:
        super().__init__(sandbox)
        self.url = url
        self._stop = stop
        self._thread = thread

    def stop(self) -> None:
        """End the server and every thread of the sandbox; may be called twice."""
        self.sandbox.stop()
        self._stop()
        self._thread.join(timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def tricks_json(tricks: Tricks) -> dict[str, Any]:
    return asdict(tricks)
