"""What a load balancer is told."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from core.testing import owning


def test_live_answers_without_a_database_and_without_cookies(client: Client) -> None:
    response = client.get("/health/live")
    assert (response.status_code, response.content) == (200, b"alive\n")
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_database_and_migrations_are_there(client: Client) -> None:
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (200, {"database": "ok", "migrations": "ok"})


@pytest.mark.django_db
def test_not_ready_while_a_migration_is_pending(client: Client) -> None:
    (newest,) = MigrationLoader(connection).graph.leaf_nodes("workspaces")
    with owning():
        MigrationRecorder(connection).record_unapplied(*newest)
    response = client.get("/health/ready")
    assert (response.status_code, response.json()) == (503, {"database": "ok", "migrations": "failed"})


@pytest.mark.django_db
def test_ready_asks_one_query_for_migrations_and_reads_their_files_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may ask as often as they like: building the graph each time took 190 ms of a processor."""
    client.get("/health/ready")

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("the migrations were read from their files again")

    monkeypatch.setattr(MigrationLoader, "build_graph", refuse)
    with CaptureQueriesContext(connection) as captured:
        response = client.get("/health/ready")

    assert response.status_code == 200
    assert len([query for query in captured.captured_queries if "django_migrations" in query["sql"]]) == 1
    assert len(captured) <= 2


@pytest.mark.django_db
def test_not_ready_while_the_broker_is_away(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json() == {"database": "ok", "migrations": "ok", "broker": "failed"}


def test_health_is_only_read(client: Client) -> None:
    assert client.post("/health/live").status_code == 405
