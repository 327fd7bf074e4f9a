"""Where records stand between us and Xero, for the templates of every app.

{% load sync_status %}
{% sync_states "invoice" page.object_list as states %}   one query for the page
{% sync_badge states invoice %}                           a badge that follows while things move
{% sync_panel "invoice" invoice %}                        the card of a record's page
{% sync_unsent "invoice" %}                               what of this kind was never sent, in one line
{% sync_obstacles "payment" %}                            what has to be chosen before this kind goes to Xero
{% sync_lock invoice.issue_date %}                        what becomes of what is dated on a locked day
{% sync_first_open_day as day %}                          the first day that Xero has not locked
{% sync_kept "payment" payments as kept %}                which of them Xero will not let go of, and why
{% sync_owed "customer" customer %}                       a button that sets what is owed here beside Xero's figure
{% sync_attention as sync %}                              what needs a person, and whether anything goes at all
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounting.queries.attention import Attention, attention_of
from accounting.queries.kept_there import kept_there
from accounting.queries.missing import obstacles_to
from accounting.queries.objections import first_open_day, say_lock
from accounting.queries.panel import record_panel
from accounting.queries.status import States, states_of
from accounting.queries.unsent import count_unsent_or_none

register = template.Library()


@register.simple_tag
def sync_states(kind: str, records: Iterable[Any]) -> States:
    """The standings of these records, in one query."""
    return States(kind, states_of(kind, records))


@register.simple_tag(takes_context=True)
def sync_badge(context: template.Context, states: States, record: Any) -> str:
    """The record's standing as a badge; while it moves, it asks for the newest every two seconds.

    Not even a blank where there is nothing to tell: an empty cell of a narrow table is left out, with its label.
    """
    facts = {
        "workspace": context["workspace"],
        "kind": states.kind,
        "local_id": record.pk,
        "status": states.get(record.pk),
    }
    return SafeString(render_to_string("accounting/_badge.html", facts).strip())


@register.simple_tag
def sync_kept(kind: str, records: Any) -> Iterable[str]:
    """Why these records, or this one, cannot be removed in Xero from here: the reasons, each once, in one query."""
    rows = records if isinstance(records, Iterable) else [records]
    return dict.fromkeys(kept_there(kind, rows).values())


@register.inclusion_tag("accounting/_owed_button.html", takes_context=True)
def sync_owed(context: template.Context, kind: str, record: Any) -> dict[str, Any]:
    """Asks Xero what this record owes there, when it is pressed; nothing of one that is not linked."""
    status = states_of(kind, [record])[record.pk]
    return {"workspace": context["workspace"], "kind": kind, "record": record, "is_linked": status.is_linked}


@register.inclusion_tag("accounting/_panel.html", takes_context=True)
def sync_panel(context: template.Context, kind: str, record: Any) -> dict[str, Any]:
    """The record's standing in full: reason, what to do, history. It follows by itself."""
    return {
        "workspace": context["workspace"],
        "membership": context["membership"],
        "panel": record_panel(kind, record),
    }


@register.simple_tag(takes_context=True)
def sync_attention(context: template.Context) -> Attention:
    """What every page of the workspace tells about its sync; nothing outside a workspace."""
    workspace = context.get("workspace")
    return attention_of(workspace) if workspace else Attention()


@register.inclusion_tag("accounting/_unsent.html", takes_context=True)
def sync_unsent(context: template.Context, kind: str) -> dict[str, Any]:
    """How many records of this kind were saved before Xero was connected and never sent; nothing when none were."""
    return {"workspace": context["workspace"], "unsent": count_unsent_or_none(kind)}


@register.inclusion_tag("accounting/_obstacles.html", takes_context=True)
def sync_obstacles(context: template.Context, kind: str) -> dict[str, Any]:
    """Said at the form: what is saved waits until these things are chosen. Nothing when all are."""
    return {
        "workspace": context["workspace"],
        "membership": context["membership"],
        "obstacles": obstacles_to(kind),
    }


@register.inclusion_tag("accounting/_lock.html")
def sync_lock(day: object) -> dict[str, Any]:
    """Said where something is dated on a day that Xero has locked, before it is approved or recorded. The day may be
    one that was typed."""
    return {"told": say_lock(_read_day(day))}


def _read_day(day: object) -> dt.date | None:
    if isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(str(day))
    except ValueError:
        return None


@register.simple_tag
def sync_first_open_day() -> dt.date | None:
    """The first day that Xero has not locked; None where no period is, or Xero is not connected."""
    return first_open_day()
