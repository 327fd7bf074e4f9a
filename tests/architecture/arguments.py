"""What stands in the URLs of a world: the value of each argument."""

from __future__ import annotations

from collections.abc import Callable

from accounting.models import StatementDifference
from credit.models import CreditNote
from customers.models import Customer
from identity.models import SignIn
from invoices.models import Invoice
from payments.models import Payment
from tests.architecture.world import World
from workspaces.models import Membership, User

Objects = dict[str, Callable[[World], str]]

OBJECTS: Objects = {
    "workspace_slug": lambda world: world.workspace.slug,
    "workspaces:token": lambda world: "no-such-token",
    "accounting:kind": lambda world: "invoice",
    "accounting:local_id": lambda world: world.pk(Invoice),
    "accounting:difference_id": lambda world: world.pk(StatementDifference),
    "workspaces:pk": lambda world: world.pk(Membership),
    "customers:pk": lambda world: world.pk(Customer),
    "suppliers:pk": lambda world: world.pk(Customer),
    "invoices:pk": lambda world: world.pk(Invoice),
    "credit:pk": lambda world: world.pk(CreditNote),
    "payments:pk": lambda world: world.pk(Payment),
    "identity:pk": lambda world: world.pk(SignIn),
    "identity:token": lambda world: "no-such-token",
    "admin:id": lambda world: world.pk(User),
    "admin:app_label": lambda world: "customers",
    "admin:content_type_id": lambda world: "1",
    "admin:url": lambda world: "nowhere",
    # django-allauth's own pages
    "key": lambda world: "3-abcdef",
    "uidb36": lambda world: "1",
}
"""URL argument ("namespace:name" before "name") -> its value. An argument that names a model of ours, like
`tax_rate_id` or `invoice_pk`, needs no entry. What is missing here fails the walk."""


def argument(world: World, namespace: str, route: str, name: str) -> str:
    """The value of a URL's argument. Raises LookupError for one nobody registered."""
    if namespace == "admin" and name == "object_id":
        return _row_of_admin_page(world, route)
    for key in (f"{namespace}:{name}", name):
        if key in OBJECTS:
            return OBJECTS[key](world)
    stem = name.removesuffix("_id").removesuffix("_pk").replace("_", "")
    named = [row for row in world.rows.values() if row._meta.model_name == stem != name]
    if len(named) != 1:
        raise LookupError(f"OBJECTS has no value for <{name}> of {route}: tests/architecture/arguments.py")
    return str(named[0].pk)


def _row_of_admin_page(world: World, route: str) -> str:
    """/admin/customers/customer/<object_id>/change/ -> the world's customer; others have no row of a workspace."""
    for row in world.rows.values():
        if f"/{row._meta.app_label}/{row._meta.model_name}/" in f"/{route}":
            return str(row.pk)
    return "1"
