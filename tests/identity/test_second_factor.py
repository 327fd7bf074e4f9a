"""The second factor: turned on without a dead end, kept as ciphertext, and needed for the administration."""

from __future__ import annotations

import importlib
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from core.testing import capture_commits
from identity.queries import recovery_codes_of
from tests.factories.people import code_of, make_administrator, signed_in, with_second_factor
from tests.factories.workspaces import make_user
from workspaces.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "a long password"
ON, ADMIN = "/accounts/two-factor/on/", "/admin/"
OTHER_KEY = "YW5vdGhlci1rZXktYW5vdGhlci1rZXktMDAwMDAwMDA="


@pytest.fixture
def ana(db: None) -> User:
    return make_user("ana@example.com")


@pytest.fixture
def client(ana: User) -> Client:
    return signed_in(ana)


def _turn_on(client: Client) -> str:
    secret = client.get(ON).context["secret"]
    with capture_commits():
        client.post(ON, {"code": code_of(secret)})
    return secret


def test_second_factor_is_turned_on_from_the_menu_to_the_recovery_codes(client: Client, ana: User) -> None:
    """It wanted an address verified first, which nothing led to."""
    page = client.get("/accounts/two-factor/").content.decode()
    secret = client.get(ON).context["secret"]
    with capture_commits():
        response = client.post(ON, {"code": code_of(secret)}, follow=True)

    codes = recovery_codes_of(ana).get_unused_codes()
    assert f'href="{ON}"' in page
    assert len(codes) == 10
    assert all(code in response.content.decode() for code in codes)
    assert "two-factor sign-in was turned on" in mail.outbox[0].body


def test_secret_on_offer_stays_the_same_until_it_is_used(client: Client) -> None:
    assert client.get(ON).context["secret"] == client.get(ON).context["secret"]


def test_wrong_code_turns_nothing_on(client: Client) -> None:
    client.get(ON)
    response = client.post(ON, {"code": "000000"})

    assert response.status_code == 422
    assert "This code is not right." in response.content.decode()
    assert not Authenticator.objects.exists()


def test_sign_in_asks_for_the_code(client: Client, ana: User) -> None:
    secret = _turn_on(client)
    browser = Client()
    first = browser.post("/accounts/login/", {"login": ana.email, "password": PASSWORD})
    between = browser.get("/accounts/").status_code
    second = browser.post("/accounts/two-factor/sign-in/", {"code": code_of(secret)})

    assert (first["Location"], between, second["Location"]) == ("/accounts/two-factor/sign-in/", 302, "/")


def test_recovery_code_opens_the_account_once(client: Client, ana: User) -> None:
    _turn_on(client)
    code = recovery_codes_of(ana).get_unused_codes()[0]
    answers = []
    for _ in range(2):
        browser = Client()
        browser.post("/accounts/login/", {"login": ana.email, "password": PASSWORD})
        answers.append(browser.post("/accounts/two-factor/sign-in/", {"code": code}).status_code)

    assert answers == [302, 200]


def test_new_recovery_codes_replace_the_old_and_the_owner_is_told(client: Client, ana: User) -> None:
    _turn_on(client)
    old = recovery_codes_of(ana).get_unused_codes()
    with capture_commits():
        client.post("/accounts/two-factor/codes/new/")

    shown = client.get("/accounts/two-factor/codes/download/").content.decode()
    assert [code for code in old if code in shown] == []
    assert len(recovery_codes_of(ana).get_unused_codes()) == 10
    assert "new recovery codes were made" in mail.outbox[-1].body


def test_second_factor_is_turned_off_and_the_owner_is_told(client: Client, ana: User) -> None:
    _turn_on(client)
    with capture_commits():
        client.post("/accounts/two-factor/off/")

    assert not Authenticator.objects.filter(user=ana).exists()
    assert "turned off" in mail.outbox[-1].body


# -- at rest


def test_secrets_of_second_factors_are_ciphertext_at_rest(client: Client, ana: User) -> None:
    secret = _turn_on(client)
    rows = {row.type: row.data for row in Authenticator.objects.filter(user=ana)}

    assert secret not in str(rows)
    assert [rows["totp"]["secret"][:6], rows["recovery_codes"]["seed"][:6]] == ["gAAAAA"] * 2


