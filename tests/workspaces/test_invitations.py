"""Invitations: made, used once, replaced and revoked."""

from __future__ import annotations

import datetime as dt
import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from core.testing import assert_queries
from tests.factories.workspaces import make_user
from tests.workspaces.invited import actions_of, path_of, url_of
from workspaces import invitations
from workspaces.enums import Role
from workspaces.models import Invitation, Membership, User, Workspace
from workspaces.scope import all_workspaces, scope

PASSWORD = "violin harbour sandwich 47"
NEW = {"name": "Ana Ngata", "password": PASSWORD}


def _client(user: AbstractBaseUser) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_invite_sends_a_link_and_shows_it_once(
    super_client: Client,
    workspace: Workspace,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        page = super_client.post(url_of(workspace, "invite"), {"email": "ana@example.com", "role": "staff"})

    (message,) = mail.outbox
    (link,) = re.findall(r"http://localhost:8000/invitations/\S+/", message.body)
    assert (message.to, link in page.content.decode()) == (["ana@example.com"], True)
    assert link not in super_client.get(url_of(workspace, "members")).content.decode()


def test_invite_keeps_only_a_hash_of_the_link(sent: invitations.Sent) -> None:
    token = sent.link.rstrip("/").rsplit("/", 1)[1]
    with all_workspaces("a test reads"):
        row = str(Invitation.objects.values().get())
    assert (token in row, invitations.hash_of(token) in row) == (False, True)


def test_invite_the_same_address_again_replaces_the_link(sent: invitations.Sent, super_user: User) -> None:
    workspace = sent.invitation.workspace
    with scope(workspace):
        again = invitations.invite(
            workspace=workspace, email="ana@example.com", role=Role.SUPER_USER, by=super_user
        )
        assert Invitation.objects.get().role == Role.SUPER_USER
    pages = [Client().get(path_of(one.link), follow=True).content.decode() for one in (sent, again)]
    assert ["no longer works" in page for page in pages] == [True, False]


def test_invite_sent_twice_keeps_the_first_link(
    super_client: Client,
    workspace: Workspace,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    typed = {"email": "ana@example.com", "role": "staff", "once": str(uuid4())}
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            page = super_client.post(url_of(workspace, "invite"), typed).content.decode()

    (link,) = re.findall(r"http://localhost:8000(/invitations/\S+/)", mail.outbox[0].body)
    assert "Join Acme Studio" in Client().get(link, follow=True).content.decode()
    assert (len(mail.outbox), "counted once" in page, "/invitations/" in page) == (1, True, False)
    assert actions_of(workspace) == ["member.invited"]


def test_invite_a_member_is_refused_by_the_field(
    super_client: Client, staff: User, workspace: Workspace
) -> None:
    page = super_client.post(url_of(workspace, "invite"), {"email": staff.email.upper(), "role": "staff"})
    assert (page.status_code, "belongs to" in page.content.decode()) == (422, True)


def test_new_person_joins_with_name_and_password(sent: invitations.Sent) -> None:
    client, workspace = Client(), sent.invitation.workspace
    page = client.get(path_of(sent.link), follow=True)
    assert page.redirect_chain[-1][0] == reverse("workspaces:accept")

    answer = client.post(reverse("workspaces:accept"), NEW)

    person = User.objects.get(email="ana@example.com")
    assert answer.headers["Location"] == f"/w/{workspace.slug}/"
    assert (person.name, person.check_password(PASSWORD), person.memberships.get().role) == (
        "Ana Ngata",
        True,
        Role.STAFF,
    )
    assert client.get(f"/w/{workspace.slug}/invoices/").status_code == 200
    assert actions_of(workspace) == ["member.invited", "member.added"]


def test_new_person_with_a_weak_password_keeps_what_was_typed(sent: invitations.Sent) -> None:
    client = Client()
    client.get(path_of(sent.link))
    page = client.post(reverse("workspaces:accept"), {**NEW, "password": "password"})

    assert (page.status_code, 'value="Ana Ngata"' in page.content.decode()) == (422, True)
    assert not User.objects.filter(email="ana@example.com").exists()


def test_link_works_once(sent: invitations.Sent) -> None:
    first, second = Client(), Client()
    for client in (first, second):
        client.get(path_of(sent.link))
    first.post(reverse("workspaces:accept"), NEW)

    page = second.post(reverse("workspaces:accept"), {**NEW, "name": "Mallory"})

    assert "no longer works" in page.content.decode()
    assert User.objects.get(email="ana@example.com").name == "Ana Ngata"


@pytest.mark.parametrize("end", ["expired", "revoked"])
def test_link_that_ended_lets_nobody_in(sent: invitations.Sent, super_user: User, end: str) -> None:
    with scope(sent.invitation.workspace):
        if end == "revoked":
            invitations.revoke(invitation=sent.invitation, by=super_user)
        else:
            Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    client = Client()

    page = client.get(path_of(sent.link), follow=True)
    answer = client.post(reverse("workspaces:accept"), NEW)

    assert ["no longer works" in each.content.decode() for each in (page, answer)] == [True, True]
    assert not User.objects.filter(email="ana@example.com").exists()


def test_person_with_an_account_is_asked_to_sign_in(sent: invitations.Sent) -> None:
    make_user("ana@example.com")
    client = Client()
    text = client.get(path_of(sent.link), follow=True).content.decode()
    answer = client.post(reverse("workspaces:accept"), NEW)

    assert (f"?next={reverse('workspaces:accept')}" in text, answer.status_code) == (True, 422)
    assert sent.invitation.workspace.memberships.count() == 1


def test_person_with_the_address_joins(sent: invitations.Sent) -> None:
    person = make_user("ana@example.com")
    client = _client(person)
    client.get(path_of(sent.link))
    client.post(reverse("workspaces:accept"), {"accept": "1"})

    assert person.memberships.get().workspace == sent.invitation.workspace


def test_person_with_another_address_does_not_join(sent: invitations.Sent) -> None:
    other = make_user("mallory@example.com")
    make_user("ana@example.com")
    client = _client(other)
    text = client.get(path_of(sent.link), follow=True).content.decode()
    answer = client.post(reverse("workspaces:accept"), {"accept": "1"})

    assert ("mallory@example.com" in text, answer.status_code) == (True, 422)
    assert not other.memberships.exists()


def test_signed_in_person_makes_no_account_for_the_address(sent: invitations.Sent) -> None:
    client = _client(make_user("mallory@example.com"))
    client.get(path_of(sent.link))

    assert client.post(reverse("workspaces:accept"), NEW).status_code == 422
    assert not User.objects.filter(email="ana@example.com").exists()


def test_resend_makes_a_new_link_for_seven_days(
    super_client: Client, sent: invitations.Sent, workspace: Workspace
) -> None:
    with scope(workspace):
        Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(days=1))
    page = super_client.post(url_of(workspace, "resend", sent.invitation.pk))

    assert (sent.link in page.content.decode(), "/invitations/" in page.content.decode()) == (False, True)
    with scope(workspace):
        assert Invitation.objects.get().expires_at > timezone.now() + dt.timedelta(days=6)


def test_revoke_from_the_list_ends_the_invitation(
    super_client: Client, sent: invitations.Sent, workspace: Workspace
) -> None:
    super_client.post(url_of(workspace, "revoke", sent.invitation.pk))
    again = super_client.post(url_of(workspace, "resend", sent.invitation.pk), follow=True)

    assert "was revoked" in again.content.decode()
    assert actions_of(workspace) == ["member.invited", "member.invitation_revoked"]


@pytest.mark.parametrize("count", [1, 3])
def test_invitations_are_listed_in_eight_queries(
    super_client: Client, super_user: User, workspace: Workspace, count: int
) -> None:
    with scope(workspace):
        for number in range(count):
            email = f"ana{number}@example.com"
            invitations.invite(workspace=workspace, email=email, role=Role.STAFF, by=super_user)
    with assert_queries(8):
        page = super_client.get(url_of(workspace, "members"))
    assert page.content.decode().count("Send again") == count


@pytest.mark.django_db
@pytest.mark.parametrize(
    "broken",
    [
        {"role": "emperor"},
        {"accepted_at": timezone.now(), "revoked_at": timezone.now()},
        {"actor_kind": "xero"},
    ],
    ids=["unknown role", "accepted and revoked", "made by Xero"],
)
def test_database_refuses_an_impossible_invitation(sent: invitations.Sent, broken: dict[str, object]) -> None:
    with scope(sent.invitation.workspace), pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(pk=sent.invitation.pk).update(**broken)


def test_database_refuses_a_second_open_invitation_of_an_address(sent: invitations.Sent) -> None:
    invitation = sent.invitation
    invitation.pk, invitation.token_hash, invitation.email = None, "other", "ANA@example.com"
    with scope(invitation.workspace), pytest.raises(IntegrityError), transaction.atomic():
        invitation.save(force_insert=True)


def test_membership_of_the_invited_is_not_doubled(sent: invitations.Sent) -> None:
    person = make_user("ana@example.com")
    invitations.accept(token_hash=sent.invitation.token_hash, by=person)
    with pytest.raises(invitations.InvitationRefused):
        invitations.accept(token_hash=sent.invitation.token_hash, by=person)
    assert Membership.objects.filter(user=person).count() == 1
