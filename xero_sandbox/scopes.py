"""The permissions an app made today may ask for (Xero docs, "Scopes": granular only), and what they mean in words."""

from __future__ import annotations

_IDENTITY = {
    "openid": "Know who you are",
    "profile": "See your name",
    "email": "See your email address",
    "offline_access": "Stay connected while you are away",
}
_ACCOUNTING = {
    "accounting.settings": "organisation settings, chart of accounts and tax rates",
    "accounting.contacts": "contacts",
    "accounting.invoices": "invoices and bills",
    "accounting.payments": "payments",
    "accounting.banktransactions": "bank transactions",
    "accounting.attachments": "attached files",
    "accounting.manualjournals": "manual journals",
}
_REPORTS = (
    "aged",
    "balancesheet",
    "banksummary",
    "budgetsummary",
    "executivesummary",
    "profitandloss",
    "trialbalance",
    "taxreports",
)

KNOWN: dict[str, str] = {
    **_IDENTITY,
    **{scope: f"View and change {words}" for scope, words in _ACCOUNTING.items()},
    **{f"{scope}.read": f"View {words}" for scope, words in _ACCOUNTING.items()},
    **{f"accounting.reports.{name}.read": f"View the {name} report" for name in _REPORTS},
}


def unknown_scopes(scopes: list[str]) -> list[str]:
    return [scope for scope in scopes if scope not in KNOWN]


def in_words(scopes: list[str]) -> list[str]:
    """What the consent page says, one sentence for each scope; `view` is left out where `change` is asked too."""
    return [
        KNOWN[scope] for scope in scopes if scope.removesuffix(".read") == scope or scope[:-5] not in scopes
    ]
