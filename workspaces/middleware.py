"""Puts the request inside the workspace its URL names, or inside none."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import structlog
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from workspaces.models import Membership
from workspaces.queries import membership_in
from workspaces.scope import all_workspaces, scope

Handler = Callable[[HttpRequest], HttpResponse]


class MembershipMiddleware:
    """Finds out whose workspace the URL names, before anything is logged: every line of the request carries it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        slug = _workspace_slug(request)
        membership = None
        if slug and request.user.is_authenticated:
            membership = membership_in(user=request.user, slug=slug)
        request.membership = membership  # type: ignore[attr-defined]
        request.names_workspace = slug is not None  # type: ignore[attr-defined]
        if membership:
            structlog.contextvars.bind_contextvars(workspace=str(membership.workspace_id))
        return self.get_response(request)


class WorkspaceMiddleware:
    """`/w/<slug>/...` runs in that workspace's scope, for its members only; a stranger gets 404.

    "Today" is the day where the workspace is. The administrators' pages run across workspaces. Every other
    page has no scope, and a query for a workspace's rows in it raises.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.names_workspace:  # type: ignore[attr-defined]
            with _administrators_scope(request):
                return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if request.membership is None:  # type: ignore[attr-defined]
            return self._not_found(request)
        return self._inside(request, request.membership)  # type: ignore[attr-defined]

    def _inside(self, request: HttpRequest, membership: Membership) -> HttpResponse:
        request.workspace = membership.workspace  # type: ignore[attr-defined]
        with scope(membership.workspace):
            return self.get_response(request)

    def _not_found(self, request: HttpRequest) -> HttpResponse:
        request.resolver_match = None
        request.is_stranger = True  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: dict[str, object]
    ) -> None:
        """Take the slug from the view's arguments (views read `request.workspace`); turn strangers away here,
        so that they get the ordinary 404 page."""
        kwargs.pop("workspace_slug", None)
        if getattr(request, "is_stranger", False):
            raise Http404


def _workspace_slug(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).kwargs.get("workspace_slug")
    except Resolver404:
        return None


def _administrators_scope(request: HttpRequest) -> AbstractContextManager[None]:
    if request.path_info.startswith("/admin/"):
        return all_workspaces("administrators' pages")
    return nullcontext()
