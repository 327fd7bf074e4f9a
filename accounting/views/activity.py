"""What happened, and what needs a person."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounting.queries import history
from accounting.queries.problems import alike, count_trouble, group_problems, name_problems
from accounting.queries.setup import failed_operations
from accounting.sync import manual

PAGE = 25


@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """What went each way, newest first."""
    show = request.GET.get("show", "")
    page = Paginator(history.activity(show), PAGE).get_page(request.GET.get("page"))
    facts = {
        "page": page,
        "events": history.tell_activity(page.object_list),
        "show": show,
        "counts": count_trouble(),
    }
    return render(request, "accounting/activity.html", facts)


@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """What failed, with Xero's own words and what to do."""
    page = Paginator(failed_operations(), PAGE).get_page(request.GET.get("page"))
    causes = group_problems(name_problems(page.object_list))
    facts = {"page": page, "causes": causes, "counts": count_trouble()}
    return render(request, "accounting/problems.html", facts)


@require_POST
def retry(request: HttpRequest, operation_id: int) -> HttpResponse:
    """Try one again."""
    operation = get_object_or_404(failed_operations(), pk=operation_id)
    manual.retry(failed_operations().filter(pk=operation.pk))
    messages.success(request, "It is tried again now.")
    return redirect("accounting:problems", request.workspace.slug)


@require_POST
def retry_alike(request: HttpRequest, operation_id: int) -> HttpResponse:
    """Try all of them again that failed for the same cause."""
    operation = get_object_or_404(failed_operations(), pk=operation_id)
    count = manual.retry(alike(operation))
    messages.success(request, f"{count} {'is' if count == 1 else 'are'} tried again now.")
    return redirect("accounting:problems", request.workspace.slug)


@require_POST
def retry_all(request: HttpRequest) -> HttpResponse:
    """Try all of them again."""
    count = manual.retry(failed_operations())
    messages.success(request, f"{count} {'is' if count == 1 else 'are'} tried again now.")
    return redirect("accounting:problems", request.workspace.slug)
