# Habits of developers: `just` lists them. Everything runs in .venv; `just install` makes it whole.

python := ".venv/bin/python"

_list:
    @just --list --unsorted

# The environment with every group of packages
install:
    uv sync --frozen --all-groups

# What CI checks, except the browser and Redis
check: format-check lint types contracts migrations test

# Rewrite the code in the house's shape
format:
    .venv/bin/ruff format
    .venv/bin/ruff check --fix

format-check:
    .venv/bin/ruff format --check

lint:
    .venv/bin/ruff check

types:
    .venv/bin/mypy

# Who may import whom
contracts:
    .venv/bin/lint-imports

# A model changed and its migration is there
migrations:
    {{python}} manage.py makemigrations --check --dry-run

# All tests, or those named: just test tests/invoices -x
test *options:
    {{python}} run.py test {{options}}

# The browser's tests; fails where no browser is found
e2e *options:
    REQUIRE_BROWSER=1 {{python}} -m pytest tests/e2e {{options}}

# Break things on purpose; --long for ten times more (needs redis-server)
faults *options:
    {{python}} run.py faults {{options}}

# Measure the speed goals: just bench codec draining
bench *options:
    {{python}} run.py bench {{options}}

# A picture of every page, in light and dark, wide and narrow: just pictures /tmp/pictures
pictures folder:
    {{python}} -m tests.e2e.screenshots {{folder}}

# Tandem with everything it needs: just demo --reset
demo *options:
    {{python}} run.py demo {{options}}

# Only the Xero sandbox, on port 9100
sandbox *options:
    {{python}} run.py sandbox {{options}}

# A worker and beat for `manage.py runserver` (needs REDIS_URL)
work:
    .venv/bin/celery -A config worker --beat --schedule .postgres/beat-schedule --concurrency 2
