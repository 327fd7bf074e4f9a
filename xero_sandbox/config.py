"""Everything the sandbox can be told when it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_REDIRECTS = (
    "http://localhost:8000/accounting/xero/callback/",
    "http://localhost:8000/accounting/callback/",
    "http://localhost:8000/accounting/callback",
)


@dataclass(frozen=True, slots=True)
class LimitsConfig:
    """Xero docs, "API limits": 60 a minute and 5 at once per organisation, a day's budget, 10,000 a minute per app."""

    minute: int = 60
    day: int = 5000
    concurrent: int = 5
    app_minute: int = 10_000


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """Where events go and how patiently; times are compressed so that a person can watch a retry happen."""

    url: str | None = None
    key: str = "tandem-sandbox-webhook-key"
    batch_seconds: float = 0.03
    batch_size: int = 50
    timeout_seconds: float = 5.0
    retry_seconds: tuple[float, ...] = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
    give_up_seconds: float = 600.0
    check_every_seconds: float = 1.5


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """One app registration, its limits and its webhook, and how many companies stand in the sandbox."""

    client_id: str = "tandem-sandbox"
    client_secret: str = "tandem-sandbox-secret"
    redirect_uris: tuple[str, ...] = DEFAULT_REDIRECTS
    app_name: str = "Tandem"
    public_url: str | None = None
    recovery_url: str | None = None
    organisations: int = 2
    seed_invoices: bool = False
    data_dir: Path | None = None
    idempotency_seconds: int = 360
    latency_seconds: float = 0.0
    log_size: int = 20_000
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    webhooks: WebhookConfig = field(default_factory=WebhookConfig)

    def __post_init__(self) -> None:
        for uri in self.redirect_uris:
            check_redirect_uri(uri)


def check_redirect_uri(uri: str) -> None:
    """Refuse what the developer portal refuses: Xero docs allow https, or http on `localhost` by that name only."""
    parts = urlsplit(uri)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "localhost"):
        return
    raise ValueError(
        f"{uri!r} cannot be registered: Xero takes https addresses, or http://localhost (127.0.0.1 is refused)."
    )
