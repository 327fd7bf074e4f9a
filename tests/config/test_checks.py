"""A database that could not keep workspaces apart is refused before it is migrated."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.db.utils import ConnectionHandler

from config.checks import errors_of
from config.embedded_postgres import EmbeddedPostgres


@pytest.mark.django_db
def test_ordinary_role_is_accepted() -> None:
    assert run_checks(tags=["database"], databases=["default"]) == []


@pytest.mark.slow
@pytest.mark.django_db
def test_superuser_is_an_error_that_says_what_to_do(
    open_folder: Path, request: pytest.FixtureRequest
) -> None:
    server = EmbeddedPostgres(open_folder / "postgres", throwaway=True)
    server.open()
    request.addfinalizer(server.close)
    settings = {
        **connection.settings_dict,
        "NAME": "postgres",
        "USER": "postgres",
        "PASSWORD": server._secrets()["superuser"],
        "HOST": server._socket_directory(),
        "PORT": "5432",
    }
    as_superuser = ConnectionHandler({"default": settings})["default"]
    (error,) = errors_of(as_superuser)
    as_superuser.close()
    assert (error.id, "NOSUPERUSER" in error.hint) == ("tandem.E001", True)
