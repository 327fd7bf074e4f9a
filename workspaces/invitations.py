"""Inviting people: a link that works once and for seven days, sent to the address that may use it."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from core.mail import link_to, send_after_commit
from core.tickets import Ticket
from workspaces.audit import actor, log_workspace_action
from workspaces.models import Invitation, Membership, User, Workspace
from workspaces.queries import open_invitations_of
from workspaces.scope import all_workspaces, scope
from workspaces.services import add_member
from workspaces.submissions import once

LIFE = dt.timedelta(days=7)


class InvitationRefused(Exception):
    """The invitation cannot be made or taken. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation that is on its way, and its link, which nobody can read anywhere later. The link is "" where the
    same form came before: it was told then."""

    invitation: Invitation
    link: str


@transaction.atomic
def invite(*, workspace: Workspace, email: str, role: str, by: User, ticket: Ticket | None = None) -> Sent:
    """Offer the address a place as `role`. One that is invited already gets a new link, and the old one ends; the same
    ticket again changes nothing.

    Raises InvitationRefused for a member's address, SentBefore as `submissions.once` does.
    """
    token = secrets.token_urlsafe(32)
    invitation = _offer(workspace=workspace, email=email, role=role, token=token, by=by, ticket=ticket)
    is_new = invitation.token_hash == hash_of(token)
    return Sent(invitation, _link_of(token) if is_new else "")


@once
def _offer(*, workspace: Workspace, email: str, role: str, token: str, by: User) -> Invitation:
    Workspace.objects.select_for_update(of=("self",), no_key=True).get(pk=workspace.pk)
    email = email.strip().lower()
    if workspace.memberships.filter(user__email__iexact=email).exists():
        raise InvitationRefused(f"{email} belongs to {workspace} already.")
    invitation = open_invitations_of(workspace).filter(email__iexact=email).first()
    return _send(invitation or Invitation(workspace=workspace, email=email), role, token, by)


@transaction.atomic
def resend(*, invitation: Invitation, by: User) -> Sent:
    """Send a new link, which works for another seven days; the old one ends. Raises InvitationRefused."""
    token = secrets.token_urlsafe(32)
    return Sent(_send(_locked(invitation), invitation.role, token, by), _link_of(token))


@transaction.atomic
def revoke(*, invitation: Invitation, by: User) -> None:
    """Take it back: its link no longer works. Raises InvitationRefused when it was used or revoked before."""
    invitation = _locked(invitation)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at", "updated_at"])
    log_workspace_action(
        invitation.workspace, "member.invitation_revoked", f"The invitation of {invitation} was revoked", by
    )


def find_open(token_hash: str) -> Invitation | None:
    """The invitation whose link this is, with its workspace, while it can be accepted."""
    with all_workspaces("a link is opened before anybody knows its workspace"):
        found = Invitation.objects.select_related("workspace").filter(
            token_hash=token_hash, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
        )
        return found.first()


@transaction.atomic
def accept(*, token_hash: str, by: User) -> Membership:
    """Take the place that is offered to this person's address. Raises InvitationRefused."""
    invitation = find_open(token_hash)
    if invitation is None:
        raise InvitationRefused("This invitation no longer works. Ask for a new one.")
    if invitation.email.lower() != by.email.lower():
        raise InvitationRefused(f"This invitation is for {invitation.email}. Sign in with that address.")
    with scope(invitation.workspace):
        return _take_place(_locked(invitation), by)


@transaction.atomic
def accept_as_new(*, token_hash: str, name: str, password: str) -> User:
    """Make an account for the invited address, and take the place. Raises InvitationRefused."""
    invitation = find_open(token_hash)
    if invitation is None or account_of(invitation):
        raise InvitationRefused("This invitation no longer works, or its address has an account: sign in.")
    user = User.objects.create_user(invitation.email, password, name=name)
    accept(token_hash=token_hash, by=user)
    return user


def account_of(invitation: Invitation) -> User | None:
    """The person who has the invited address, if anybody has."""
    return User.objects.filter(email__iexact=invitation.email).first()


def hash_of(token: str) -> str:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _take_place(invitation: Invitation, by: User) -> Membership:
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at", "updated_at"])
    there = Membership.objects.filter(workspace=invitation.workspace, user=by).first()
    return there or add_member(workspace=invitation.workspace, user=by, role=invitation.role, by=by)


def _locked(invitation: Invitation) -> Invitation:
    """The row as it is now, open, until the transaction ends."""
    now = Invitation.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=invitation.pk)
    if now.accepted_at or now.revoked_at:
        raise InvitationRefused(
            f"The invitation of {now} was {'accepted' if now.accepted_at else 'revoked'}."
        )
    return now


def _link_of(token: str) -> str:
    return link_to("workspaces:invitation", token)


def _send(invitation: Invitation, role: str, token: str, by: User) -> Invitation:
    invitation.role, invitation.token_hash = role, hash_of(token)
    invitation.expires_at = timezone.now() + LIFE
    for name, value in actor(by).items():
        setattr(invitation, name, value)
    invitation.save()
    told = {"workspace": invitation.workspace, "by": by, "link": _link_of(token), "days": LIFE.days}
    send_after_commit(to=invitation.email, template="invitation", context=told)
    words = f"{invitation} was invited as {invitation.get_role_display().lower()}"
    log_workspace_action(invitation.workspace, "member.invited", words, by)
    return invitation
