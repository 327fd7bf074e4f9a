"""Workspaces and people, without surprises."""

from __future__ import annotations

from itertools import count

from workspaces.models import User, Workspace
from workspaces.services import create_workspace

_serial = count(1)


def make_user(email: str = "", *, name: str = "", password: str = "a long password") -> User:
    email = email or f"person{next(_serial)}@example.com"
    return User.objects.create_user(email, password, name=name or email.split("@")[0].title())


def make_workspace(*, name: str = "Acme Studio", email: str = "", currency: str = "NZD") -> Workspace:
    """A workspace with one super user."""
    return create_workspace(
        name=name,
        currency=currency,
        by=make_user(email),
        slug=f"{name.lower().replace(' ', '-')}-{next(_serial)}",
    )
