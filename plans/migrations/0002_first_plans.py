"""Two plans to begin with, to be worded and priced in Django admin. Every workspace there is keeps what it has."""

from django.db import migrations
from django.utils import timezone

from workspaces.scope import all_workspaces

PLANS = [
    {
        "slug": "starter",
        "name": "Starter",
        "summary": "Customers, services, invoices and payments.",
        "features": [],
        "order": 10,
    },
    {
        "slug": "business",
        "name": "Business",
        "summary": "All of Starter, and your books kept in step.",
        "features": ["integrations"],
        "order": 20,
    },
]


def make_plans(apps, schema_editor):
    Plan, Subscription = apps.get_model("plans", "Plan"), apps.get_model("plans", "Subscription")
    Plan.objects.bulk_create([Plan(**plan) for plan in PLANS])
    business, now = Plan.objects.get(slug="business"), timezone.now()
    workspaces = apps.get_model("workspaces", "Workspace").objects.values_list("pk", flat=True)
    with all_workspaces("every workspace begins on a plan"):
        Subscription.objects.bulk_create(
            [Subscription(workspace_id=pk, plan=business, since=now) for pk in workspaces], batch_size=1000
        )


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_plans")]

    operations = [migrations.RunPython(make_plans, migrations.RunPython.noop)]
