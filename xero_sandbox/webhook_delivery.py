"""Sending deliveries: the intent-to-receive check, five seconds' patience, retries, and giving up."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

import requests

from xero_sandbox.webhooks import Delivery, WebhookHub

log = logging.getLogger(__name__)

NEEDED, CHECKING, OK, RETRY, DISABLED = (
    "Intent to receive required",
    "Checking",
    "OK",
    "Retry",
    "Disabled",
)
_EMPTY = {"events": [], "firstEventSequence": 0, "lastEventSequence": 0}
_SAMPLES = (True, False, True, False)


class Courier:
    """The delivery thread. Nothing is sent before the check has passed; events wait meanwhile."""

    def __init__(self, hub: WebhookHub) -> None:
        self.hub = hub
        self.url = hub.config.url
        self.state = NEEDED
        self.detail = ""
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._session = requests.Session()
        self._session.trust_env = False

    def point_at(self, url: str) -> None:
        """Deliver to another address: it must pass the check first, as after any change in the portal."""
        self.url, self.state, self.detail = url, NEEDED, ""
        self.start()

    def start(self) -> None:
        if self.url and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="webhook-courier", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread and close its sockets; waiting events are left for the next start."""
        self._stopped.set()
        with self.hub.changed:
            self.hub.changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=10)
        self._session.close()

    def check(self) -> bool:
        """Intent to receive: right samples must be answered 2xx, wrong ones 401, all with no body and no cookie."""
        self.state = CHECKING
        for good in _SAMPLES:
            sample = self.hub.remember(self.hub.make(_EMPTY, "intent to receive", good=good))
            problem = self._post(sample, expect_refusal=not good)
            if problem:
                self.state, self.detail = NEEDED, f"Check failed: {problem}"
                return False
        self.state, self.detail = OK, ""
        return True

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._turn()
            except Exception:
                log.exception("webhook delivery failed unexpectedly")
                self._stopped.wait(1)

    def _turn(self) -> None:
        if self.state == NEEDED and not self.check():
            self._stopped.wait(self.hub.config.check_every_seconds)
            return
        if not self._wait_for_events():
            return
        self._stopped.wait(self.hub.config.batch_seconds + self.hub.tricks.delay_seconds)
        for delivery in self.hub.pack():
            self._deliver(delivery)

    def _wait_for_events(self) -> bool:
        with self.hub.changed:
            held = self.hub.paused or self.state == DISABLED or not self.hub.pending
            if held and not self._stopped.is_set():
                self.hub.changed.wait(timeout=0.5)
            return (
                bool(self.hub.pending)
                and not self.hub.paused
                and self.state == OK
                and not self._stopped.is_set()
            )

    def _deliver(self, delivery: Delivery) -> None:
        """Send until it is taken or the patience is over; later events wait, so order holds within a retry."""
        started = self.hub.clock.now()
        delays = iter(self.hub.config.retry_seconds)
        pause = self.hub.config.retry_seconds[-1]
        while not self._stopped.is_set():
            self.detail = self._post(delivery)
            if not self.detail:
                self.state = OK
                return
            self.state = RETRY
            if self._patience_is_over(started):
                self.state = DISABLED
                return
            self._stopped.wait(next(delays, pause))

    def _patience_is_over(self, started: datetime) -> bool:
        waited = (self.hub.clock.now() - started).total_seconds()
        return waited >= self.hub.config.give_up_seconds

    def _post(self, delivery: Delivery, *, expect_refusal: bool = False) -> str:
        """Send once; answers what was wrong with the reply, or nothing."""
        delivery.attempts += 1
        try:
            problem = self._judge(delivery, expect_refusal)
        except requests.RequestException as error:
            problem = type(error).__name__
        delivery.status = (
            "failed" if problem else "refused, as it should be" if expect_refusal else "delivered"
        )
        delivery.answer = problem or delivery.answer
        return problem

    def _judge(self, delivery: Delivery, expect_refusal: bool) -> str:
        with self._session.post(
            self.url or "",
            data=delivery.body,
            headers=delivery.headers,
            timeout=self.hub.config.timeout_seconds,
            allow_redirects=False,
        ) as reply:
            delivery.answer = str(reply.status_code)
            if expect_refusal:
                return (
                    "" if reply.status_code == 401 else f"a wrong signature was answered {reply.status_code}"
                )
            if not 200 <= reply.status_code < 300:
                return f"answered {reply.status_code}"
            if reply.content:
                return "the answer has a body"
            return "the answer sets a cookie" if "Set-Cookie" in reply.headers else ""
