"""The commands an administrator starts with."""

from __future__ import annotations

import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command, execute_from_command_line

from tests.factories.workspaces import make_user, make_workspace
from workspaces.enums import Role
from workspaces.models import User, Workspace

PASSWORD = "correct horse battery"


def create(**options: Any) -> str:
    """Run create_workspace with sound options, some of them replaced; what it printed."""
    given = {"name": "Acme Studio", "currency": "nzd", "email": "Olivia@Acme.example", "user_name": "Olivia"}
    out = io.StringIO()
    call_command("create_workspace", **{**given, **options}, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST_PASSWORD", PASSWORD)


@pytest.mark.django_db
def test_create_workspace_makes_a_super_user_who_can_sign_in_and_prints_the_address() -> None:
    assert create(password_env="FIRST_PASSWORD") == "http://localhost:8000/w/acme-studio/\n"
    member = Workspace.objects.get(slug="acme-studio", currency="NZD").memberships.get()
    assert (member.user.email, member.user.name, member.role) == (
        "olivia@acme.example",
        "Olivia",
        Role.SUPER_USER,
    )
    assert member.user.check_password(PASSWORD)
    assert not member.user.is_staff


@pytest.mark.django_db
def test_create_workspace_reads_the_password_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    create(password_stdin=True)
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.django_db
def test_create_workspace_lets_a_known_person_keep_their_password() -> None:
    user = make_user("olivia@acme.example")
    before = user.password
    create(slug="second")
    user.refresh_from_db()
    assert user.password == before
    assert Workspace.objects.get(slug="second").memberships.get().user == user


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"currency": "XQZ"}, "--currency: nobody pays with XQZ today"),
        ({"currency": "DEM"}, "--currency: nobody pays with DEM today"),
        ({"name": " "}, "--name is empty"),
        ({"name": "日本"}, "give one with --slug"),
        ({"slug": "no blanks"}, "--slug: "),
        ({"email": "olivia"}, "--email: Enter a valid email address"),
        ({"password_env": "UNSET_VARIABLE"}, "UNSET_VARIABLE is not set"),
        ({"password_env": None}, "is new here: give a password"),
    ],
)
def test_create_workspace_refuses_in_one_sentence_and_makes_nothing(
    options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        create(**{"password_env": "FIRST_PASSWORD", **options})
    assert (Workspace.objects.count(), User.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_create_workspace_refuses_a_weak_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST_PASSWORD", "password")
    with pytest.raises(CommandError, match=r"The password: .*This password is easy to guess"):
        create(password_env="FIRST_PASSWORD")


@pytest.mark.django_db
def test_create_workspace_refuses_an_address_that_is_taken() -> None:
    taken = make_workspace()
    with pytest.raises(CommandError, match=f"There is a workspace at /w/{taken.slug}/ already"):
        create(slug=taken.slug, password_env="FIRST_PASSWORD")


@pytest.mark.django_db
def test_create_workspace_refuses_a_password_for_a_person_who_has_one() -> None:
    make_user("olivia@acme.example")
    with pytest.raises(CommandError, match="keeps its password"):
        create(password_env="FIRST_PASSWORD")


def test_password_cannot_be_given_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        execute_from_command_line(["manage.py", "create_workspace", "--password", "x"])
    assert stopped.value.code == 2
    assert "ambiguous option: --password" in capsys.readouterr().err


def test_make_encryption_key_prints_a_key_that_works() -> None:
    out = io.StringIO()
    call_command("make_encryption_key", stdout=out)
    assert Fernet(out.getvalue().strip()).decrypt(Fernet(out.getvalue().strip()).encrypt(b"x")) == b"x"
