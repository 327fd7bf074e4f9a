"""What the demo says while it starts and when it runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.demo.options import Options
from config.demo.people import ADMINISTRATOR, ADMINISTRATORS_SECRET, PASSWORD, WORKSPACES

BANNER = """
Tandem is running.

  Tandem         {site}
  Xero sandbox   {sandbox}  (where you are the bookkeeper)
  Django admin   {site}/admin/  (asks for a code: the desk shows it)
  Desk           {site}/demo/  (all mail, and the administrator's code)

  Sign in with the password  {password}
{people}
  The administrator's authenticator secret, should you have an app at hand: {secret}

  What to try
    1. As Olivia, open Settings > Accounting, connect to Xero, and allow one of its two organisations.
    2. Choose the default revenue account, tax rate and payment account.
    3. Raise an invoice and approve it: its badge goes from pending to synced.
    4. In the sandbox, record a payment on it: in Tandem it becomes Paid.
    5. Change an invoice on both sides, and settle it: keep ours, or take Xero's.
    6. In the sandbox, cause faults (refused calls, lost replies): nothing is lost, nothing is doubled.

  Ctrl-C stops everything. The data stays in {data}; --reset starts clean.
"""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Name what is being done, and how long it took."""
    began = time.monotonic()
    print(f"  {title:<22}", end="", flush=True)
    try:
        yield
    except BaseException:
        print("", flush=True)
        raise
    print(f"{time.monotonic() - began:5.1f} s", flush=True)


def banner(options: Options) -> str:
    """Addresses, people, what to try, how to stop."""
    return BANNER.format(
        site=options.site_url,
        sandbox=options.sandbox_url,
        password=PASSWORD,
        secret=ADMINISTRATORS_SECRET,
        people="\n".join(f"    {email:<26}{what}" for email, what in people()),
        data=_short(options.data),
    )


def people() -> list[tuple[str, str]]:
    """Each sign-in and whose it is."""
    listed = []
    for plan in WORKSPACES:
        listed += [
            (plan.super_user.email, f"{plan.name} ({plan.currency}), super user: connects Xero"),
            (plan.staff.email, f"{plan.name}, staff"),
        ]
    return [*listed, (ADMINISTRATOR, "administrator, for Django admin")]


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
