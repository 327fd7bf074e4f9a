"""What every page of the demo knows beside the others."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse


def desk(request: HttpRequest) -> dict[str, str]:
    """`demo_desk`: where the mail lies that a page says was sent."""
    return {"demo_desk": reverse("demo-desk")}
