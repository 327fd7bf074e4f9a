"""The readers of the environment say what is wrong, and the list of variables in .env.example is the one they read."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from tests.sampling import mostly_long

READERS = [
    f"env.{name}"
    for name in ("text", "required", "flag", "number", "words", "email", "database", "other_database")
]
PRODUCTION = {
    "PATH": os.environ["PATH"],
    "DJANGO_SETTINGS_MODULE": "config.settings.prod",
    "SECRET_KEY": "a long random text",
    "DATABASE_URL": "postgres://tandem:secret@db.example/tandem",
    "REDIS_URL": "redis://redis.example:6379/0",
    "SITE_URL": "https://tandem.example.com",
    "FIELD_ENCRYPTION_KEYS": "ZGV2ZWxvcG1lbnQtb25seS0wMDAwMDAwMDAwMDAwMDA=",
}


def production_setting(name: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a production process sees as this setting, with these variables beside the required ones."""
    code = f"from config.settings import prod; print(prod.{name})"
    variables = {name: value for name, value in {**PRODUCTION, **variables}.items() if value}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=env.ROOT, env=variables, capture_output=True, text=True
    )


def test_required_variable_absent_or_empty_is_a_sentence_with_the_hint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SOME", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"^SOME is not set\. Like this\.$"):
        env.required("SOME", "Like this.")
    monkeypatch.setenv("SOME", "")
    with pytest.raises(ImproperlyConfigured, match="SOME is not set"):
        env.required("SOME", "Like this.")


@pytest.mark.parametrize(
    ("word", "meaning"), [("1", True), ("Yes", True), ("on", True), ("false", False), ("OFF", False)]
)
def test_flag_reads_yes_and_no(monkeypatch: pytest.MonkeyPatch, word: str, meaning: bool) -> None:
    monkeypatch.setenv("SOME", word)
    assert env.flag("SOME", not meaning) is meaning


def test_flag_that_is_neither_yes_nor_no_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME", "maybe")
    with pytest.raises(ImproperlyConfigured, match="SOME must be yes or no"):
        env.flag("SOME", True)


def test_number_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME", "many")
    with pytest.raises(ImproperlyConfigured, match="SOME must be a whole number"):
        env.number("SOME", 1)


def test_words_are_separated_by_commas_or_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME", "a, b c")
    assert env.words("SOME", []) == ["a", "b", "c"]
    monkeypatch.delenv("SOME")
    assert env.words("SOME", ["x"]) == ["x"]


def test_database_other_than_postgres_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME", "sqlite:///here.db")
    with pytest.raises(ImproperlyConfigured, match="must be the URL of a Postgres"):
        env.database("SOME")


def test_mail_url_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME", "carrier-pigeon://roof")
    with pytest.raises(ImproperlyConfigured, match="SOME must be a URL"):
        env.email("SOME", "consolemail://")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    mostly_long(
        ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "SITE_URL", "FIELD_ENCRYPTION_KEYS"],
        quick=["DATABASE_URL"],
    ),
)
def test_production_does_not_start_without(name: str) -> None:
    done = production_setting("DEBUG", **{name: ""})
    assert done.returncode == 1
    assert f"ImproperlyConfigured: {name} is not set." in done.stderr


@pytest.mark.slow
def test_production_starts_with_the_required_variables_and_secure_defaults() -> None:
    done = production_setting(
        "DEBUG, prod.SESSION_COOKIE_SECURE, prod.SECURE_SSL_REDIRECT, prod.ALLOWED_HOSTS"
    )
    assert done.stderr == ""
    assert done.stdout == "False True True ['localhost', 'localhost']\n"


@pytest.mark.slow
def test_every_xero_address_is_a_setting() -> None:
    there = "http://localhost:9999"
    done = production_setting(
        "XERO_LOGIN_URL, prod.XERO_IDENTITY_URL, prod.XERO_API_URL",
        XERO_LOGIN_URL=there,
        XERO_IDENTITY_URL=there,
        XERO_API_URL=there + "/",
    )
    assert done.stdout.split() == [there] * 3


@pytest.mark.slow
def test_missing_setting_is_a_sentence_at_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=env.ROOT,
        env={**PRODUCTION, "REDIS_URL": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("tandem: REDIS_URL is not set.")


def variables_read() -> set[str]:
    """The names the settings read through `config.env`; DEMO_ ones are set by the demo itself."""
    names = set()
    for path in (env.ROOT / "config" / "settings").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in READERS:
                names |= {ast.literal_eval(arg) for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    required = re.findall(
        r'^    "([A-Z_]+)": "', (env.ROOT / "config/settings/prod.py").read_text(), re.MULTILINE
    )
    return {name for name in {*names, *required} if not name.startswith("DEMO_")}


def variables_explained() -> dict[str, str]:
    """Each variable of .env.example and the comment above it."""
    explained, comment = {}, ""
    for line in (env.ROOT / ".env.example").read_text().splitlines():
        if found := re.match(r"#?([A-Z][A-Z_]+)=", line):
            explained[found.group(1)] = comment
        elif line.startswith("# "):
            comment += line
        else:
            comment = ""
    return explained


def variables_of_compose() -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+)", (env.ROOT / "docker-compose.yml").read_text()))


def test_example_explains_every_variable_that_is_read_and_no_other() -> None:
    explained = variables_explained()
    assert set(explained) == variables_read() | variables_of_compose()
    assert [name for name, comment in explained.items() if len(comment) < 20] == []
