"""Make the peer's tables and the endpoint whose signing secret is given: `python -m bench.dj_stripe.prepare SECRET`.

Prints the endpoint's path.
"""

from __future__ import annotations

import sys

import django
from django.core.management import call_command


def main(secret: str) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    from django.conf import settings  # noqa: PLC0415  (Django must be set up first)
    from djstripe.models import Account, APIKey, WebhookEndpoint  # noqa: PLC0415  (as above)

    owner = Account.objects.create(id="acct_bench", livemode=False)  # known, so that nobody asks Stripe
    key = settings.STRIPE_TEST_SECRET_KEY
    APIKey.objects.create(secret=key, type="secret", livemode=False, djstripe_owner_account=owner)
    endpoint = WebhookEndpoint.objects.create(
        id="we_bench",
        livemode=False,
        secret=secret,
        url="https://localhost/",
        status="enabled",
        enabled_events=["*"],
        api_version="2026-05-27.dahlia",
        djstripe_tolerance=30_000,
    )
    print(f"/stripe/webhook/{endpoint.djstripe_uuid}/")


if __name__ == "__main__":
    main(sys.argv[1])
