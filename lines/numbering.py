"""The numbers of documents: each type has a sequence of its own in every workspace, and no number twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from lines.models import Header, NumberedHeader, Numbering, number_problem
from lines.refusals import NumberRefused
from workspaces.models import Workspace

LOOK_AHEAD = 50
"""How many numbers are looked at in one query."""


def checked_number(number: str, model: type[Header]) -> str:
    """The number as it is kept. Raises NumberRefused for what no document of this type can have."""
    if problem := number_problem(number.strip(), str(model._meta.verbose_name)):
        raise NumberRefused(problem, field="number")
    return number.strip()


def take_number(sequences: type[Numbering], model: type[NumberedHeader], workspace: Workspace) -> str:
    """The next free number. The sequence's row stays locked until the commit, so no two callers get the same;
    a number that is deleted later leaves a gap."""
    sequence, _ = sequences.objects.select_for_update(of=("self",)).get_or_create(workspace=workspace)
    number = next_free(sequence, model)
    sequence.next_number = number + 1
    sequence.save(update_fields=["next_number", "updated_at"])
    return sequence.text(number)


def upcoming_number(sequences: type[Numbering], model: type[NumberedHeader], workspace: Workspace) -> str:
    """The number the next document will get, if nobody is faster. Takes nothing from the sequence."""
    sequence = sequences.objects.filter(workspace=workspace).first() or sequences(workspace=workspace)
    return sequence.text(next_free(sequence, model))


def next_free(sequence: Numbering, model: type[NumberedHeader]) -> int:
    """The first number at or after the sequence's next one that no document of the type has."""
    number = sequence.next_number
    while True:
        texts = {sequence.text(candidate): candidate for candidate in range(number, number + LOOK_AHEAD)}
        numbered = model.objects.filter(workspace_id=sequence.workspace_id, number__in=texts)
        taken = set(numbered.values_list("number", flat=True))
        free = [candidate for text, candidate in texts.items() if text not in taken]
        if free:
            return free[0]
        number += LOOK_AHEAD


@contextmanager
def number_free(header: Header) -> Iterator[None]:
    """Save the header inside. Raises NumberRefused when another document of its type has its number.

    The constraint decides, not a look beforehand: two people may pick the same number at the same moment.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "_number_unique" not in str(error):
            raise
        model = type(header)
        other = model.objects.filter(number=header.number).values_list("pk", flat=True).first()
        told = f"{header} is taken by another {model._meta.verbose_name}."
        raise NumberRefused(told, field="number", in_the_way=other) from error
