"""The whole sandbox as one object: what the web layer, the command line and the tests all hold on to."""

from __future__ import annotations

import threading
from typing import Any

import requests

from xero_sandbox.clock import Clock
from xero_sandbox.config import SandboxConfig, check_redirect_uri
from xero_sandbox.faults import Faults
from xero_sandbox.idempotency import IdempotencyStore
from xero_sandbox.journal import Journal
from xero_sandbox.limits import Limiter
from xero_sandbox.registration import Connection
from xero_sandbox.request_log import RequestLog
from xero_sandbox.seed import seed
from xero_sandbox.seed_documents import seed_documents
from xero_sandbox.store import Store
from xero_sandbox.tokens import Tokens
from xero_sandbox.webhook_delivery import Courier
from xero_sandbox.webhooks import WebhookHub


class Sandbox:
    """Parts that know nothing of each other, brought together."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.clock = Clock()
        self.store = Store(self.clock)
        self.tokens = Tokens(self.store, config)
        self.limiter = Limiter(config.limits)
        self.idempotency = IdempotencyStore(self.clock, config.idempotency_seconds)
        self.faults = Faults()
        self.log = RequestLog(self.clock, config.log_size)
        self.hub = WebhookHub(self.store, self.clock, config.webhooks)
        self.courier = Courier(self.hub)
        self.redirect_uris = list(config.redirect_uris)
        self._stopping = threading.Event()
        self.journal = Journal(self.store, config.data_dir) if config.data_dir else None
        if self.journal is None or not self.journal.load():
            self._fill()
        if self.journal is not None:
            self.journal.start()

    @property
    def lock(self) -> Any:
        return self.store.lock

    def start(self) -> None:
        """Start delivering webhooks, if an address is configured."""
        self.courier.start()

    def stop(self) -> None:
        """Stop every thread of the sandbox's own and write what is not yet written."""
        self._stopping.set()
        self.courier.stop()
        if self.journal is not None:
            self.journal.stop()

    def sleep(self, seconds: float) -> None:
        """Wait in real time; a sandbox that is being stopped does not wait."""
        self._stopping.wait(seconds)

    def tell_recovery(self) -> bool:
        """Tell the app that it need not wait any longer, and whether it heard. Xero never does: an app that was told
        to wait for a day waits, and whoever tries it out cannot."""
        if self.config.recovery_url is None:
            return False
        with requests.Session() as session:
            session.trust_env = False
            try:
                return session.post(self.config.recovery_url, timeout=5, allow_redirects=False).ok
            except requests.RequestException:
                return False

    def reset(self) -> None:
        """Back to the first minute: seeded books, no connections, no faults, an empty log, the machine's clock."""
        with self.lock:
            self.store.clear()
            self.clock.reset()
            self.limiter.reset()
            self.limiter.config = self.config.limits
            self.idempotency.reset()
            self.faults.clear()
            self.log.clear()
            self.hub.reset()
            self.courier.reset()
            self._fill()
        if self.journal is not None:
            self.journal.rewrite()

    def register_redirect(self, uri: str) -> None:
        """Add a redirect address to the app registration, under the portal's rules."""
        check_redirect_uri(uri)
        if uri not in self.redirect_uris:
            self.redirect_uris.append(uri)

    def disconnect(self, tenant_id: str) -> None:
        """What "Disconnect" on Xero's Connected apps page does: the connections go, tokens still refresh."""
        with self.lock:
            for connection in list(self.store.connections.find("tenant", tenant_id)):
                self.store.remove(Connection, connection.id)

    def _fill(self) -> None:
        seed(self.store, self.config.organisations)
        if self.config.seed_invoices:
            seed_documents(self.store)
