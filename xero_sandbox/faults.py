"""Breaking on request: each fault matches some calls and changes what becomes of them.

`applied` decides whether the call was carried out before things went wrong, which is the difference between a
harmless retry and a duplicate. What an edge device does (503, HTML page, lost connection, cut answer) leaves
the real answer under the call's Idempotency-Key; a 500 is Xero's own answer and is kept under the key itself
(Xero docs, "Idempotency").
"""

from __future__ import annotations

import fnmatch
import itertools
import random
import re
import threading
from dataclasses import asdict, dataclass, field
from typing import Any

from xero_sandbox.errors import bad_data

KINDS = {
    "rate_minute": "429, the minute's calls are used up",
    "rate_day": "429, the day's calls are used up",
    "rate_app": "429, the app's calls over all organisations are used up",
    "rate_concurrent": "429, too many calls at once",
    "error_500": "500, an internal error at Xero",
    "maintenance": "503, Xero is offline for maintenance",
    "organisation_offline": "503, this organisation is offline",
    "slow": "the answer takes several seconds",
    "drop": "the connection closes without an answer",
    "truncate": "the JSON of the answer ends half-way",
    "cut": "the connection closes in the middle of the answer",
    "html": "an HTML error page in place of the answer",
    "unknown_enum": "one element of the answer has a value nobody has heard of",
    "invalid_grant": "the token endpoint refuses the refresh token",
    "no_id": "200 without an error, and nothing was done: the elements come back without ids",
    "reject": "matching elements of a write are refused with a message",
}
_TOKEN_PATH = "/connect/token"


LIMITS_LAST = {"rate_minute": 60, "rate_day": 86_400}
"""Fault -> the seconds after which the limit it stands for has begun anew."""


@dataclass(slots=True)
class Fault:
    """Which calls (`method`, `path`, `organisation`, `match` in the body), how often, and what happens.

    `path` is a pattern over the whole path; a bare word such as "Invoices" means that accounting resource.
    `times=None` means until removed. `retry_after=0` leaves the header out.
    """

    kind: str
    method: str = "*"
    path: str = "/api.xro/*"
    organisation: str | None = None
    match: str | None = None
    times: int | None = 1
    probability: float = 1.0
    applied: bool = False
    seconds: float = 5.0
    retry_after: int | None = None
    index: int = 0
    field: str = "Status"
    message: str = "This element was refused by the sandbox ({value})."
    whole_call: bool = False
    number: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(KINDS)}")
        if self.kind == "invalid_grant":
            self.path = _TOKEN_PATH
        if not self.path.startswith(("/", "*")):
            self.path = f"/api.xro/2.0/{self.path}*"

    @property
    def says(self) -> str:
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Target:
    """The call a fault is held against."""

    method: str
    path: str
    organisation: str | None
    body: bytes


@dataclass
class Faults:
    """The queue of faults. At most one applies to a call: the oldest that matches."""

    seed: int = 11
    _waiting: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._random = random.Random(self.seed)

    def add(self, kind: str, **options: Any) -> Fault:
        """Queue a fault; a `reject` fault stays until removed unless `times` says otherwise."""
        if kind == "reject":
            options.setdefault("times", None)
        fault = Fault(kind, **options)
        with self._lock:
            fault.number = next(self._numbers)
            self._waiting.append(fault)
        return fault

    def remove(self, number: int) -> None:
        with self._lock:
            self._waiting = [fault for fault in self._waiting if fault.number != number]

    def clear(self) -> None:
        """Behave well again, and start the dice over."""
        with self._lock:
            self._waiting = []
            self._random = random.Random(self.seed)

    def let_pass(self, seconds: float) -> None:
        """So much time has gone by: a limit whose wait is over is no trouble any more."""
        with self._lock:
            over = [kind for kind, wait in LIMITS_LAST.items() if wait <= seconds]
            self._waiting = [fault for fault in self._waiting if fault.kind not in over]

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._waiting)

    def take(self, target: Target) -> Fault | None:
        """The fault for this call, if any; one-shot faults are used up."""
        with self._lock:
            for fault in self._waiting:
                if (
                    fault.kind != "reject"
                    and _matches(fault, target)
                    and self._random.random() < fault.probability
                ):
                    self._use(fault)
                    return fault
        return None

    def veto(self, kind: str, element: dict[str, Any]) -> str | None:
        """The message that refuses one element of a write, or None."""
        values = _names_in(element)
        with self._lock:
            for fault in self._waiting:
                value = next((value for value in values if _found(fault, value)), None)
                if fault.kind == "reject" and value is not None:
                    self._use(fault)
                    return _refuse(fault, value)
        return None

    def _use(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            self._waiting.remove(fault)


def fault_json(fault: Fault) -> dict[str, Any]:
    return asdict(fault)


def _names_in(element: dict[str, Any]) -> list[str]:
    names = ("Reference", "InvoiceNumber", "Name", "ContactNumber")
    return [str(element[name]) for name in names if element.get(name)]


def _found(fault: Fault, value: str) -> bool:
    return re.search(fault.match or ".", value) is not None


def _refuse(fault: Fault, value: str) -> str:
    message = fault.message.replace("{value}", value)
    if fault.whole_call:
        raise bad_data(message)
    return message


def _matches(fault: Fault, target: Target) -> bool:
    return (
        fnmatch.fnmatch(target.method, fault.method.upper())
        and fnmatch.fnmatch(target.path.lower(), fault.path.lower())
        and fault.organisation in (None, target.organisation)
        and (fault.match is None or re.search(fault.match.encode(), target.body) is not None)
    )
