"""A view that only reads the body, and one that publishes a Celery task for every event."""

from __future__ import annotations

import json

from celery import shared_task
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounting.providers.registry import get_authoriser


@csrf_exempt
@require_POST
def bare(request: HttpRequest) -> HttpResponse:
    """Reads the body and says 200."""
    return HttpResponse(status=200 if request.body else 400)


@csrf_exempt
@require_POST
def task_per_event(request: HttpRequest) -> HttpResponse:
    """Verifies, publishes each event to the broker and says 200: nothing is stored here."""
    if not get_authoriser().verify_webhook(request.body, request.headers.get("x-xero-signature", "")):
        return HttpResponse(status=401)
    for event in json.loads(request.body)["events"]:
        handle.delay(event)
    return HttpResponse(status=200)


@shared_task(name="bench.event")
def handle(event: dict[str, str]) -> None:
    """What a worker would do; none runs."""


urlpatterns = [
    path("webhooks/xero/", bare),
    path("webhooks/task-per-event/", task_per_event),
]
