"""The files for production, as far as they can be checked without an engine."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest
import yaml

from config.env import ROOT


@pytest.fixture
def services() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])


def test_compose_has_the_processes_the_readme_names(services: dict[str, Any]) -> None:
    assert set(services) == {"web", "worker", "beat", "migrate", "postgres", "redis"}


def test_compose_lets_workers_be_scaled_and_shares_one_env_file(services: dict[str, Any]) -> None:
    ours = [services[name] for name in ("web", "worker", "beat", "migrate")]
    assert [service["env_file"] for service in ours] == [".env"] * 4
    assert [name for name, service in services.items() if "container_name" in service] == []
    assert "ports" not in services["worker"]


def test_compose_starts_our_processes_after_the_migrations(services: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_compose_watches_and_restarts_everything_that_runs_on(services: dict[str, Any]) -> None:
    lasting = {name: service for name, service in services.items() if name != "migrate"}
    assert all("healthcheck" in service for service in lasting.values())
    assert {service["restart"] for service in lasting.values()} == {"unless-stopped"}


def test_application_role_of_compose_is_no_superuser() -> None:
    script = (ROOT / "docker" / "create-role.sh").read_text()
    assert "CREATE ROLE tandem LOGIN NOSUPERUSER NOBYPASSRLS" in script
    assert "CREATE ROLE tandem_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE" in script


def test_only_migrate_of_compose_signs_in_as_the_owner(services: dict[str, Any]) -> None:
    urls = {name: service.get("environment", {}) for name, service in services.items()}
    ours = ("web", "worker", "beat", "migrate")
    assert [urls[name]["DATABASE_URL"].split(":")[1] for name in ours] == ["//tandem_app"] * 4
    assert [name for name in urls if "MIGRATION_DATABASE_URL" in urls[name]] == ["migrate"]
    assert urls["migrate"]["MIGRATION_DATABASE_URL"].startswith("postgres://tandem:")


@pytest.mark.skipif(
    not shutil.which("docker")
    or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode != 0,
    reason="docker compose is not on this machine",
)
def test_compose_file_is_accepted_by_compose() -> None:
    variables = {"TANDEM_DB_PASSWORD": "x", "TANDEM_DB_OWNER_PASSWORD": "z", "POSTGRES_PASSWORD": "y"}
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
