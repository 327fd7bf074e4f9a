"""The demo's options, its folder, its first data and the processes it keeps on a leash."""

from __future__ import annotations

import os
import runpy
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.test import Client
from pytest_django.fixtures import Settings

from catalogue.queries import active_services, active_tax_rates, default_tax_rate
from config.demo import environment, options
from config.demo.banner import banner
from config.demo.main import main
from config.demo.options import Options, Refused, parse
from config.demo.people import ACME, ADMINISTRATOR, ADMINISTRATORS_SECRET, PASSWORD, WORKSPACES
from config.demo.seed import seed
from config.env import ROOT
from core.testing import capture_commits
from customers.queries import active_customers
from identity.services import begin_address_change
from tests.factories.people import code_of, signed_in
from tests.factories.workspaces import make_user
from workspaces.enums import Role
from workspaces.models import Membership, User, Workspace
from workspaces.scope import scope

HOLDER = """
import subprocess, sys, time
child = subprocess.Popen(
    [sys.executable, "-m", "config.demo.leash", "http.server", "--bind", "127.0.0.1", sys.argv[1]],
    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
)
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def free() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_taken_port_is_one_sentence_and_starts_nothing(
    taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Refused, match=f"^Port {taken} is taken"):
        parse(["--port", str(taken)])
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--port", str(taken), "--data", str(tmp_path / "demo")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"The demo cannot start: Port {taken} is taken")
    assert not (tmp_path / "demo").exists()


def test_taken_sandbox_port_is_refused_only_when_it_was_asked_for(
    taken: int, free: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="--sandbox-port"):
        parse(["--port", str(free), "--sandbox-port", str(taken)])
    monkeypatch.setattr(options, "SANDBOX_PORT", taken - free + options.WEB_PORT)
    assert taken < parse(["--port", str(free)]).sandbox_port <= taken + options.ATTEMPTS


def test_word_that_is_no_port_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--port", "70000"])
    assert "70000 is no port" in capsys.readouterr().err


def test_addresses_are_localhost_by_name(tmp_path: Path) -> None:
    chosen = Options(8000, 9100, tmp_path, reset=False)
    assert (chosen.site_url, chosen.sandbox_url) == ("http://localhost:8000", "http://localhost:9100")


def test_variables_send_nothing_to_xero(tmp_path: Path) -> None:
    urls = {"DATABASE_URL": "postgres://x/y"}
    given = environment.variables(Options(8000, 9100, tmp_path, reset=False), urls)
    assert {value for name, value in given.items() if name.startswith("XERO_") and name.endswith("_URL")} == {
        "http://localhost:9100"
    }
    assert given["DATABASE_URL"] == "postgres://x/y"


def test_keys_are_made_once_and_kept_private(tmp_path: Path) -> None:
    assert environment.keys(tmp_path) == environment.keys(tmp_path)
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_second_demo_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with environment.claim(tmp_path), pytest.raises(Refused, match="already running"):
        environment.claim(tmp_path)


def test_reset_removes_only_what_the_demo_keeps(tmp_path: Path) -> None:
    (tmp_path / "sandbox").mkdir()
    environment.keys(tmp_path)
    (tmp_path / "my thesis.txt").write_text("years of work")
    environment.clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["my thesis.txt"]


def test_reset_of_a_database_that_is_not_ours_is_refused(
    free: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody/else")
    monkeypatch.setattr("signal.signal", lambda number, handler: None)
    assert main(["--port", str(free), "--data", str(tmp_path), "--reset"]) == 2
    assert "DATABASE_URL" in capsys.readouterr().err


def test_banner_names_the_addresses_and_every_sign_in(tmp_path: Path) -> None:
    text = banner(Options(8001, 9101, tmp_path, reset=False))
    emails = [person.email for plan in WORKSPACES for person in (plan.super_user, plan.staff)]
    expected = [
        "http://localhost:8001",
        "http://localhost:9101",
        "http://localhost:8001/demo/",
        PASSWORD,
        ADMINISTRATORS_SECRET,
        ADMINISTRATOR,
        *emails,
        "Ctrl-C",
    ]
    assert [word for word in expected if word not in text] == []


@pytest.mark.django_db
def test_seed_makes_two_workspaces_that_people_can_sign_in_to() -> None:
    seed()
    roles = Membership.objects.values_list("workspace__name", "user__email", "role").order_by("pk")
    assert list(roles) == [
        (plan.name, person.email, role)
        for plan in WORKSPACES
        for person, role in ((plan.super_user, Role.SUPER_USER), (plan.staff, Role.STAFF))
    ]
    assert User.objects.get(email=ACME.staff.email).check_password(PASSWORD)
    assert User.objects.get(email=ADMINISTRATOR).is_superuser
    with scope(Workspace.objects.get(name=ACME.name)):
        assert default_tax_rate().name == "GST 15%"
        counts = (active_customers().count(), active_services().count(), active_tax_rates().count())
        assert counts == (len(ACME.customers), len(ACME.offers), len(ACME.tax_rates))


@pytest.mark.django_db
def test_seed_leaves_what_exists_alone() -> None:
    seed()
    workspace = Workspace.objects.get(name=ACME.name)
    workspace.name = "Renamed"
    workspace.save()
    seed()
    assert Workspace.objects.count() == len(WORKSPACES)
    assert User.objects.count() == 2 * len(WORKSPACES) + 1


@pytest.mark.slow
def test_child_ends_when_its_parent_is_killed(free: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(free)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        while options.is_free(free):
            time.sleep(0.02)
        parent.kill()
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.django_db
def test_desk_shows_the_mail_and_the_administrators_code(tmp_path: Path, settings: Settings) -> None:
    settings.ROOT_URLCONF = "config.demo.urls"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    seed()
    with capture_commits():
        Client().post("/accounts/password/reset/", {"email": ACME.super_user.email})

    text = Client().get("/demo/").content.decode()

    assert "Choose a new Tandem password" in text
    assert f'href="{settings.SITE_URL}/accounts/password/reset/key/' in text
    factor = Authenticator.objects.get(user__email=ADMINISTRATOR, type="totp")
    assert f">{code_of(decrypt(factor.data['secret']))}<" in text


@pytest.mark.django_db
def test_page_that_says_a_mail_was_sent_leads_to_the_desk(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_MAIL", str(tmp_path))
    monkeypatch.setattr("config.settings.base.TEMPLATES", deepcopy(settings.TEMPLATES))
    demo = runpy.run_module("config.settings.demo")
    settings.TEMPLATES, settings.ROOT_URLCONF = demo["TEMPLATES"], demo["ROOT_URLCONF"]
    user = make_user("ana@example.com")
    begin_address_change(address="new@example.com", by=user)

    pages = (Client().get("/accounts/password/reset/done/"), signed_in(user).get("/accounts/"))

    link = 'In this demo the mail lies on <a href="/demo/">'
    assert [link in page.content.decode() for page in pages] == [True, True]


@pytest.mark.django_db
def test_desk_is_no_page_of_tandem(client: Client) -> None:
    assert client.get("/demo/").status_code == 404


@pytest.mark.django_db
def test_desk_without_mail_says_how_to_get_one(tmp_path: Path, settings: Settings) -> None:
    settings.ROOT_URLCONF = "config.demo.urls"
    settings.EMAIL_FILE_PATH = str(tmp_path / "missing")

    assert "No mail yet" in Client().get("/demo/").content.decode()
