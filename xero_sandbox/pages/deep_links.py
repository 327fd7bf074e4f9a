"""Xero's deep links: an app's "View in Xero" opens the bookkeeper's page (Xero docs: "Deep linking to Xero")."""

from __future__ import annotations

import re

from flask import Response, abort, redirect, request

from xero_sandbox.pages.frame import pages, this_sandbox

_INVOICE = re.compile(r"/AccountsReceivable/Edit\.aspx\?InvoiceID=([0-9a-f-]+)", re.IGNORECASE)
_CONTACT = re.compile(r"/Contacts/View/([0-9a-f-]+)", re.IGNORECASE)


@pages.get("/organisationlogin/default.aspx")
def deep_link() -> Response:
    """To the page of the record named, in the organisation with this short code."""
    with this_sandbox().lock:
        slug = _slug_of(request.args.get("shortcode", ""))
    page = request.args.get("redirecturl", "")
    if found := _INVOICE.fullmatch(page):
        return redirect(f"/o/{slug}/invoices/{found[1]}/")  # type: ignore[return-value]
    if found := _CONTACT.fullmatch(page):
        return redirect(f"/o/{slug}/contacts/{found[1]}/")  # type: ignore[return-value]
    return redirect(f"/o/{slug}/")  # type: ignore[return-value]


def _slug_of(short_code: str) -> str:
    for books in this_sandbox().store.books.values():
        if books.organisation.short_code == short_code:
            return books.organisation.slug
    abort(404)
