"""What needs a person: one row a cause, and a page for each."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounting.models import Problem
from accounting.queries.problems import (
    count_trouble,
    held_by,
    list_trouble,
    name_failures,
    show_few,
    trouble_of,
)
from accounting.queries.setup import failed_operations
from accounting.sync import manual
from accounting.sync.fixes import name_fix
from accounting.views.fixes import card_of

PAGE = 25


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """What is held up, one row a cause, with Xero's own words and what to do."""
    page = Paginator(list_trouble(request.workspace), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    show_few(rows)
    for row in rows:
        row.fix = name_fix(row.meaning)
    facts = {"page": page, "rows": rows, "counts": count_trouble()}
    return render(request, "accounting/problems.html", facts)


@require_safe
def problem(request: HttpRequest, problem_id: UUID) -> HttpResponse:
    """One cause, with everything that it holds up."""
    row = trouble_of(get_object_or_404(Problem, pk=problem_id))
    page = Paginator(held_by(row.problem), PAGE).get_page(request.GET.get("page"))
    row.fix = name_fix(row.meaning)
    row.few = name_failures(page.object_list)
    facts = {"row": row, "page": page, "counts": count_trouble(), "card": card_of(request, row.problem)}
    return render(request, "accounting/problem.html", facts)


@require_POST
def retry(request: HttpRequest, operation_id: int) -> HttpResponse:
    """Try one again."""
    operation = get_object_or_404(failed_operations(), pk=operation_id)
    manual.retry(failed_operations().filter(pk=operation.pk), by=request.user)
    messages.success(request, "It is tried again now.")
    return redirect("accounting:problems", request.workspace.slug)


@require_POST
def retry_alike(request: HttpRequest, problem_id: UUID) -> HttpResponse:
    """Try all of them again that are held up for the same cause."""
    found = get_object_or_404(Problem, pk=problem_id)
    _tell_tried(request, manual.retry_alike(problem=found, by=request.user))
    return redirect("accounting:problems", request.workspace.slug)


@require_POST
def retry_all(request: HttpRequest) -> HttpResponse:
    """Try all of them again."""
    _tell_tried(request, manual.retry_all(by=request.user))
    return redirect("accounting:problems", request.workspace.slug)


def _tell_tried(request: HttpRequest, count: int) -> None:
    messages.success(request, f"{count} {'is' if count == 1 else 'are'} tried again now.")
