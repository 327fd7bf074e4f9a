"""A real Celery worker that suffers what its environment says: `python -m tests.faults.worker -c 2`."""

from __future__ import annotations

import sys

import django


def main() -> None:
    django.setup()
    from config.celery import app  # noqa: PLC0415  (Django must be set up first)
    from tests.faults.trouble import suffer  # noqa: PLC0415  (as above)

    app.loader.import_default_modules()
    suffer()
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR"]
    app.worker_main(["worker", *quiet, *sys.argv[1:]])


if __name__ == "__main__":
    main()
