"""Sending deliveries: the intent-to-receive check, five seconds' patience, retries, and giving up."""

from __future__ import annotations

import logging
import threading
from collections import deque
from datetime import datetime

import requests

from xero_sandbox.webhooks import FORGED, Delivery, WebhookHub

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
        self._round = 0
        self._packed: deque[Delivery] = deque()
        self._session = requests.Session()
        self._session.trust_env = False

    def point_at(self, url: str) -> None:
        """Deliver to another address: it must pass the check first, as after any change in the portal."""
        self._begin(url)
        self.start()

    def reset(self) -> None:
        """Back to the configured address, with nothing left to deliver."""
        self._packed.clear()
        self._begin(self.hub.config.url)

    def check_again(self) -> None:
        """Re-enable: the check is run afresh by the delivery thread, as after the portal's button."""
        self._begin(self.url)
        self.start()

    def _begin(self, url: str | None) -> None:
        self._round += 1
        self.url, self.state, self.detail = url, NEEDED, ""
        with self.hub.changed:
            self.hub.changed.notify_all()

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
        this_round, self.state = self._round, CHECKING
        for good in _SAMPLES:
            sample = self.hub.remember(self.hub.make(_EMPTY, "intent to receive", good=good))
            problem = self._post(sample, expect_refusal=not good)
            if problem:
                self.state, self.detail = NEEDED, f"Check failed: {problem}"
                return False
        if self._round == this_round:
            self.state, self.detail = OK, ""
        return self.state == OK

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._turn()
            except Exception:
                log.exception("webhook delivery failed unexpectedly")
                self._stopped.wait(1)

    def _turn(self) -> None:
        if self.state == NEEDED and self.url and not self.check():
            self._stopped.wait(self.hub.config.check_every_seconds)
            return
        if not self._may_send():
            return
        if not self._packed:
            self._stopped.wait(self.hub.config.batch_seconds + self.hub.tricks.delay_seconds)
            self._packed.extend(self.hub.pack())
        while self._packed and self._deliver(self._packed[0]):
            if self._packed:  # a reset may have emptied it meanwhile
                self._packed.popleft()

    def _may_send(self) -> bool:
        """Wait a moment for something to send; True when there is something and nothing forbids it."""
        with self.hub.changed:
            if not self._is_ready() and not self._stopped.is_set():
                self.hub.changed.wait(timeout=0.5)
            return self._is_ready() and not self._stopped.is_set()

    def _is_ready(self) -> bool:
        return self.state == OK and not self.hub.paused and bool(self.hub.pending or self._packed)

    def _deliver(self, delivery: Delivery) -> bool:
        """Send until it is taken or the patience is over. What was not taken stays first in the line."""
        if delivery.kind == FORGED:
            self._post(delivery, expect_refusal=True)
            return True
        started, this_round = self.hub.clock.now(), self._round
        delays = iter(self.hub.config.retry_seconds)
        while not self._stopped.is_set():
            self.detail = self._post(delivery)
            if self._round != this_round:
                return not self.detail
            self.state = OK if not self.detail else DISABLED if self._patience_is_over(started) else RETRY
            if self.state != RETRY:
                return self.state == OK
            self._pause(next(delays, self.hub.config.retry_seconds[-1]), this_round)
        return False

    def _pause(self, seconds: float, this_round: int) -> None:
        """Wait before the next try, unless the portal's settings change meanwhile."""
        with self.hub.changed:
            self.hub.changed.wait_for(lambda: self._stopped.is_set() or self._round != this_round, seconds)

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
