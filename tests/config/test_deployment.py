"""The files for production, as far as they can be checked without an engine."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from typing import Any

import pytest
import yaml

import run
from config.env import ROOT
from tests.config.test_env import variables_read

VARIABLE = re.compile(r"\$\{(\w+)")


@pytest.fixture
def services() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])


def test_compose_has_the_processes_the_readme_names(services: dict[str, Any]) -> None:
    assert set(services) == {"web", "worker", "beat", "migrate", "postgres", "redis"}


def test_compose_lets_workers_be_scaled(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "container_name" in service] == []
    assert "ports" not in services["worker"]


def test_compose_starts_our_processes_after_the_migrations(services: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_compose_watches_and_restarts_everything_that_runs_on(services: dict[str, Any]) -> None:
    lasting = {name: service for name, service in services.items() if name != "migrate"}
    assert all("healthcheck" in service for service in lasting.values())
    assert {service["restart"] for service in lasting.values()} == {"unless-stopped"}


def test_roles_of_compose_are_no_superusers() -> None:
    script = (ROOT / "docker" / "create-role.sh").read_text()
    assert script.count("CREATE ROLE") == 2
    for role in ("tandem", "tandem_app"):
        assert f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS" in script


def test_only_migrate_of_compose_signs_in_as_the_owner(services: dict[str, Any]) -> None:
    urls = {name: service.get("environment", {}) for name, service in services.items()}
    assert [name for name in urls if "MIGRATION_DATABASE_URL" in urls[name]] == ["migrate"]
    assert urls["migrate"]["MIGRATION_DATABASE_URL"].startswith("postgres://tandem:")
    for name in ("web", "worker"):
        assert urls[name]["DATABASE_URL"].startswith("postgres://tandem_app:")


SECRETS = {
    "web": {"SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "TANDEM_DB_PASSWORD"}
    | {"XERO_CLIENT_SECRET", "XERO_WEBHOOK_KEYS", "EMAIL_URL"},
    "worker": {"FIELD_ENCRYPTION_KEYS", "TANDEM_DB_PASSWORD", "XERO_CLIENT_SECRET"},
    "beat": set(),
    "migrate": {"FIELD_ENCRYPTION_KEYS", "TANDEM_DB_OWNER_PASSWORD"},
    "postgres": {"POSTGRES_PASSWORD", "TANDEM_DB_OWNER_PASSWORD", "TANDEM_DB_PASSWORD"},
    "redis": set(),
}
"""What each container is told of what must not be known: a process that is taken over gives away no more."""


def _told(service: dict[str, Any]) -> set[str]:
    """The variables of .env that reach the container, by their own name or inside a value."""
    environment = service.get("environment", {})
    inside = {name for value in environment.values() for name in VARIABLE.findall(str(value or ""))}
    return inside | {name for name, value in environment.items() if value is None}


def test_each_process_of_compose_is_told_its_own_secrets_only(services: dict[str, Any]) -> None:
    every = set().union(*SECRETS.values())
    assert {name: _told(service) & every for name, service in services.items()} == SECRETS
    assert [name for name, service in services.items() if "env_file" in service] == []


def test_web_process_of_compose_is_told_every_setting(services: dict[str, Any]) -> None:
    """Those that compose sets itself, and where a log file would be lost with the container, left out."""
    left_out = {"MIGRATION_DATABASE_URL", "LOG_FILE"}
    assert variables_read() - left_out - set(services["web"]["environment"]) == set()


def test_compose_publishes_on_loopback_only(services: dict[str, Any]) -> None:
    """Whoever reaches the web process directly may write the headers that a proxy is trusted to write."""
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_images_and_uv_are_pinned(services: dict[str, Any]) -> None:
    """To an exact version, so that the same commit makes the same image."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    images = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    images += [service["image"] for service in services.values() if service["image"] != "tandem"]
    assert [image for image in images if not re.search(r":\d+\.\d+(\.\d+)?(-slim)?$", image)] == []
    assert run.UV in dockerfile
    assert re.fullmatch(r"uv==\d+\.\d+\.\d+", run.UV)


@pytest.mark.skipif(
    not shutil.which("docker")
    or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode != 0,
    reason="docker compose is not on this machine",
)
def test_compose_file_is_accepted_by_compose() -> None:
    variables = {"TANDEM_DB_PASSWORD": "x", "TANDEM_DB_OWNER_PASSWORD": "y", "POSTGRES_PASSWORD": "z"}
    variables |= {"SECRET_KEY": "x", "FIELD_ENCRYPTION_KEYS": "x"}
    subprocess.run(
        ["docker", "compose", "--env-file", ".env.example", "config", "--quiet"],
        cwd=ROOT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", **variables},
        check=True,
    )


def test_image_runs_as_an_ordinary_user_without_development_packages() -> None:
    lines = (ROOT / "Dockerfile").read_text()
    assert "\nUSER tandem\n" in lines
    assert "uv sync --frozen --no-default-groups" in lines


@pytest.mark.parametrize(
    "name", ["README.md", "Dockerfile", "docker-compose.yml", "docs/runbook.md", "run.py"]
)
def test_nothing_starts_the_web_process_without_its_reader(name: str) -> None:
    """gunicorn's own threads read for themselves, and a few half-sent requests hold them all."""
    text = (ROOT / name).read_text()
    starts = [line for line in text.splitlines() if "gunicorn" in line and "config.wsgi" in line]
    assert [line for line in starts if "python:core.serving" not in line] == []
    assert "gthread" not in text
    assert starts or name not in ("README.md", "Dockerfile")


def test_every_locked_package_is_bound_to_a_hash() -> None:
    """What an index serves under a locked version is what was locked, or it is not installed."""
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    fetched = [package for package in packages if "registry" in package["source"]]
    files = [
        file for package in fetched for file in [package.get("sdist"), *package.get("wheels", [])] if file
    ]
    assert len(fetched) > 50
    assert [file for file in files if not file["hash"].startswith("sha256:")] == []
