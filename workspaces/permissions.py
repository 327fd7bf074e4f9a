"""Who may open what."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def super_user_required(view: View) -> View:
    """The view is for the workspace's super users; other members get 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        membership = getattr(request, "membership", None)
        if membership is None or not membership.is_super_user:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
