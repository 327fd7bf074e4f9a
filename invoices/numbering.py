"""How the workspace's new invoices are numbered. Numbers that are given already stay."""

from __future__ import annotations

from django.db import transaction

from invoices.models import Invoice, NumberSequence
from lines.models import number_problem
from lines.numbering import next_free
from lines.refusals import NumberRefused
from workspaces.audit import log_workspace_action
from workspaces.models import User, Workspace


def sequence_of(workspace: Workspace) -> NumberSequence:
    """The workspace's sequence, unsaved, at the first number that is free."""
    found = NumberSequence.objects.filter(workspace=workspace).first() or NumberSequence(workspace=workspace)
    found.next_number = next_free(found, Invoice)
    return found


def next_invoice_number(workspace: Workspace) -> str:
    """The number that the next invoice gets, if nobody is faster."""
    return str(sequence_of(workspace))


@transaction.atomic
def set_sequence(*, workspace: Workspace, prefix: str, next_number: int, by: User) -> NumberSequence:
    """Number new invoices with this prefix, which may be blank, from this number on. Those that have one keep it.

    Raises NumberRefused, with the field at fault, for a number that no invoice can have, and for one that is taken.
    """
    sequence, _ = NumberSequence.objects.select_for_update(of=("self",)).get_or_create(workspace=workspace)
    before = str(sequence)
    sequence.prefix, sequence.next_number = prefix.strip(), next_number
    _check(sequence)
    if str(sequence) != before:
        sequence.save(update_fields=["prefix", "next_number", "updated_at"])
        told = f"New invoices are numbered from {sequence} on; before, from {before} on"
        log_workspace_action(workspace, "workspace.updated", told, by)
    return sequence


def _check(sequence: NumberSequence) -> None:
    number = str(sequence)
    if problem := number_problem(number, "invoice"):
        raise NumberRefused(problem, field="prefix")
    if Invoice.objects.filter(workspace_id=sequence.workspace_id, number=number).exists():
        told = f"{number} is taken by another invoice. Choose a next number that is free."
        raise NumberRefused(told, field="next_number")
