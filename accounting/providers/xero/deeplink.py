"""The page a person opens to see a record in Xero (Xero docs: "Deep linking to Xero"). Pure."""

from __future__ import annotations

from urllib.parse import quote

from accounting.port.documents import Kind
from accounting.providers.xero.kinds.registry import codec_of


def deep_link(web_url: str, kind: Kind, remote_id: str, short_code: str) -> str:
    """The record's page, opened in the organisation with this short code; empty where its kind has no page."""
    pattern = codec_of(kind).deep_link
    if not pattern:
        return ""
    page = quote(pattern.format(id=remote_id), safe="/?=")
    return f"{web_url}/organisationlogin/default.aspx?shortcode={quote(short_code)}&redirecturl={page}"
