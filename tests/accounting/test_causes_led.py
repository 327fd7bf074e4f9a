"""From a row of what needs attention straight to where the record's cause is settled."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from accounting.models import Operation, Problem
from accounting.sync import problems
from customers.models import Customer
from invoices.models import Invoice
from tests.accounting.pages import notices, url
from tests.accounting.provoking import PROVOKED
from tests.accounting.scene import Scene
from tests.accounting.test_causes_provoked import scene
from workspaces.models import Workspace

__all__ = ["scene"]


def held_up(scene: Scene, key: str) -> list[str]:
    """What is read on the list and on the cause's page, once the cause has come about."""
    PROVOKED[key](scene)
    return read_pages(scene, key)


def read_pages(scene: Scene, key: str) -> list[str]:
    scene.sync()
    slug = scene.connection.workspace
    pages = [url("problems", slug), url("problem", slug, Problem.objects.get(key=key).pk)]
    return [scene.client.get(page).content.decode() for page in pages]


def link_to_the_one_there(scene: Scene, record: Customer | Invoice, kind: str, taken: str) -> None:
    """One click on what was found."""
    slug = scene.connection.workspace.slug
    page = scene.client.get(reverse("accounting:pair", args=[slug, kind, record.pk]), {"taken": taken})
    [found] = page.context["choices"]
    told = {"remote_id": found.remote_id, "keep": "ours"}
    said = scene.client.post(reverse("accounting:link", args=[slug, kind, record.pk]), told, follow=True)
    assert notices(said) == ["Linked. It is kept in step from now on."]
    for _ in range(3):
        scene.sync()
    problems.keep_up()


def left() -> tuple[list[object], list[object]]:
    """What is held up, and by what."""
    operations = Operation.objects.values_list("kind", "state", "blocker", "error")
    return list(operations), list(Problem.objects.filter(closed_at=None).values_list("key", "words"))


def test_payments_in_the_way_lead_to_what_can_be_done_with_them(
    scene: Scene, in_workspace: Workspace
) -> None:
    read = held_up(scene, "has-payments")
    wizard = reverse("payments:void", args=[in_workspace.slug, Invoice.objects.get().pk])
    assert [f'href="{wizard}"' in page for page in read] == [True, True]


def test_what_is_changed_in_the_record_leads_to_its_form(scene: Scene, in_workspace: Workspace) -> None:
    read = held_up(scene, "e-mail-refused")
    form = reverse("customers:edit", args=[in_workspace.slug, Customer.objects.get().pk])
    assert [f'href="{form}"' in page for page in read] == [True, True]


def test_number_that_is_taken_leads_to_the_one_that_has_it(scene: Scene, in_workspace: Workspace) -> None:
    customer = scene.customer()
    scene.sync()
    scene.bookkeeper.create_invoice("INV-1", scene.there(customer))
    invoice = scene.invoice(customer=customer)
    read = read_pages(scene, "number-taken")
    pair = reverse("accounting:pair", args=[in_workspace.slug, "invoice", invoice.pk])
    assert [f'href="{pair}?taken=number"' in page for page in read] == [True, True]

    link_to_the_one_there(scene, invoice, "invoice", "number")

    assert left() == ([], [])
    assert scene.books.invoices.get(scene.there(invoice)).total == invoice.total


def test_name_that_is_taken_leads_to_the_one_that_has_it(scene: Scene, in_workspace: Workspace) -> None:
    read = held_up(scene, "name-taken")
    customer = Customer.objects.get()
    pair = reverse("accounting:pair", args=[in_workspace.slug, "customer", customer.pk])
    assert [f'href="{pair}?taken=name"' in page for page in read] == [True, True]

    [found] = scene.client.get(pair, {"taken": "name"}).context["choices"]
    assert scene.books.contacts.get(found.remote_id).name == "Tui"


def test_linking_is_offered_to_super_users_alone(
    scene: Scene, in_workspace: Workspace, staff_client: Client
) -> None:
    held_up(scene, "number-taken")
    assert "?taken=" not in staff_client.get(url("problems", in_workspace)).content.decode()
