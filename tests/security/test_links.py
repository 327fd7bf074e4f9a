"""The links of mails open something, so nothing but the mail may hold them: no log, no row, no other page's address."""

from __future__ import annotations

import io
import re

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.security.test_secrets import _database, log
from workspaces.models import User, Workspace

__all__ = ["log"]


def link_in_mail() -> str:
    """The link that the newest mails bear."""
    return next(
        link for sent in mail.outbox[::-1] for link in re.findall(r"https?://\S+/[\w-]{20,}/", str(sent.body))
    )


def opened(link: str) -> tuple[list[str], str]:
    """Open the link as a browser does, at our host, and post to where it leads; the secret parts of it, and the last
    address."""
    client = Client()
    path = "/" + link.split("/", 3)[3]
    page = client.get(path, follow=True)
    there = page.redirect_chain[-1][0] if page.redirect_chain else path
    client.post(there, {"password1": "x", "password2": "y", "name": "", "password": "x"})
    client.get(path[:-2] + "/")  # mistyped: a page that is not there is logged too
    secret = path.rstrip("/").rsplit("/", 1)[1]
    after_the_user = secret.split("-", 1)[
        -1
    ]  # a reset's; of others it may be a letter, which stands anywhere
    return [part for part in (secret, after_the_user) if len(part) >= 20], there


@pytest.mark.parametrize("kind", ["reset", "confirmation", "invitation"])
def test_link_of_a_mail_is_in_no_log_and_no_row(
    super_client: Client,
    super_user: User,
    workspace: Workspace,
    log: io.StringIO,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    kind: str,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        if kind == "reset":
            Client().post(reverse("account_reset_password"), {"email": super_user.email})
        elif kind == "confirmation":
            asked = {"address": "ana@example.com", "password": "a long password"}
            super_client.post(reverse("identity:address"), asked)
        else:
            path = reverse("workspaces:invite", args=[workspace.slug])
            super_client.post(path, {"email": "ana@example.com", "role": "staff"})
    secrets, there = opened(link_in_mail())

    assert "request_finished" in log.getvalue()
    places = {"log": log.getvalue(), "database": _database()}
    if kind != "confirmation":  # its page has one button and no other person's words; it stays under the link
        places["address"] = there
    assert [(place, secret) for place, text in places.items() for secret in secrets if secret in text] == []


def test_addresses_of_people_are_in_no_log(
    super_client: Client,
    workspace: Workspace,
    log: io.StringIO,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        super_client.post(
            reverse("workspaces:invite", args=[workspace.slug]), {"email": "ana@example.com", "role": "staff"}
        )
    assert ("request_finished" in log.getvalue(), "ana@example.com" in log.getvalue()) == (True, False)


def test_host_of_a_reset_is_ours_whatever_the_request_says(
    super_user: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        Client().post(
            reverse("account_reset_password"),
            {"email": super_user.email},
            headers={"host": "localhost:6666"},
        )
    assert link_in_mail().startswith(f"{settings.SITE_URL}/accounts/password/reset/key/")


def test_host_of_an_invitation_is_ours_whatever_the_request_says(
    super_client: Client,
    workspace: Workspace,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    path = reverse("workspaces:invite", args=[workspace.slug])
    with django_capture_on_commit_callbacks(execute=True):
        super_client.post(
            path, {"email": "ana@example.com", "role": "staff"}, headers={"host": "localhost:6666"}
        )
    assert link_in_mail().startswith(f"{settings.SITE_URL}/invitations/")


def test_link_of_a_reset_lives_an_hour() -> None:
    assert settings.PASSWORD_RESET_TIMEOUT == 3600
