"""A database that could not keep workspaces apart is refused before it is migrated."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.checks import CheckMessage, Error, Warning, run_checks
from django.db import connection
from django.db.utils import ConnectionHandler
from pytest_django.fixtures import Settings

from config.checks import messages_of
from config.embedded_postgres import EmbeddedPostgres
from config.postgres_files import passwords_of
from core.testing import owning


@pytest.mark.django_db
def test_ordinary_role_is_accepted() -> None:
    assert run_checks(tags=["database"], databases=["default"]) == []


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.django_db
def test_superuser_is_an_error_that_says_what_to_do(
    open_folder: Path, request: pytest.FixtureRequest
) -> None:
    server = EmbeddedPostgres(open_folder / "postgres", throwaway=True)
    server.open()
    request.addfinalizer(server.close)
    as_superuser = ConnectionHandler(
        {
            "default": {
                **connection.settings_dict,
                "NAME": "postgres",
                "USER": "postgres",
                "PASSWORD": passwords_of(server.home)["superuser"],
                "HOST": server._socket_directory(),
                "PORT": "5432",
                "OPTIONS": {},
            }
        }
    )["default"]
    (error,) = messages_of(as_superuser)
    as_superuser.close()
    assert (error.id, "NOSUPERUSER" in error.hint) == ("tandem.E001", True)


@pytest.mark.django_db
@pytest.mark.parametrize(("debug", "level"), [(False, Error), (True, Warning)])
def test_owner_of_the_tables_is_an_error_in_production_that_says_what_to_do(
    settings: Settings, debug: bool, level: type[CheckMessage]
) -> None:
    settings.DEBUG = debug
    with owning():
        (message,) = messages_of(connection)
    assert (message.id, type(message)) == ("tandem.E002", level)
    assert "'tandem' of DATABASE_URL owns" in message.msg
    assert "MIGRATION_DATABASE_URL" in message.hint
