"""A database of its own for each run: made fresh, dropped at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

import environ
import psycopg2
from psycopg2 import sql

from config import embedded_postgres

URL = "DATABASE_URL"
OWNER_URL = "MIGRATION_DATABASE_URL"


@contextmanager
def fresh_database() -> Iterator[str]:
    """Create `bench_<pid>` beside the database that DATABASE_URL names, point both URLs to it, drop it after.

    Without DATABASE_URL the project's own Postgres is started. Where one role does everything, it owns it too.
    """
    if not os.environ.get(URL):
        embedded_postgres.ensure_database_urls(URL, OWNER_URL)
    before = {key: os.environ[key] for key in (URL, OWNER_URL) if os.environ.get(key)}
    home, name = before.get(OWNER_URL, before[URL]), f"bench_{os.getpid()}"
    create_database(home, name)
    os.environ.update({key: beside(url, name) for key, url in before.items()})
    try:
        yield os.environ[URL]
    finally:
        os.environ.update(before)
        _execute(home, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def beside(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return f"{url.rpartition('/')[0]}/{name}"


@contextmanager
def database_beside(name: str) -> Iterator[str]:
    """An empty database beside the one of this run, for somebody else; its URL. Dropped at the end."""
    home = os.environ.get(OWNER_URL) or os.environ[URL]
    full = f"bench_{os.getpid()}_{name}"
    create_database(home, full)
    try:
        yield beside(home, full)
    finally:
        _execute(home, "DROP DATABASE IF EXISTS {} WITH (FORCE)", full)


def create_database(home: str, name: str) -> None:
    """An empty database on the server of `home`."""
    _execute(home, "CREATE DATABASE {}", name)


@contextmanager
def copied_database(home: str, template: str, name: str) -> Iterator[str]:
    """A copy of a database that nobody is connected to, on the server of `home`; its URL for the same role. Dropped
    at the end."""
    _execute(home, "CREATE DATABASE {} TEMPLATE {}", name, template)
    try:
        yield beside(home, name)
    finally:
        _execute(home, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def arguments(url: str) -> dict[str, object]:
    """What psycopg2 wants to know, read the way Django's settings are: the URL may name a socket's directory."""
    named = environ.Env.db_url_config(url)
    wanted = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {ours: named[theirs] for ours, theirs in wanted.items() if named.get(theirs)}


def _execute(url: str, statement: str, *names: str) -> None:
    with closing(psycopg2.connect(**arguments(url))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
