"""What every page may know about where it is."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def workspace(request: HttpRequest) -> dict[str, Any]:
    """`workspace` and `membership` of the page, both None outside a workspace."""
    membership = getattr(request, "membership", None)
    return {"membership": membership, "workspace": membership.workspace if membership else None}
