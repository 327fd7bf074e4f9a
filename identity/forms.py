"""What people may change about how they prove who they are."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.internal.auth import validate_totp_code
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from core.address import client_address
from identity import throttle
from workspaces.models import User

LONGEST_PASSWORD = 128
WRONG_CODE = "This code is not right. Take the one your app shows now."


def _password_field(label: str, autocomplete: str, **kwargs: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, strip=False, max_length=LONGEST_PASSWORD, widget=widget, **kwargs)


def _code_field() -> forms.CharField:
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "control--code"}
    return forms.CharField(label="Code", max_length=20, widget=forms.TextInput(attrs=attrs))


class OwnForm(forms.Form):
    """A form about the person who fills it in."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def check_password(self, field: str) -> None:
        """Refuse a wrong current password. Only once the rest is right: each look counts as a guess."""
        if self.errors:
            return
        try:
            if not get_adapter().reauthenticate(self.user, self.cleaned_data[field]):
                self.add_error(field, "This is not your password.")
        except ValidationError as too_early:
            self.add_error(field, too_early)


class NameForm(forms.Form):
    """What others see."""

    name = forms.CharField(
        label="Name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )


class AddressForm(OwnForm):
    """A new e-mail address, with the password."""

    address = forms.EmailField(
        label="New e-mail address", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = _password_field("Your password", "current-password")

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).lower()
        if address == self.user.email:
            raise ValidationError("This is your address already.")
        return address

    def clean(self) -> None:
        super().clean()
        self.check_password("password")


class PasswordForm(OwnForm):
    """A new password, with the one it replaces."""

    current = _password_field("Current password", "current-password")
    new = _password_field(
        "New password", "new-password", help_text=" ".join(password_validators_help_texts())
    )
    again = _password_field("New password again", "new-password")

    def clean_new(self) -> str:
        validate_password(self.cleaned_data["new"], self.user)
        return str(self.cleaned_data["new"])

    def clean(self) -> None:
        super().clean()
        typed = [self.cleaned_data[name] for name in ("new", "again") if name in self.cleaned_data]
        if len(set(typed)) == 2:
            self.add_error("again", "This is not the same as above.")
        self.check_password("current")


class NewFactorForm(forms.Form):
    """The first code of an authenticator app that was just given its secret."""

    code = _code_field()

    def __init__(self, *args: Any, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.secret = secret

    def clean_code(self) -> str:
        if not validate_totp_code(self.secret, self.cleaned_data["code"]):
            raise ValidationError(WRONG_CODE)
        return str(self.cleaned_data["code"])


class _SlowedCode:
    """Guesses at codes wait as guesses at passwords do: by the account and the network address together."""

    def clean_code(self: Any) -> str:

        try:
            attempt = throttle.begin(
                account=f"code of {self.user.pk}", address=client_address(context.request)
            )
        except throttle.TooEarly as early:
            raise ValidationError(str(early), code="too_early") from early
        code = str(super().clean_code())  # type: ignore[misc]
        attempt.succeeded()
        return code


class SignInCodeForm(_SlowedCode, AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""

    code = _code_field()


class ProofCodeForm(_SlowedCode, ReauthenticateForm):  # type: ignore[misc]
    """The second factor, asked for again."""

    code = _code_field()
