"""Make a workspace and its first super user, without a question asked: for scripts as for people."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email, validate_slug
from django.db import transaction
from django.urls import reverse
from django.utils.text import slugify

from core.currencies import current_currencies
from workspaces.models import User, Workspace
from workspaces.services import create_workspace
from workspaces.zones import validate_time_zone


class Command(BaseCommand):
    help = (
        "Make a workspace and its first super user. Their password comes from a variable of the environment"
        " or from standard input, never from the command line, which others on the machine can read."
        " A person who has an account already keeps it and its password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help='the workspace, such as "Acme Studio"')
        parser.add_argument("--currency", required=True, help="what it invoices in, such as NZD")
        parser.add_argument(
            "--time-zone",
            default="",
            help="where its people are, such as Pacific/Auckland (default: UTC until Xero or a super user says)",
        )
        parser.add_argument("--email", required=True, help="the super user's e-mail address, to sign in with")
        parser.add_argument("--user-name", default="", help="the super user's name, as people read it")
        parser.add_argument("--slug", default="", help="its part of the URL (default: made from the name)")
        password = parser.add_mutually_exclusive_group()
        password.add_argument(
            "--password-env", metavar="VARIABLE", help="the variable that holds the password"
        )
        password.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )

    @transaction.atomic
    def handle(self, **options: Any) -> None:
        slug = _slug(options["slug"], options["name"])
        currency = _currency(options["currency"])
        owner = _owner(options["email"].strip().lower(), options["user_name"], _password(options))
        if options["time_zone"]:
            _check(validate_time_zone, options["time_zone"], "--time-zone")
        create_workspace(
            name=options["name"].strip(),
            currency=currency,
            by=owner,
            slug=slug,
            time_zone=options["time_zone"],
        )
        self.stdout.write(settings.SITE_URL + reverse("workspaces:dashboard", args=[slug]))


def _slug(given: str, name: str) -> str:
    slug = given or slugify(name)[:60]
    if not name.strip():
        raise CommandError("--name is empty.")
    if not slug:
        raise CommandError(f"No URL can be made from the name {name!r}; give one with --slug.")
    _check(validate_slug, slug, "--slug")
    if Workspace.objects.filter(slug=slug).exists():
        raise CommandError(f"There is a workspace at /w/{slug}/ already; choose another address with --slug.")
    return slug


def _currency(given: str) -> str:
    code = given.upper()
    if code not in current_currencies():
        raise CommandError(
            f"--currency: nobody pays with {given} today. Give a currency's code, such as NZD."
        )
    return code


def _password(options: dict[str, Any]) -> str:
    """The password that was given, or nothing."""
    if options["password_stdin"]:
        return sys.stdin.readline().rstrip("\r\n")
    if variable := options["password_env"]:
        if not os.environ.get(variable):
            raise CommandError(f"--password-env: {variable} is not set.")
        return os.environ[variable]
    return ""


def _owner(email: str, name: str, password: str) -> User:
    """The person with this address; a new one when there is none."""
    known = User.objects.filter(email=email).first()
    if known and password:
        raise CommandError(f"{email} has an account and keeps its password; leave the password out.")
    if known:
        return known
    if not password:
        raise CommandError(f"{email} is new here: give a password with --password-env or --password-stdin.")
    _check(validate_email, email, "--email")
    _check(lambda value: validate_password(value, User(email=email, name=name)), password, "The password")
    return User.objects.create_user(email, password, name=name)


def _check(validate: Any, value: str, what: str) -> None:
    try:
        validate(value)
    except ValidationError as error:
        raise CommandError(f"{what}: {' '.join(error.messages)}") from error
