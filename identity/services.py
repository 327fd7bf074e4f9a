"""Writes about how people prove who they are. Each that could let somebody else in is told to the owner by mail."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt, encrypt
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.clock import database_now
from core.mail import link_to, send_after_commit
from identity.browsers import described
from identity.models import AddressChange, SignIn
from identity.queries import change_by_token_hash, sign_ins_of
from workspaces.models import User

LINK_LIFE = dt.timedelta(hours=1)
BETWEEN_MAILS = dt.timedelta(minutes=1)
TAKEN = "This address cannot be used any more. Ask for the change again."
SECRETS = ("secret", "seed")  # of an authenticator app, of recovery codes


def hash_token(token: str) -> str:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def change_name(*, name: str, by: User) -> None:
    """The name others see of `by`."""
    by.name = name
    by.save(update_fields=["name"])


@transaction.atomic
def change_password(*, password: str, by: User) -> None:
    """A new password for `by`, who is signed out everywhere; the page that asked signs them in again."""
    by.set_password(password)
    by.save(update_fields=["password"])
    end_sign_ins(by=by)
    AddressChange.objects.filter(user=by).delete()  # who took the account may have asked for it
    _tell(by, "your password was changed")


# -- the e-mail address


@transaction.atomic
def begin_address_change(*, address: str, by: User) -> AddressChange:
    """Mail the new address a link that confirms it, and the old one what was asked for and what to do about it.

    An address that belongs to somebody else gets a mail that says so, and this page tells no difference. Raises
    ValidationError when the last mail was sent within the minute.
    """
    now, token = database_now(), secrets.token_urlsafe(32)
    if AddressChange.objects.filter(user=by, created_at__gt=now - BETWEEN_MAILS).exists():
        raise ValidationError("A mail was sent just now. Wait a minute before you ask for another.")
    AddressChange.objects.filter(user=by).delete()
    change = AddressChange.objects.create(
        user=by, address=address, token_hash=hash_token(token), created_at=now, expires_at=now + LINK_LIFE
    )
    told = {"name": str(by), "old": by.email, "new": address}
    if User.objects.filter(email__iexact=address).exists():
        send_after_commit(to=address, template="address_taken", context=told)
    else:
        link = link_to("identity:confirm_address", token)
        send_after_commit(to=address, template="address_confirm", context=told | {"link": link})
    told |= {"password_page": link_to("identity:password"), "reset_page": link_to("account_reset_password")}
    send_after_commit(to=by.email, template="address_change_asked", context=told)
    return change


@transaction.atomic
def cancel_address_change(*, by: User) -> None:
    """The address stays; the link that was sent confirms nothing any more."""
    AddressChange.objects.filter(user=by).delete()


@transaction.atomic
def confirm_address_change(*, token: str, keep: str | None = None) -> User:
    """Make the address of this link the person's own, once, and sign them out everywhere but in the session `keep`.

    Raises ValidationError when the link was used, is too old, or its address is somebody else's by now.
    """
    change = change_by_token_hash(hash_token(token))
    # The row is the right to do it: of two who open the link at once, one deletes it.
    if change is None or not AddressChange.objects.filter(pk=change.pk).delete()[0]:
        raise ValidationError("This link no longer works: it was used, replaced, or is older than an hour.")
    user, old = change.user, change.user.email
    user.email = change.address.lower()
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError as error:
        raise ValidationError(TAKEN) from error
    end_sign_ins(by=user, keep=keep)
    told = {"name": str(user), "old": old, "new": user.email}
    send_after_commit(to=old, template="address_changed", context=told)
    return user


# -- the second factor


@transaction.atomic
def turn_on_second_factor(*, secret: str, by: User) -> None:
    """From now on signing in asks `by` for a code that the authenticator app makes of `secret`.

    Raises ValidationError when it is on already.
    """
    try:
        with transaction.atomic():
            TOTP.activate(by, secret)
    except IntegrityError as error:
        raise ValidationError("It is on already.") from error
    RecoveryCodes.activate(by)
    _tell(by, "two-factor sign-in was turned on")


@transaction.atomic
def turn_off_second_factor(*, by: User) -> None:
    """The password alone opens the account of `by` again; their recovery codes are gone."""
    Authenticator.objects.filter(user=by).delete()
    _tell(by, "two-factor sign-in was turned off")


@transaction.atomic
def make_recovery_codes(*, by: User) -> None:
    """New recovery codes for `by`; the old ones open nothing any more."""
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    Authenticator.objects.filter(user=by, type=Authenticator.Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(by)
    _tell(by, "new recovery codes were made")


@transaction.atomic
def reencrypt_second_factors() -> int:
    """Encrypt the secrets of all second factors with the first key; returns how many there are. May be run again."""
    factors = Authenticator.objects.select_for_update(of=("self",))
    for factor in factors:
        factor.data |= {name: encrypt(decrypt(factor.data[name])) for name in SECRETS if name in factor.data}
        factor.save(update_fields=["data"])
    return len(factors)


# -- where somebody is signed in


@transaction.atomic
def remember_sign_in(*, session_key: str, address: str | None, browser: str, by: User) -> None:
    """`by` is signed in with this browser (its User-Agent); what is known of sessions that have ended is forgotten."""
    SignIn.objects.filter(user=by).exclude(pk__in=sign_ins_of(by).values("pk")).delete()
    SignIn.objects.update_or_create(
        session_key=session_key, defaults={"user": by, "address": address, "browser": described(browser)}
    )


@transaction.atomic
def end_sign_in(*, sign_in: SignIn, by: User) -> None:
    """Sign `by` out in that browser."""
    Session.objects.filter(session_key=sign_in.session_key).delete()
    sign_in.delete()


@transaction.atomic
def end_sign_ins(*, by: User, keep: str | None = None) -> None:
    """Sign `by` out everywhere, or everywhere but in the session `keep`."""
    others = SignIn.objects.filter(user=by).exclude(session_key=keep or "")
    Session.objects.filter(session_key__in=others.values("session_key")).delete()
    others.delete()


def _tell(user: User, what: str) -> None:
    told = {"name": str(user), "what": what, "reset_page": link_to("account_reset_password")}
    send_after_commit(to=user.email, template="account_changed", context=told)
