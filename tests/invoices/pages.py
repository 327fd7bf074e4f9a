"""The invoices' pages as a browser meets them."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from invoices.models import Invoice
from workspaces.models import Workspace

HTMX = {"HTTP_HX_REQUEST": "true"}
FIELDS = ("id", "service", "description", "quantity", "unit_amount", "discount_percent", "tax_rate")


def url_of(workspace: Workspace, name: str, *args: Any) -> str:
    return reverse(f"invoices:{name}", args=[workspace.slug, *args])


def as_shown(workspace: Workspace, client: Client, invoice: Invoice) -> dict[str, Any]:
    """What a browser would send back if nothing were typed."""
    editor = client.get(url_of(workspace, "edit", invoice.pk)).context["editor"]
    data = {field.html_name: field.value() for field in editor.form}
    for row in editor.lines:
        data |= {field.html_name: field.value() for field in row}
    data |= {"lines-TOTAL_FORMS": len(editor.lines), "lines-INITIAL_FORMS": 0}
    return {name: "" if value is None else value for name, value in data.items()}


def filled_form(lines: list[dict[str, Any]], **header: Any) -> dict[str, Any]:
    """The editor's form as a browser sends it."""
    data = {"issue_date": "2026-03-02", "amounts": "exclusive", "lines-TOTAL_FORMS": len(lines)}
    data |= {"lines-INITIAL_FORMS": 0, **header}
    for row, line in enumerate(lines):
        for name in FIELDS:
            data[f"lines-{row}-{name}"] = line.get(name, "")
    return data


def typed_line(**fields: Any) -> dict[str, Any]:
    return {"description": "Design", "quantity": "1", "unit_amount": "100", **fields}


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())
