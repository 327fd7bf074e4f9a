"""The private Postgres: shared by the processes of a checkout, gone with the last one, and never a superuser's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import environ
import psycopg2
import pytest

from config import embedded_postgres
from config.embedded_postgres import ROOT, EmbeddedPostgres, ensure_database_urls
from config.postgres_binaries import EmbeddedPostgresError, copy_binaries, find_binaries
from config.postgres_files import is_postgres

pytestmark = [pytest.mark.slow, pytest.mark.long]

Start = Callable[[Path], tuple[subprocess.Popen[str], str]]
HOLD = (
    "import sys, time; from pathlib import Path; from config.embedded_postgres import EmbeddedPostgres;"
    "print(EmbeddedPostgres(Path(sys.argv[1])).open(), flush=True); time.sleep(60)"
)


@pytest.fixture
def home(open_folder: Path) -> Iterator[Path]:
    yield open_folder / "my data"
    EmbeddedPostgres(open_folder / "my data").destroy()


@pytest.fixture
def start_holder() -> Iterator[Start]:
    """Starts another process that uses the server of a home; gives the process and the URL it was given."""
    holders = []

    def start(home: Path) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-c", HOLD, str(home)]
        holder = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        holders.append(holder)
        assert holder.stdout is not None
        return holder, holder.stdout.readline().strip()

    yield start
    for holder in holders:
        kill(holder)
        holder.stdout.close()


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait(10)


def connect(url: str) -> Any:
    settings = environ.Env.db_url_config(url)
    return psycopg2.connect(
        dbname=settings["NAME"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        host=settings["HOST"],
        port=settings["PORT"],
    )


def ask(url: str, question: str) -> Any:
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()


RIGHTS = (
    "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, pg_get_userbyid(datdba)"
    " FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()"
)


def test_url_is_of_an_ordinary_role_and_the_owners_of_another(home: Path) -> None:
    server = EmbeddedPostgres(home)
    worker, owner = ask(server.open(), RIGHTS), ask(server.owner_url(), RIGHTS)
    server.close()
    assert worker == ("tandem_app", False, False, False, False, "tandem")
    assert owner == ("tandem", False, False, False, True, "tandem")


def test_home_of_one_role_gets_the_second(home: Path) -> None:
    """Homes made before there were two have the owner's password only."""
    first = EmbeddedPostgres(home)
    first.open()
    with closing(first._connect()) as connection, connection.cursor() as cursor:
        cursor.execute("DROP ROLE tandem_app")
        connection.commit()
    first.close()
    words = json.loads((home / "passwords.json").read_text())
    (home / "passwords.json").write_text(json.dumps({key: words[key] for key in ("superuser", "role")}))
    second = EmbeddedPostgres(home)
    worker = ask(second.open(), RIGHTS)
    second.close()
    assert worker[0] == "tandem_app"
    assert json.loads((home / "passwords.json").read_text())["role"] == words["role"]


def test_wrong_password_is_refused(home: Path) -> None:
    server = EmbeddedPostgres(home)
    url = server.open()
    password = url.split(":")[2].split("@")[0]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        connect(url.replace(password, "guess"))
    server.close()


def test_data_survives_a_stop(home: Path) -> None:
    first = EmbeddedPostgres(home)
    first.open()
    with closing(connect(first.owner_url())) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        connection.commit()
    first.close()
    second = EmbeddedPostgres(home)
    second.open()
    kept = ask(second.owner_url(), "SELECT n FROM kept")
    second.close()
    assert kept == (7,)


def test_close_leaves_no_server_and_no_socket(home: Path) -> None:
    server = EmbeddedPostgres(home)
    url = server.open()
    directory = Path(environ.Env.db_url_config(url)["HOST"])
    assert directory.exists()
    server.close()
    assert not directory.exists()
    assert not (server.data / "postmaster.pid").exists()


def test_second_process_shares_the_server_and_the_last_one_stops_it(home: Path, start_holder: Start) -> None:
    holder, url = start_holder(home)
    mine = EmbeddedPostgres(home)
    assert mine.open() == url
    with pytest.raises(EmbeddedPostgresError, match="in use by another process"):
        mine.destroy()
    mine.close()
    assert ask(url, "SELECT 1") == (1,)
    kill(holder)
    mine = EmbeddedPostgres(home)
    assert mine.open() == url  # the server the killed process left behind
    mine.close()
    with pytest.raises(psycopg2.OperationalError):
        connect(url)


def test_killed_server_is_started_again_with_its_rows(home: Path, start_holder: Start) -> None:
    holder, _ = start_holder(home)
    owner_url = EmbeddedPostgres(home).owner_url()
    with closing(connect(owner_url)) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        connection.commit()
    kill(holder)
    server = EmbeddedPostgres(home)
    postmaster = server._pid()
    assert postmaster is not None
    os.kill(postmaster, signal.SIGKILL)
    while is_postgres(postmaster):
        time.sleep(0.01)
    server.open()
    kept = ask(server.owner_url(), "SELECT n FROM kept")
    server.close()
    assert kept == (7,)


def test_stale_process_number_of_another_program_is_forgotten(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.open()
    server.close()
    pid_file = server.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{server.data}\n1\n5432\n/nowhere\n\n\n")
    assert ask(server.open(), "SELECT 1") == (1,)
    server.close()


def test_copied_binaries_run_where_the_originals_cannot_be_reached(home: Path) -> None:
    home.mkdir()
    copy = copy_binaries(find_binaries(), home)
    for program in ("postgres", "initdb", "pg_ctl"):
        shown = subprocess.run([copy / program, "--version"], capture_output=True, text=True, check=True)
        assert "PostgreSQL" in shown.stdout
    assert copy_binaries(find_binaries(), home) == copy


def test_missing_binaries_are_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PG_BIN", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter(()))
    with pytest.raises(EmbeddedPostgresError, match="Set DATABASE_URL"):
        find_binaries()


def test_url_that_is_set_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_DATABASE_URL", "postgres://somewhere/else")
    assert ensure_database_urls("SOME_DATABASE_URL", "SOME_OWNERS_URL") == "postgres://somewhere/else"
    assert "SOME_OWNERS_URL" not in os.environ


def test_test_run_gets_a_server_that_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, open_folder: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(open_folder))
    monkeypatch.delenv("SOME_DATABASE_URL", raising=False)
    opened: list[EmbeddedPostgres] = []
    monkeypatch.setattr(embedded_postgres.atexit, "register", lambda close: opened.append(close.__self__))
    monkeypatch.setenv("SOME_OWNERS_URL", "")
    url = ensure_database_urls("SOME_DATABASE_URL", "SOME_OWNERS_URL")
    assert os.environ["SOME_DATABASE_URL"] == url
    assert ask(os.environ["SOME_OWNERS_URL"], "SELECT current_user") == ("tandem",)
    assert ask(url, "SHOW fsync") == ("off",)
    opened[0].close()
    assert list(open_folder.iterdir()) == []
    monkeypatch.delenv("SOME_DATABASE_URL")


def test_killed_test_run_is_cleared_away_by_the_next(open_folder: Path, start_holder: Start) -> None:
    holder, url = start_holder(open_folder / f"{embedded_postgres.TEST_PREFIX}1")
    embedded_postgres._remove_abandoned(open_folder)
    assert ask(url, "SELECT 1") == (1,)  # its process lives
    kill(holder)
    embedded_postgres._remove_abandoned(open_folder)
    assert list(open_folder.iterdir()) == []
