"""Pages with a button that leads to Xero's consent page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpResponse

View = Callable[..., HttpResponse]


def may_leave_for_xero(view: View) -> View:
    """Browsers hold a form's redirect to the page's policy too: this page's form may lead to Xero."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response._csp_update = {"form-action": [settings.XERO_LOGIN_URL]}  # type: ignore[attr-defined]
        return response

    return wrapped