def test_secret_on_offer_is_ciphertext_in_the_session(client: Client) -> None:
    secret = client.get(ON).context["secret"]

    assert secret not in str(dict(client.session))


def test_plain_secrets_of_before_become_ciphertext_that_still_opens(ana: User) -> None:
    plain = {"totp": {"secret": "JBSWY3DPEHPK3PXP"}, "recovery_codes": {"seed": "a" * 80, "used_mask": 1}}
    for kind, data in plain.items():
        Authenticator.objects.create(user=ana, type=kind, data=data)
    migration = importlib.import_module("identity.migrations.0003_encrypt_second_factors")

    migration.encrypt(apps, None)

    assert "JBSWY3DPEHPK3PXP" not in str(list(Authenticator.objects.values("data")))
    totp, codes = (Authenticator.objects.get(user=ana, type=kind) for kind in ("totp", "recovery_codes"))
    assert TOTP(totp).validate_code(code_of("JBSWY3DPEHPK3PXP"))
    assert len(RecoveryCodes(codes).get_unused_codes()) == 9


def test_rotating_the_keys_encrypts_second_factors_again(ana: User, settings: Settings) -> None:
    secret = with_second_factor(ana)
    settings.FIELD_ENCRYPTION_KEYS = [OTHER_KEY, *settings.FIELD_ENCRYPTION_KEYS]
    call_command("rotate_token_keys", verbosity=0)
    settings.FIELD_ENCRYPTION_KEYS = [OTHER_KEY]

    assert TOTP(Authenticator.objects.get(user=ana)).validate_code(code_of(secret))


# -- the administration


def test_administration_is_closed_to_an_administrator_without_second_factor() -> None:
    client = signed_in(User.objects.create_superuser("plain@example.com", PASSWORD))

    response = client.get(ADMIN, follow=True)

    assert response.request["PATH_INFO"] == "/accounts/two-factor/"
    assert "Turn it on here first." in response.content.decode()


def test_administration_is_closed_to_a_session_that_never_saw_the_second_factor() -> None:
    """One that was stolen before the second factor was turned on."""
    user = User.objects.create_superuser("boss@example.com", PASSWORD)
    stolen = signed_in(user)
    with_second_factor(user)

    assert stolen.get(ADMIN, follow=True).request["PATH_INFO"] == "/accounts/two-factor/again/"


def test_administration_asks_again_after_half_an_hour_and_saves_what_was_opened_in_time() -> None:
    administrator = make_administrator()
    client = signed_in(administrator, proved=timedelta(minutes=45))
    page = reverse("admin:workspaces_user_change", args=[administrator.pk])

    assert client.get(page).status_code == 302
    assert client.post(page, {}).status_code == 200
    assert signed_in(administrator, proved=timedelta(minutes=61)).post(page, {}).status_code == 302


def test_administration_opens_after_the_code() -> None:
    user = User.objects.create_superuser("boss@example.com", PASSWORD)
    secret = with_second_factor(user)
    client = Client()
    client.post(
        "/accounts/login/?next=/admin/", {"login": user.email, "password": PASSWORD, "next": "/admin/"}
    )
    client.post("/accounts/two-factor/sign-in/", {"code": code_of(secret)})

    assert client.get(ADMIN).status_code == 200


def test_administration_shows_that_there_is_a_second_factor_and_no_secret(ana: User) -> None:
    secret = with_second_factor(ana)
    factor = Authenticator.objects.get(user=ana)
    client = signed_in(make_administrator())
    pages = [
        client.get(reverse(f"admin:mfa_authenticator_{page}", args=args)).content.decode()
        for page, args in (("changelist", []), ("change", [factor.pk]))
    ]

    assert all(str(ana) in page for page in pages)
    assert [page for page in pages if secret in page or factor.data["secret"] in page] == []


def test_administrator_takes_a_lost_second_factor_away_and_changes_none(ana: User) -> None:
    with_second_factor(ana)
    factor = Authenticator.objects.get(user=ana)
    client = signed_in(make_administrator())
    changed = client.post(reverse("admin:mfa_authenticator_change", args=[factor.pk]), {"data": "{}"})
    client.post(reverse("admin:mfa_authenticator_delete", args=[factor.pk]), {"post": "yes"})

    assert changed.status_code == 403
    assert not Authenticator.objects.filter(user=ana).exists()
