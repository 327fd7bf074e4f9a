#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main(argv: list[str]) -> None:
    """Run Django's command; a setting that is missing is a sentence, not a traceback."""
    if argv[1:2] == ["demo"]:
        run_demo(argv[2:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    try:
        execute_from_command_line(argv)
    except ImproperlyConfigured as problem:
        sys.exit(f"tandem: {problem}")


def run_demo(options: list[str]) -> None:
    """The demo decides its database, its keys and its ports before Django reads any setting."""
    from config.demo.main import main as demo  # noqa: PLC0415  (its parts are not in a production install)

    sys.exit(demo(options))


if __name__ == "__main__":
    main(sys.argv)
