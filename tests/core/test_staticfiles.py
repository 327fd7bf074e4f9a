"""What production serves: every file under a name made of its content."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

STATIC_TAG = re.compile(r"{%\s*static\s+['\"]([^'\"]+)['\"]\s*%}")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What `collectstatic` makes with the settings of production."""
    root = tmp_path_factory.mktemp("static")
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "core.staticfiles.ModuleAwareStorage"},
    }
    with override_settings(STATIC_ROOT=root, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
    return root, json.loads((root / "staticfiles.json").read_text())["paths"]


@pytest.mark.slow
def test_modules_import_each_other_by_hashed_names(manifest: tuple[Path, dict[str, str]]) -> None:
    root, paths = manifest
    for name in (name for name in paths if name.startswith("js/")):
        text = (root / paths[name]).read_text()
        imported = re.findall(r"""(?:from|import)\s*["']\./([^"']+)["']""", text)
        assert {f"js/{module}" for module in imported} <= set(paths.values()), name


@pytest.mark.slow
def test_every_static_file_a_template_names_exists(manifest: tuple[Path, dict[str, str]]) -> None:
    sources = [path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html")]
    named = {name for text in sources for name in STATIC_TAG.findall(text)}
    assert named - set(manifest[1]) == set()
