"""A cause put right from its own page: what is asked, what it comes to, and doing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounting.forms.fixes import FixForm
from accounting.models import Operation, Problem
from accounting.queries.problems import Failure, held_by, name_failures
from accounting.queries.words import Change, Names, say_changes
from accounting.sync import fixes
from accounting.sync.fixes import CannotFix, Offer, Outcome


@dataclass(slots=True)
class Card:
    """What the page of a cause offers: `only` is the record that it is for, if not for all; `preview` what the choice
    comes to, and `refused` why it comes to nothing."""

    offer: Offer
    may: bool
    only: Failure | None
    form: FixForm
    preview: Outcome | None = None
    refused: str = ""

    @property
    def needs_one(self) -> bool:
        """Whether a person has to pick one of the records first."""
        return self.offer.remedy.one_by_one and self.only is None

    @property
    def changes(self) -> list[Change]:
        """The settings that change, in words."""
        return say_changes("", self.preview.changes, Names()) if self.preview else []


def card_of(request: HttpRequest, problem: Problem) -> Card | None:
    """The way to put this cause right; with its preview, where the address says what was chosen."""
    offer = fixes.offer_of(problem) if problem.closed_at is None else None
    if offer is None:
        return None
    only = _only(problem, request.GET.get("record", ""), offer)
    record = only.operation.pk if only else None
    asked = request.GET if "choice" in request.GET else None
    form = _form(offer, record, asked)
    card = Card(offer, _may(request, offer), only, form)
    if asked is not None and card.may and form.is_valid() and not card.needs_one:
        try:
            choice = form.cleaned_data["choice"]
            card.preview = fixes.rehearse(problem=problem, choice=choice, by=request.user, only=record)
        except CannotFix as refused:
            card.refused = str(refused)
    return card


def _only(problem: Problem, record: str, offer: Offer) -> Failure | None:
    """The record that was picked; the only one there is, where each needs an answer of its own."""
    held = held_by(problem)
    if record.isdecimal():
        held = held.filter(pk=record)
    elif not offer.remedy.one_by_one:
        return None
    found: list[Operation] = list(held[:2])
    return name_failures(found)[0] if len(found) == 1 else None


def _form(offer: Offer, record: int | None, told: QueryDict | None) -> FixForm:
    is_for_one = record is not None
    return FixForm(told, ask=offer.ask, is_for_one=is_for_one, initial={"record": record}, auto_id="fix-%s")


def _may(request: HttpRequest, offer: Offer) -> bool:
    return request.membership.is_super_user or not offer.remedy.changes_settings


@require_POST
def fix(request: HttpRequest, problem_id: UUID) -> HttpResponse:
    """Do what was chosen, and try all of it again."""
    problem = get_object_or_404(Problem, pk=problem_id)
    page = redirect("accounting:problem", request.workspace.slug, problem.pk)
    offer = fixes.offer_of(problem)
    if offer is None:
        messages.error(request, "There is nothing to put right here any more.")
        return page
    if not _may(request, offer):
        raise PermissionDenied
    form = _form(offer, None, request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
        return page
    return _do(request, problem, form.cleaned_data) or page


def _do(request: HttpRequest, problem: Problem, told: dict[str, Any]) -> HttpResponse | None:
    """The page of all causes, where nothing of this one is left."""
    try:
        done = fixes.fix(problem=problem, choice=told["choice"], by=request.user, only=told["record"])
    except CannotFix as refused:
        messages.error(request, f"This could not be done: {refused}")
        return None
    if done.done:
        are = "1 is" if done.done == 1 else f"{done.done:,} are"
        messages.success(request, f"Put right: {are} tried again now.")
    for failure, words in done.refused:
        messages.error(request, f"{failure.title}: {words}")
    is_over = not done.refused and not held_by(problem).exists()
    return redirect("accounting:problems", request.workspace.slug) if is_over else None
