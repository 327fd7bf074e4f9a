"""Proof that it is still this person, asked for again before what could give their account or their books away.

The proof is the second factor of whoever has one, else the password. Signing in is a proof; so is answering when asked.
A stolen session alone opens pages, and none of these doors.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from core.htmx import is_partial
from core.htmx import redirect as htmx_redirect
from workspaces.models import User

View = Callable[..., HttpResponse]
PROOF_LASTS = dt.timedelta(minutes=10)


def has_second_factor(user: User) -> bool:
    """Whether signing in asks this person for a code as well."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def has_proof(request: HttpRequest, *, within: dt.timedelta = PROOF_LASTS) -> bool:
    """Whether the person proved in this session, so short a time ago, that it is they."""
    method = "mfa" if has_second_factor(request.user) else "password"
    return is_proven_by(request, method=method, within=within)


def is_proven_by(request: HttpRequest, *, method: str, within: dt.timedelta = PROOF_LASTS) -> bool:
    """Like `has_proof`, by the password ("password") or the second factor ("mfa") in particular."""
    records = get_authentication_records(request, request.user)
    times = [record["at"] for record in records if record["method"] == method]
    return bool(times) and time.time() - max(times) < within.total_seconds()


def ask_for_proof(request: HttpRequest, *, back: str) -> HttpResponse:
    """To the page that asks again, which leads on to the path `back`."""
    page = "mfa_reauthenticate" if has_second_factor(request.user) else "account_reauthenticate"
    url = f"{reverse(page)}?{urlencode({REDIRECT_FIELD_NAME: back})}"
    return htmx_redirect(url) if is_partial(request) else HttpResponseRedirect(url)


def proof_required(view: View | None = None, *, back: str = "", asks_password: bool = False) -> Any:
    """The view is for people who proved just now that it is they; others are asked, and come back.

    A form that was sent meanwhile is not sent again behind anybody's back: the person returns to the page `back` (a
    URL name of the workspace; else to this very page) and presses once more. Where the view's own form asks for the
    password (`asks_password`), that is proof enough of those who have no second factor.
    """
    if view is None:
        return lambda view: proof_required(view, back=back, asks_password=asks_password)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if has_proof(request) or (asks_password and not has_second_factor(request.user)):
            return view(request, *args, **kwargs)
        path = reverse(back, args=[request.workspace.slug]) if back else request.get_full_path()
        return ask_for_proof(request, back=path)

    return guarded
