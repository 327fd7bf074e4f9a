from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("stripe/", include("djstripe.urls", namespace="djstripe"))]


def hand_on(trigger: object, **unused: object) -> None:
    """Where a task would be published; it costs nothing here."""
