"""Signing in and everything about one's own account, in our look and under the strict policy."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from core.testing import capture_commits
from tests.factories.workspaces import make_user
from workspaces.models import User, Workspace

PASSWORD = "a long password"
OPEN_PAGES = ["account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
OWN_PAGES = [
    "account_logout",
    "account_reauthenticate",
    "identity:profile",
    "identity:address",
    "identity:password",
    "identity:factors",
    "identity:factor_on",
    "identity:sessions",
]
TABS = ["profile", "password", "factors", "sessions"]
GONE = [
    "email/",
    "confirm-email/",
    "confirm-email/MQ:x/",
    "password/set/",
    "2fa/",
    "2fa/totp/activate/",
    "2fa/recovery-codes/",
    "login/code/",
]


def _signed_in(client: Client) -> User:
    """Somebody who has just proved who they are, as what changes an account's protection asks for."""
    user = make_user("ana@example.com")
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return user


def test_sign_in_with_the_right_password_leads_home(client: Client, workspace: Workspace) -> None:
    make_user("ana@example.com")
    response = client.post(reverse("account_login"), {"login": "ANA@example.com", "password": PASSWORD})
    assert response.headers["Location"] == "/"


def test_sign_in_with_a_wrong_password_says_so_once(client: Client, db: None) -> None:
    make_user("ana@example.com")
    response = client.post(reverse("account_login"), {"login": "ana@example.com", "password": "wrong"})
    assert response.content.decode().count('class="form-errors"') == 1


def test_sign_up_is_closed(client: Client, db: None) -> None:
    response = client.post(
        reverse("account_signup"),
        {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert "Sign-up is closed" in response.content.decode()
    assert User.objects.count() == 0


def test_sign_in_page_does_not_offer_to_sign_up(client: Client, db: None) -> None:
    assert reverse("account_signup") not in client.get(reverse("account_login")).content.decode()


def test_password_reset_ends_with_a_new_password(client: Client, db: None) -> None:
    user = make_user("ana@example.com")
    with capture_commits():
        client.post(reverse("account_reset_password"), {"email": user.email})
    link = next(word for word in mail.outbox[0].body.split() if "/reset/key/" in word)

    form = client.get(link.removeprefix(settings.SITE_URL), follow=True)
    response = client.post(
        form.request["PATH_INFO"],
        {"password1": "another long one", "password2": "another long one"},
        follow=True,
    )

    user.refresh_from_db()
    assert "Password changed" in response.content.decode()
    assert user.check_password("another long one")


def test_link_of_a_reset_has_the_host_of_the_settings_and_not_of_the_request(
    client: Client, db: None, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    make_user("ana@example.com")
    with capture_commits():
        client.post(
            reverse("account_reset_password"), {"email": "ana@example.com"}, headers={"host": "evil.example"}
        )

    assert "evil.example" not in mail.outbox[0].body
    assert f"{settings.SITE_URL}/accounts/password/reset/key/" in mail.outbox[0].body


def test_reset_of_nobody_sends_a_mail_too(client: Client, db: None) -> None:
    """The time a page takes would tell who has an account."""
    with capture_commits():
        client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})

    assert [message.subject for message in mail.outbox] == ["No Tandem account has this address"]


def test_password_reset_with_a_bad_link_offers_a_new_one(client: Client, db: None) -> None:
    response = client.get("/accounts/password/reset/key/1-bad-token/")
    assert "This link no longer works" in response.content.decode()


def test_password_reset_of_nobody_looks_the_same(client: Client, db: None) -> None:
    response = client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    assert response.headers["Location"] == reverse("account_reset_password_done")


@pytest.mark.parametrize("name", OPEN_PAGES)
def test_open_page_is_in_our_look(client: Client, db: None, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert 'class="entrance"' in response.content.decode()


@pytest.mark.parametrize("name", OWN_PAGES)
def test_own_page_is_in_our_look(client: Client, db: None, name: str) -> None:
    _signed_in(client)
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert "css/tokens.css" in response.content.decode()


def test_own_pages_are_found_from_the_menu_of_every_page(super_client: Client, workspace: Workspace) -> None:
    anywhere = super_client.get(f"/w/{workspace.slug}/customers/").content.decode()
    account = super_client.get("/accounts/").content.decode()

    for page, names in ((anywhere, ["profile", "factors"]), (account, ["address", *TABS])):
        assert [name for name in names if f'href="{reverse(f"identity:{name}")}"' not in page] == []


@pytest.mark.parametrize("page", GONE)
def test_page_of_the_library_that_we_have_in_our_own_way_is_gone(client: Client, db: None, page: str) -> None:
    _signed_in(client)
    statuses = {getattr(client, method)(f"/accounts/{page}").status_code for method in ("get", "post")}
    assert statuses == {404}


def test_inactive_user_is_told(client: Client, db: None) -> None:
    user = make_user("ana@example.com")
    User.objects.filter(pk=user.pk).update(is_active=False, password=make_password(PASSWORD))
    response = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD}, follow=True)
    assert "not active" in response.content.decode()
