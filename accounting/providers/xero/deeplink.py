"""The page a person opens to see a record in Xero (Xero docs: "Deep linking to Xero"). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from accounting.port.documents import Kind

_PAGES: Mapping[Kind, str] = {
    "customer": "/Contacts/View/{id}",
    "invoice": "/AccountsReceivable/Edit.aspx?InvoiceID={id}",
    "payment": "/Bank/ViewTransaction.aspx?bankTransactionID={id}",
}


def deep_link(web_url: str, kind: Kind, remote_id: str, short_code: str) -> str:
    """The record's page, opened in the organisation with this short code."""
    page = quote(_PAGES[kind].format(id=remote_id), safe="/?=")
    return f"{web_url}/organisationlogin/default.aspx?shortcode={quote(short_code)}&redirecturl={page}"
