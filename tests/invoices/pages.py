"""The invoices' pages as a browser meets them."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from invoices.models import Invoice
from workspaces.models import Workspace


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
