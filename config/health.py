"""What a load balancer and an orchestrator ask: is the process alive, and can it serve?"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import redis
import structlog
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = structlog.get_logger(__name__)

PATIENCE = 2  # seconds the broker may take


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. A failure here is a reason to restart it."""
    return HttpResponse("alive\n", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """503 and what is missing, while requests should go elsewhere."""
    parts = {name: _state(name, check) for name, check in _checks().items()}
    healthy = all(state == "ok" for state in parts.values())
    return JsonResponse(parts, status=200 if healthy else 503)


def _checks() -> dict[str, Callable[[], object]]:
    checks = {"database": _ask_database, "migrations": _look_for_migrations}
    return {**checks, "broker": _ask_broker} if settings.REDIS_URL else checks


def _state(name: str, check: Callable[[], object]) -> str:
    """The reason goes to the log, not to whoever asks."""
    try:
        check()
    except Exception as error:
        logger.warning("not_ready", part=name, reason=str(error), kind=type(error).__name__)
        return "failed"
    return "ok"


def _ask_database() -> None:
    connection.ensure_connection()
    if not connection.is_usable():
        raise RuntimeError("the database does not answer")


def _look_for_migrations() -> None:
    """One query. That what is applied fits together was judged when it was applied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    if missing := len(_migrations() - applied):
        raise RuntimeError(f"{missing} migrations are not applied")


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """The migrations this code comes with: read once, they do not change while the process lives."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _ask_broker() -> None:
    with redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE
    ) as client:
        client.ping()
