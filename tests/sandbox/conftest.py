"""A running sandbox, and a client that already holds tokens for its first organisation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from xero_python.accounting import AccountingApi
from xero_python.api_client import ApiClient, Configuration
from xero_python.api_client.oauth2 import OAuth2Token

from xero_sandbox.config import LimitsConfig, SandboxConfig, WebhookConfig
from xero_sandbox.handle import Handle
from xero_sandbox.server import start_in_thread

ROOMY = LimitsConfig(minute=100_000, day=1_000_000, concurrent=50, app_minute=1_000_000)
QUICK = WebhookConfig(batch_seconds=0.01, retry_seconds=(0.0, 0.05), check_every_seconds=0.05)


@pytest.fixture(scope="session")
def _server() -> Iterator[Handle]:
    with start_in_thread(SandboxConfig(limits=ROOMY, webhooks=QUICK)) as handle:
        yield handle


@pytest.fixture
def sandbox(_server: Handle) -> Handle:
    """A fresh sandbox without tight limits."""
    _server.reset()
    return _server


@dataclass
class Api:
    """The accounting API of one organisation, as its own app sees it."""

    handle: Handle
    tokens: dict[str, Any]
    session: requests.Session

    @property
    def tenant_id(self) -> str:
        return str(self.tokens["tenant_id"])

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.tokens['access_token']}",
            "xero-tenant-id": self.tenant_id,
            "Accept": "application/json",
        }

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {**self.headers, **options.pop("headers", {})}
        url = f"{self.handle.url}/api.xro/2.0/{path}"
        return self.session.request(method, url, headers=headers, timeout=10, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.call("GET", path, **options)

    def put(self, path: str, body: Any, **options: Any) -> requests.Response:
        return self.call("PUT", path, json=body, **options)

    def post(self, path: str, body: Any, **options: Any) -> requests.Response:
        return self.call("POST", path, json=body, **options)

    def one(self, method: str, path: str, body: Any = None, **options: Any) -> dict[str, Any]:
        """The first element of an answer that must be 200."""
        reply = self.call(method, path, json=body, **options)
        assert reply.status_code == 200, reply.text
        plural = path.split("?")[0].split("/")[0]
        element: dict[str, Any] = reply.json()[plural][0]
        return element

    def refusal(self, method: str, path: str, body: Any, **options: Any) -> list[str]:
        """The messages of the first element of a 400."""
        reply = self.call(method, path, json=body, **options)
        assert reply.status_code == 400, reply.text
        return [error["Message"] for error in reply.json()["Elements"][0]["ValidationErrors"]]


def line(**fields: Any) -> dict[str, Any]:
    return {"Description": "Roses", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200", **fields}


@pytest.fixture
def api(sandbox: Handle) -> Iterator[Api]:
    with requests.Session() as session:
        session.trust_env = False
        yield Api(sandbox, sandbox.connect(), session)


@dataclass
class Desk:
    """Short ways to make what most tests need."""

    api: Api

    def contact(self, name: str = "Ann Archer", **fields: Any) -> dict[str, Any]:
        return self.api.one("PUT", "Contacts", {"Name": name, **fields})

    def sent_invoice(self, **fields: Any) -> dict[str, Any]:
        return {
            "Type": "ACCREC",
            "Contact": {"ContactID": self.any_contact},
            "Date": "2026-11-01",
            "DueDate": "2026-11-30",
            "Status": "AUTHORISED",
            "LineItems": [line()],
            **fields,
        }

    def invoice(self, **fields: Any) -> dict[str, Any]:
        return self.api.one("PUT", "Invoices?unitdp=4", self.sent_invoice(**fields))

    def pay(self, invoice: dict[str, Any], amount: float, **fields: Any) -> dict[str, Any]:
        return self.api.one("PUT", "Payments", self.sent_payment(invoice, amount, **fields))

    def sent_payment(self, invoice: dict[str, Any], amount: float, **fields: Any) -> dict[str, Any]:
        target = {"InvoiceID": invoice["InvoiceID"]}
        return {
            "Invoice": target,
            "Account": {"Code": "090"},
            "Date": "2026-11-05",
            "Amount": amount,
            **fields,
        }

    def fresh(self, invoice: dict[str, Any], query: str = "") -> dict[str, Any]:
        return self.api.one("GET", f"Invoices/{invoice['InvoiceID']}{query}")

    @property
    def any_contact(self) -> str:
        return next(iter(self.api.handle.books().contacts.all())).id


@pytest.fixture
def desk(api: Api) -> Desk:
    return Desk(api)


KEYS = ("access_token", "refresh_token", "id_token", "expires_in", "token_type")


@pytest.fixture
def sdk_client(sandbox: Handle) -> Iterator[ApiClient]:
    """A client of the SDK with hidden retries off and a configuration of its own."""
    tokens = sandbox.connect()
    held: dict[str, Any] = {name: tokens[name] for name in KEYS}
    held |= {"scope": tokens["scope"].split(), "expires_at": datetime.now(UTC).timestamp() + 1800}
    configuration = Configuration()
    configuration.oauth2_token = OAuth2Token("tandem-sandbox", "tandem-sandbox-secret")
    client = ApiClient(configuration, oauth2_token_getter=lambda: held, oauth2_token_saver=held.update)
    client.rest_client.pool_manager.connection_pool_kw["retries"] = False
    yield client
    client.rest_client.pool_manager.clear()


@pytest.fixture
def xero(sandbox: Handle, sdk_client: ApiClient) -> AccountingApi:
    return AccountingApi(sdk_client, base_url=f"{sandbox.url}/api.xro/2.0")


@pytest.fixture
def tenant(sandbox: Handle) -> str:
    return sandbox.books().id
