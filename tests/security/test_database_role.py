"""The role the application works as cannot take the walls down, change a table, or rewrite the audit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import environ
import psycopg2
import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from config.env import ROOT
from core.testing import owning
from tests.architecture.world import World, house_models, make_world
from workspaces.models import AuditEntry, Workspace
from workspaces.scope import all_workspaces, scope
from workspaces.walls import ERASE_SETTING

FORBIDDEN = {
    "disable row security": "ALTER TABLE invoices_invoice DISABLE ROW LEVEL SECURITY",
    "free the owner": "ALTER TABLE invoices_invoice NO FORCE ROW LEVEL SECURITY",
    "drop a policy": "DROP POLICY owner_only ON invoices_invoice",
    "add a policy": "CREATE POLICY mine ON invoices_invoice USING (true)",
    "drop a table": "DROP TABLE invoices_invoice CASCADE",
    "drop a schema": "DROP SCHEMA public CASCADE",
    "empty a table": "TRUNCATE invoices_invoice CASCADE",
    "alter a table": "ALTER TABLE invoices_invoice DROP COLUMN number",
    "drop a constraint": "ALTER TABLE payments_payment DROP CONSTRAINT payment_invoice_same_workspace",
    "make a table": "CREATE TABLE public.mine (n int)",
    "make a function": "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "make a trigger": "CREATE TRIGGER mine BEFORE INSERT ON invoices_invoice"
    " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "switch a trigger off": "ALTER TABLE workspaces_auditentry DISABLE TRIGGER append_only",
    "switch all triggers off": "SET session_replication_role = replica",
    "change the audit": "UPDATE workspaces_auditentry SET summary = ''",
    "delete from the audit": "DELETE FROM workspaces_auditentry",
    "delete from the audit by its door": f"SET {ERASE_SETTING} = 'me'; DELETE FROM workspaces_auditentry",
    "empty the audit": "TRUNCATE workspaces_auditentry",
    "forge a migration": "DELETE FROM django_migrations",
    "become the owner": f"SET ROLE {settings.MIGRATION_DATABASE['USER']}",
    "become a superuser": f"ALTER ROLE {settings.WORKING_ROLE} SUPERUSER",
    "bypass row security": f"ALTER ROLE {settings.WORKING_ROLE} BYPASSRLS",
    "make a role": "CREATE ROLE mine",
    "make a database": "CREATE DATABASE mine",
    "give itself rights": f"GRANT ALL ON workspaces_auditentry TO {settings.WORKING_ROLE};"
    " DELETE FROM workspaces_auditentry",
    "read a file": "CREATE TEMP TABLE file (line text); COPY file FROM '/etc/passwd'",
}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def application(db: None) -> Iterator[Any]:
    """A session of the test database, signed in as the application signs in."""
    there = environ.Env.db_url_config(os.environ["DATABASE_URL"])
    session = psycopg2.connect(
        dbname=connection.settings_dict["NAME"],
        user=there["USER"],
        password=there["PASSWORD"],
        host=there["HOST"],
        port=there["PORT"] or None,
    )
    with closing(session):
        session.autocommit = True
        yield session


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN)
def test_working_role_is_refused(application: Any, statement: str) -> None:
    with application.cursor() as cursor, pytest.raises(psycopg2.Error) as refused:
        cursor.execute(statement)
    assert refused.value.pgcode == "42501", refused.value


def test_tests_work_with_the_rights_of_the_working_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (settings.WORKING_ROLE,)


def test_working_role_owns_nothing_and_belongs_to_nobody(application: Any) -> None:
    with application.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole),"
            " (SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole)"
        )
        assert cursor.fetchone() == (0, 0)


def _audit(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


@pytest.mark.parametrize(
    "statement", ["UPDATE workspaces_auditentry SET summary = ''", "DELETE FROM workspaces_auditentry"]
)
def test_owner_changes_no_audit_entry_by_accident(world: World, statement: str) -> None:
    with (
        all_workspaces("a test tries"),
        owning(),
        pytest.raises(ProgrammingError, match="neither changed nor deleted"),
        transaction.atomic(),
    ):
        _audit(statement)


def test_owner_erases_a_workspaces_audit_by_the_door(world: World) -> None:
    kept = make_world("Quagga").workspace
    with scope(world.workspace), owning():
        assert _audit(f"SET LOCAL {ERASE_SETTING} = 'the workspace is erased'") == -1
        assert _audit("DELETE FROM workspaces_auditentry") > 0
    with all_workspaces("a test looks"):
        assert set(AuditEntry.objects.values_list("workspace", flat=True)) == {kept.pk}


def test_runbooks_way_to_erase_a_workspace_erases_it_and_nothing_else(world: World) -> None:
    other = make_world("Quagga")
    text = (ROOT / "docs" / "runbook.md").read_text().split("## Erase a workspace")[1].split("```")[1]
    statements = text.replace("<the id of the workspace>", str(world.workspace.pk))
    connection.check_constraints()
    with owning():
        _audit(statements.replace("BEGIN;\n", "", 1).replace("COMMIT;", "SET CONSTRAINTS ALL IMMEDIATE;"))
    tables = [
        model for model in house_models() if any(f.column == "workspace_id" for f in model._meta.fields)
    ]
    with all_workspaces("a test looks"):
        left = {row for model in tables for row in model._base_manager.values_list("workspace", flat=True)}
        assert left - {None} == {other.workspace.pk}
        assert Workspace.objects.filter(pk=world.workspace.pk).count() == 0


def test_application_adds_and_reads_audit_entries(world: World) -> None:
    with scope(world.workspace):
        assert AuditEntry.objects.filter(action="invoice.created").count() == 1
