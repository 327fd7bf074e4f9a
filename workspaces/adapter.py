"""How sign-in behaves here (django-allauth asks)."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from core.address import client_address


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves: a workspace and its first super user are made by a command."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """What attempts are counted by."""
        return client_address(request)
