"""How static files are named in production."""

from __future__ import annotations

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class ModuleAwareStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names every file by its content, inside our `import` statements too: a page never mixes two releases' modules.

    Django's own switch for this reads every script of every app, and stumbles over comments in foreign ones.
    """

    patterns = (
        *HashedFilesMixin.patterns,
        ("js/*.js", HashedFilesMixin._js_module_import_aggregation_patterns[1]),  # type: ignore[attr-defined]
    )
