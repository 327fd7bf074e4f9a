"""The bookkeeper's side: pages a person uses instead of Xero's own."""

from __future__ import annotations

from flask import Flask


def register_pages(app: Flask) -> None:
    """Add the pages to the application."""
