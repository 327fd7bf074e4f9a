"""The walls after something went wrong: the next request on the same connection must start with none of them open."""

from __future__ import annotations

import re
from collections.abc import Callable

import django_scopes
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from customers.models import Customer
from tests.architecture.source import ROOT
from tests.factories.customers import make_customer
from workspaces.enums import Role
from workspaces.models import Membership, User, Workspace
from workspaces.scope import all_workspaces, scope
from workspaces.walls import BYPASS_SETTING, OWNER_SETTING

ACROSS = {
    "accounting/management/commands/rotate_token_keys.py",
    "accounting/management/commands/sync_doctor.py",
    "accounting/sync/alarms.py",
    "accounting/sync/backfill.py",
    "accounting/sync/checks.py",
    "accounting/sync/dry_run.py",
    "accounting/sync/exemptions.py",
    "accounting/sync/meter.py",
    "accounting/sync/nightly.py",
    "accounting/sync/problems.py",
    "accounting/sync/proof.py",
    "accounting/sync/sweep.py",
    "accounting/sync/teaching.py",
    "accounting/sync/tokens.py",
    "accounting/sync/watching.py",
    "accounting/views/connection.py",
    "webhooks/process.py",
    "webhooks/watch.py",
    "workspaces/invitations.py",
    "workspaces/middleware.py",
    "workspaces/scope.py",
    "workspaces/submissions.py",
}
"""Who may work across workspaces, migrations aside: they change the rows of all. A new name here is a decision: say
why in the call's reason."""


def _break_in_python() -> None:
    raise RuntimeError("broken")


def _break_in_sql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column")


def _break_in_a_transaction() -> None:
    with transaction.atomic():
        _break_in_sql()


def _break_and_swallow() -> None:
    with transaction.atomic():
        try:
            _break_in_sql()
        except Exception:
            return


def _break_a_constraint() -> None:
    workspace = Workspace.objects.get(name="Maple")
    with transaction.atomic():
        Workspace.objects.create(name="x", slug=workspace.slug, currency="NZD")


def _lose_the_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def _change_the_connection() -> None:
    connection.close()
    Customer.objects.count()


TROUBLES = [
    _break_in_python,
    _break_in_sql,
    _break_in_a_transaction,
    _break_and_swallow,
    _break_a_constraint,
    _lose_the_connection,
    _change_the_connection,
]


def _walls() -> tuple[str, str, dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting(%s, true), current_setting(%s, true)", [OWNER_SETTING, BYPASS_SETTING]
        )
        owner, bypass = cursor.fetchone()
    return owner or "", bypass or "", dict(django_scopes.get_scope())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_in_a_page_leaves_no_scope_behind(
    super_user: User, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, trouble: Callable[[], None]
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(super_user, backend="django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr(
        "customers.views.list_customers", lambda **kwargs: trouble() or Customer.objects.none()
    )
    connection.ensure_connection()

    for _ in range(2):
        assert client.get(f"/w/{workspace.slug}/customers/").status_code in (200, 500)
        if connection.connection is not None and not connection.is_usable():
            connection.close()  # as Django does before the next request
        assert _walls() == ("", "", {})


@pytest.mark.django_db(transaction=True)
def test_trouble_across_workspaces_leaves_the_bypass_closed() -> None:
    for trouble in (_break_in_python, _break_in_sql, _break_in_a_transaction):
        with pytest.raises(Exception), all_workspaces("a test breaks in it"):  # noqa: B017
            trouble()
        assert _walls() == ("", "", {})


@pytest.mark.django_db(transaction=True)
def test_scope_entered_in_a_transaction_that_fails_is_left(workspace: Workspace) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), scope(workspace):
        Workspace.objects.create(name="x", slug=workspace.slug, currency="NZD")

    assert _walls() == ("", "", {})


def test_only_these_modules_work_across_workspaces() -> None:
    found = {
        str(path.relative_to(ROOT))
        for app in (
            "core",
            "workspaces",
            "plans",
            "customers",
            "catalogue",
            "invoices",
            "payments",
            "accounting",
            "webhooks",
        )
        for path in (ROOT / app).rglob("*.py")
        if path.parent.name != "migrations"
        and re.search(r"\ball_workspaces\(|scopes_disabled\(", path.read_text())
    }
    assert found == ACROSS


def test_member_who_was_removed_finds_nothing_at_once(
    staff_client: Client, staff: User, workspace: Workspace
) -> None:
    page = f"/w/{workspace.slug}/customers/"
    before = staff_client.get(page).status_code
    Membership.objects.filter(user=staff, workspace=workspace).delete()

    assert (before, staff_client.get(page).status_code, staff_client.post(page).status_code) == (
        200,
        404,
        404,
    )


def test_user_who_was_switched_off_is_signed_out_at_once(
    staff_client: Client, staff: User, workspace: Workspace
) -> None:
    User.objects.filter(pk=staff.pk).update(is_active=False)

    assert staff_client.get(f"/w/{workspace.slug}/customers/").status_code == 302


def test_super_user_who_became_staff_loses_the_settings_at_once(
    super_client: Client, super_user: User, workspace: Workspace
) -> None:
    Membership.objects.filter(user=super_user).update(role=Role.STAFF)

    assert super_client.get(f"/w/{workspace.slug}/settings/accounting/").status_code == 403


def test_delete_by_foreign_id_in_raw_sql_touches_nothing(workspace: Workspace, stranger: User) -> None:
    other = stranger.memberships.get().workspace
    with scope(workspace), transaction.atomic():
        mine = make_customer(workspace)

    with scope(other), connection.cursor() as cursor:
        cursor.execute("DELETE FROM customers_customer WHERE id = %s", [mine.pk])
        touched = cursor.rowcount

    assert touched == 0
