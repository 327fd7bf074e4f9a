"""Signing in, and one's own account. Of django-allauth only what is named here is reached."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from django.urls import path, re_path

from identity.views import factors, profile, sessions

app_name = "identity"
urlpatterns = [
    path("", profile.profile, name="profile"),
    path("address/", profile.address, name="address"),
    path("address/cancel/", profile.cancel_address, name="cancel_address"),
    path("address/confirm/<str:token>/", profile.confirm_address, name="confirm_address"),
    path("password/change/", profile.password, name="password"),
    path("two-factor/", factors.overview, name="factors"),
    path("two-factor/on/", factors.turn_on, name="factor_on"),
    path("two-factor/off/", factors.turn_off, name="factor_off"),
    path("two-factor/codes/", factors.codes, name="codes"),
    path("two-factor/codes/download/", factors.download_codes, name="download_codes"),
    path("two-factor/codes/new/", factors.new_codes, name="new_codes"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/others/end/", sessions.end_others, name="end_others"),
    path("sessions/<int:pk>/end/", sessions.end, name="end"),
]

sign_in_patterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", account.signup, name="account_signup"),  # says that it is closed; allauth names it
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("two-factor/sign-in/", mfa.authenticate, name="mfa_authenticate"),
    path("two-factor/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
]
