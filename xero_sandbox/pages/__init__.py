"""The bookkeeper's side: pages a person uses where Xero would have its own."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from xero_sandbox.pages import (
    accounts,
    connected_apps,
    contacts,
    dashboard,
    deep_links,
    faults,
    invoice_edit,
    invoices,
    request_log,
    settings,
    webhooks,
)
from xero_sandbox.pages.formats import FILTERS
from xero_sandbox.pages.frame import page_context, pages, refuse_other_sites, secure

_VIEWS = (
    accounts,
    connected_apps,
    contacts,
    dashboard,
    deep_links,
    faults,
    invoice_edit,
    invoices,
    request_log,
    settings,
    webhooks,
)


def register_pages(app: Flask) -> None:
    """Add the pages to the application, with the frame all of them share."""
    assert all(_VIEWS)  # importing them is what registers their addresses
    app.config["SESSION_COOKIE_NAME"] = (
        "xero_sandbox"  # cookies ignore ports: Tandem's own must not be touched
    )
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(FILTERS)
    app.context_processor(page_context)
    app.before_request(refuse_other_sites)
    app.after_request(secure)
    app.register_blueprint(pages)
