"""xero-python over our own transport: timeouts always, no hidden retries, raw replies.

The SDK gives endpoints and parameters. Its own transport is replaced, because it has no default timeout,
sleeps silently on 429 and resends writes after a lost connection; its models are never used to read,
because one unknown enum would lose a whole page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from accounting.port.errors import ProviderError, Retryable, Unavailable, Uncertain
from accounting.port.exchange import Quota
from accounting.providers.xero import wire
from accounting.providers.xero.errors import CORRELATION, error_of

if TYPE_CHECKING:
    from xero_python.accounting import AccountingApi

CONNECT_SECONDS = 5
READ_SECONDS = 60
GLANCE_SECONDS = 4
"""For a read that a person's page waits for, and can do without."""
USER_AGENT = "tandem"

TOO_MANY = 429
"""Refused over a limit, which counts against none."""

T = TypeVar("T")
BeforeCall = Callable[[], None]
AfterCall = Callable[[int], None]
"""Is told how many bytes a call brought."""


def _nothing() -> None:
    """No objection."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where Xero is and who we are there. Nothing else knows a Xero host."""

    login_url: str
    identity_url: str
    api_url: str
    client_id: str
    client_secret: str
    webhook_keys: tuple[str, ...]
    scopes: tuple[str, ...]
    rate_storage: str = "memory://"
    before_call: BeforeCall = _nothing
    """Runs before each call; may raise to forbid it (the house forbids calls inside a transaction)."""


class Transport:
    """Takes the place of the SDK's REST client. Answers of every status are returned, none raised."""

    def __init__(self, session: requests.Session, before_call: BeforeCall, count: AfterCall) -> None:
        self._session = session
        self._before_call = before_call
        self._count = count

    def request(
        self,
        method: str,
        url: str,
        query_params: Any = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        **unused: Any,
    ) -> Reply:
        """One call. `body` is JSON text, sent as it is. Raises Unavailable before, Uncertain after sending."""
        self._before_call()
        told = {**(headers or {}), "User-Agent": USER_AGENT}
        data = None if body is None else str(body).encode()
        try:
            reply = call(self._session, method, url, params=query_params or None, headers=told, data=data)
        except Unavailable:
            raise
        except ProviderError:
            self._count(0)  # it may have arrived
            raise
        if reply.status != TOO_MANY:
            self._count(len(reply.data))
        return reply


class Reply:
    """An answer as the SDK wants to see it, and as we read it."""

    def __init__(self, response: requests.Response) -> None:
        self.status = response.status_code
        self.reason = response.reason
        self.data = response.content
        self.headers = response.headers

    def getheaders(self) -> Mapping[str, str]:
        return self.headers

    def quota(self) -> Quota:
        """What the headers say is left."""
        return Quota(
            minute=self._count("X-MinLimit-Remaining"),
            day=self._count("X-DayLimit-Remaining"),
            app_minute=self._count("X-AppMinLimit-Remaining"),
        )

    def answered_at(self) -> dt.datetime | None:
        """Xero's own clock when it answered, to the second."""
        try:
            return parsedate_to_datetime(self.headers["Date"]).astimezone(dt.UTC)
        except (KeyError, ValueError):
            return None

    def reference(self) -> str:
        """By which Xero's support finds this answer."""
        return str(self.headers.get(CORRELATION, ""))

    def _count(self, header: str) -> int | None:
        value = self.headers.get(header, "")
        return int(value) if value.isdigit() else None

    def json(self, *, wrote: bool) -> Any:
        """The parsed body of a success. Raises what `read` raises."""
        return self.read(wire.parse, wrote=wrote)

    def read(self, how: Callable[[bytes], T], *, wrote: bool) -> T:
        """What is made of the body of a success by `how`, which raises ValueError when it cannot. Raises the error that
        any other answer stands for; a success that cannot be read is Uncertain after a write."""
        if not 200 <= self.status <= 299:
            raise error_of(self.status, self.headers, self.data, wrote=wrote)
        try:
            return how(self.data)
        except ValueError as error:
            raise _unreadable(wrote) from error


def _unreadable(wrote: bool) -> Retryable | Uncertain:
    words = "Xero's answer could not be read."
    return Uncertain(words, replied=True) if wrote else Retryable(words)


def call(
    session: requests.Session, method: str, url: str, *, seconds: float = READ_SECONDS, **options: Any
) -> Reply:
    """One HTTP call with timeouts (`seconds` for the answer) and without redirects.

    Raises Unavailable when nothing was sent, Uncertain when a write got no answer, Retryable when a read did not.
    """
    timeout = (min(CONNECT_SECONDS, seconds), seconds)
    try:
        return Reply(session.request(method, url, timeout=timeout, allow_redirects=False, **options))
    except requests.RequestException as error:
        raise _network_error(error, wrote=method in ("PUT", "POST", "PATCH", "DELETE")) from error


def _network_error(error: requests.RequestException, *, wrote: bool) -> Retryable | Uncertain:
    if _never_sent(error):
        return Unavailable("Xero cannot be reached.", retry_after=5, detail=type(error).__name__)
    if wrote:
        return Uncertain("Xero did not answer.", replied=False, detail=type(error).__name__)
    return Retryable("Xero did not answer.", detail=type(error).__name__)


def _never_sent(error: requests.RequestException) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(
        reason, (NewConnectionError, ConnectTimeoutError)
    )


def new_session() -> requests.Session:
    """A session that neither retries nor reads proxies or credentials from the environment."""
    session = requests.Session()
    session.trust_env = False
    return session


def load_sdk() -> None:
    """Import what `accounting_api` imports late: 0.2 s that nobody should wait for."""
    import_module("xero_python.accounting")


def accounting_api(api_url: str, access_token: str, transport: Transport) -> AccountingApi:
    """The SDK's accounting endpoints for one token.

    Imported late: the module is heavy and only workers need it. Configuration hands out copies of one shared
    default, so the token goes into this copy's default header and never into that shared object.
    """
    from xero_python.accounting import AccountingApi  # noqa: PLC0415  (heavy: 0.2 s and 32 MB)
    from xero_python.api_client import ApiClient  # noqa: PLC0415  (as above)

    client = ApiClient()
    client.rest_client = transport
    client.request = transport.request
    client.update_params_for_auth = lambda headers, querys, settings: None
    client.set_default_header("Authorization", f"Bearer {access_token}")
    return AccountingApi(client, base_url=f"{api_url}/api.xro/2.0")
