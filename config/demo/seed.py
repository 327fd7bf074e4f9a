"""The demo's first data, made the way people make it: through the services. A workspace that exists is left alone."""

from __future__ import annotations

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password
from django.db import transaction

from catalogue.models import TaxRate
from catalogue.services import create_service, create_tax_rate
from config.demo.people import ADMINISTRATOR, ADMINISTRATORS_SECRET, PASSWORD, WORKSPACES, Person, Plan
from customers.services import create_customer
from workspaces.enums import Role
from workspaces.models import User, Workspace
from workspaces.proof import has_second_factor
from workspaces.scope import scope
from workspaces.services import add_member, create_workspace


def seed() -> None:
    """Two workspaces with their people, and an administrator. May be run again."""
    missing = [plan for plan in WORKSPACES if not User.objects.filter(email=plan.super_user.email).exists()]
    if not User.objects.filter(email=ADMINISTRATOR).exists():
        User.objects.create_superuser(ADMINISTRATOR, PASSWORD, name="Administrator")
    administrator = User.objects.get(email=ADMINISTRATOR)
    if not has_second_factor(administrator):
        TOTP.activate(administrator, ADMINISTRATORS_SECRET)
        RecoveryCodes.activate(administrator)
    if missing:
        password = make_password(PASSWORD)  # slow on purpose, so once for all
        for plan in missing:
            _plant(plan, password)


@transaction.atomic
def _plant(plan: Plan, password: str) -> None:
    owner = _person(plan.super_user, password)
    workspace = create_workspace(name=plan.name, currency=plan.currency, by=owner, time_zone=plan.time_zone)
    add_member(workspace=workspace, user=_person(plan.staff, password), role=Role.STAFF, by=owner)
    with scope(workspace):
        _catalogue(plan, workspace, owner)
        for customer in plan.customers:
            create_customer(workspace=workspace, by=owner, **customer)


def _person(person: Person, password: str) -> User:
    user = User(email=person.email, name=person.name, password=password)
    user.save()
    return user


def _catalogue(plan: Plan, workspace: Workspace, owner: User) -> None:
    rates = [
        _rate(workspace, name, percent, owner, first=not i)
        for i, (name, percent) in enumerate(plan.tax_rates)
    ]
    for offer in plan.offers:
        create_service(
            workspace=workspace,
            name=offer.name,
            description=offer.description,
            unit_amount=offer.unit_amount,
            tax_rate=rates[0],
            by=owner,
        )


def _rate(workspace: Workspace, name: str, percent: object, owner: User, *, first: bool) -> TaxRate:
    return create_tax_rate(workspace=workspace, name=name, percent=percent, by=owner, is_default=first)
