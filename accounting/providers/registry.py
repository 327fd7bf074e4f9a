"""The one place that names Xero. A second provider is one more folder and one more line here."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from accounting.enums import Provider
from accounting.models import Connection
from accounting.port.documents import Kind
from accounting.port.meanings import Meaning
from accounting.port.provider import Authoriser, Books, Cost, Meter
from accounting.providers.xero import catalogue
from accounting.providers.xero.auth import XeroAuthoriser
from accounting.providers.xero.client import Settings, load_sdk
from accounting.providers.xero.deeplink import deep_link
from accounting.providers.xero.kinds.registry import codec_of
from accounting.providers.xero.provider import XeroBooks
from core.transactions import forbid_transaction


def _nothing() -> None:
    """No objection."""


def _xero_settings(before_call: Callable[[], None] = _nothing) -> Settings:
    def check() -> None:
        forbid_transaction("calling Xero")
        before_call()

    return Settings(
        login_url=settings.XERO_LOGIN_URL,
        identity_url=settings.XERO_IDENTITY_URL,
        api_url=settings.XERO_API_URL,
        client_id=settings.XERO_CLIENT_ID,
        client_secret=settings.XERO_CLIENT_SECRET,
        webhook_keys=tuple(settings.XERO_WEBHOOK_KEYS),
        scopes=tuple(settings.XERO_SCOPES),
        rate_storage=settings.RATE_LIMIT_STORAGE,
        before_call=check,
    )


def get_authoriser(provider: str = Provider.XERO) -> Authoriser:
    """The authoriser of this provider. Raises KeyError for an unknown one."""
    return {Provider.XERO: XeroAuthoriser}[Provider(provider)](_xero_settings())


def get_books(
    connection: Connection,
    access_token: str,
    *,
    before_call: Callable[[], None] = _nothing,
    meter: Meter | None = None,
) -> Books:
    """The connection's books, opened with a valid access token; close them by `with`. `before_call` runs before each
    call and may raise; `meter` is told of each that was made."""
    opener = {Provider.XERO: XeroBooks}[Provider(connection.provider)]
    return opener(
        _xero_settings(before_call),
        access_token=access_token,
        tenant_id=connection.tenant_id,
        meter=meter,
    )


def calls_a_day() -> int:
    """How many calls the remote side allows for one organisation in a day."""
    return int(settings.XERO_CALLS_A_DAY)


def warm_up() -> None:
    """Load what the first call would have to load. For a worker before it forks: its children share it."""
    load_sdk()


def record_url(connection: Connection, kind: Kind, remote_id: str) -> str:
    """The page a person opens to see the record at the remote side; empty where its kind has none."""
    return deep_link(settings.XERO_WEB_URL, kind, remote_id, connection.short_code)


def cost_of(connection: Connection, kind: Kind) -> Cost:
    """How much of this kind one call takes at the remote side."""
    return codec_of(kind).cost()


def scope_of(kind: Kind) -> str:
    """What the remote side must allow for anything of this kind."""
    return codec_of(kind).scope


def is_announced(connection: Connection, kind: Kind) -> bool:
    """Whether the remote side tells by a delivery when a record of this kind changed."""
    return codec_of(kind).category is not None


def explain(words: str) -> str:
    """The remote side's own words in words for people; what nobody has seen before is passed on as it is."""
    return catalogue.explain([words])


def meaning_of(detail: str) -> Meaning | None:
    """What the remote side's own words mean; None when nobody has seen them before."""
    return catalogue.meaning_of(detail)
