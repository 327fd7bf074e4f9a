"""*Test connection*: everything that must hold for the sync to work, looked at one by one. It only reads."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone

from accounting.models import Connection
from accounting.port.documents import Kind
from accounting.port.errors import ProviderError
from accounting.port.organisation import Allowance, OrganisationDoc, Survey
from accounting.providers.registry import get_authoriser, get_books, scope_of
from accounting.queries.allowed import name_all
from accounting.queries.missing import missing_setup
from accounting.signals import last_heard
from accounting.sync.meter import CallMeter
from accounting.sync.permissions import prove
from accounting.sync.state import refuse_stopped
from accounting.sync.tokens import fresh_access
from core.clock import database_now, day_in
from core.templatetags.display import day
from core.words import listed

QUIET = dt.timedelta(days=7)
SKEW = dt.timedelta(minutes=1)
RECONNECT = "Reconnect in Settings > Accounting."
ALLOW = "Press Allow in Xero under Settings > Accounting."
MANAGE = "Do it under Manage."


class Verdict(enum.StrEnum):
    """What came of one look."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: at what, what came of it, in a sentence, and what to do about it."""

    subject: str
    verdict: Verdict
    told: str
    cure: str = ""


def probe(connection: Connection) -> list[Finding]:
    """Look at everything. Three calls of Xero's, and one for each kind that it has not allowed; where one fails, what
    rests on it is said to be unknown.

    Raises Paused while support has the connection paused or the plan has no integrations, and must not be called inside
    a transaction.
    """
    refuse_stopped(connection)
    return [*_look_there(connection), *_choices(connection), _heard(connection)]


def count_bad(findings: Sequence[Finding]) -> int:
    """How many of them somebody has to do something about."""
    return sum(finding.verdict == Verdict.BAD for finding in findings)


def _look_there(connection: Connection) -> Iterator[Finding]:
    """What only Xero knows, as far as it lets us in."""
    try:
        access = fresh_access(connection)
        tenants = get_authoriser(connection.provider).list_tenants(access)
    except ProviderError as error:
        yield Finding("Access", Verdict.BAD, error.message, RECONNECT)
        yield from _not_looked_at("Organisation", "Permissions", "Role and plan", "Lock dates", "Clock")
        return
    yield Finding("Access", Verdict.GOOD, "Xero accepts our access. It is renewed by itself.")
    if connection.tenant_id not in {tenant.tenant_id for tenant in tenants}:
        told = f"{connection.tenant_name} was disconnected in Xero."
        yield Finding("Organisation", Verdict.BAD, told, f"{RECONNECT} Choose it on Xero's page.")
        yield from _not_looked_at("Permissions", "Role and plan", "Lock dates", "Clock")
        return
    yield from _look_inside(connection, access)


def _look_inside(connection: Connection, access: str) -> Iterator[Finding]:
    try:
        with get_books(connection, access, meter=CallMeter(connection)) as books:
            lacking = prove(connection, books)
            survey = books.survey()
    except ProviderError as error:
        yield Finding(
            "Organisation", Verdict.BAD, error.message, "Try again in a while; if it stays, reconnect."
        )
        yield from _not_looked_at("Permissions", "Role and plan", "Lock dates", "Clock")
        return
    yield _permissions(lacking)
    yield _organisation(connection, survey.organisation)
    yield from _allowances(survey.allowances)
    yield _locks(survey.organisation)
    yield _clock(survey)


def _not_looked_at(*subjects: str) -> Iterator[Finding]:
    return (Finding(subject, Verdict.UNKNOWN, "Could not be looked at.") for subject in subjects)


def _permissions(lacking: Sequence[Kind]) -> Finding:
    if lacking:
        scopes = listed(list(dict.fromkeys(map(scope_of, lacking))))
        told = f"Xero must allow {name_all(lacking)} ({scopes}). Until then they wait, and all else goes on."
        return Finding("Permissions", Verdict.BAD, told, ALLOW)
    return Finding("Permissions", Verdict.GOOD, "Everything that Tandem needs is allowed.")


def _organisation(connection: Connection, there: OrganisationDoc) -> Finding:
    if connection.currency and there.currency != connection.currency:
        told = f"{there.name} has the base currency {there.currency} now, and had {connection.currency}."
        return Finding("Organisation", Verdict.BAD, told, "Read its lists again under Manage.")
    return Finding("Organisation", Verdict.GOOD, f"{there.name} lets Tandem in.")


def _allowances(allowances: Sequence[Allowance]) -> Iterator[Finding]:
    """What is forbidden, each by itself: by the plan, or by the role of whoever connected."""
    forbidden = [allowance for allowance in allowances if not allowance.allowed]
    for allowance in forbidden:
        verdict = Verdict.BAD if allowance.essential else Verdict.NOTE
        told = f"Whoever connected may not {allowance.act} there, or the plan does not include it."
        cure = "Have somebody with the Standard or Adviser role reconnect, or change the plan in Xero."
        yield Finding("Role and plan", verdict, told, cure if allowance.essential else "")
    if not forbidden:
        acts = listed([allowance.act for allowance in allowances])
        yield Finding("Role and plan", Verdict.GOOD, f"Whoever connected may {acts}.")


def _locks(there: OrganisationDoc) -> Finding:
    days = [locked for locked in (there.period_lock_date, there.year_lock_date) if locked]
    if not days:
        return Finding("Lock dates", Verdict.GOOD, "No period is locked.")
    return Finding(
        "Lock dates", Verdict.NOTE, f"Locked up to {day(max(days))}: Xero takes nothing dated until then."
    )


def _clock(survey: Survey) -> Finding:
    if survey.at is None:
        return Finding("Clock", Verdict.UNKNOWN, "Xero did not say what time it is.")
    apart = abs(database_now() - survey.at)
    if apart > SKEW:
        minutes = round(apart.total_seconds() / 60)
        told = f"Tandem's clock and Xero's are {minutes} minute{'' if minutes == 1 else 's'} apart."
        return Finding("Clock", Verdict.BAD, told, "Tell Tandem's support: its server's clock is wrong.")
    return Finding("Clock", Verdict.GOOD, "Tandem's clock and Xero's agree.")


def _choices(connection: Connection) -> Iterator[Finding]:
    missing = missing_setup(connection)
    yield from (Finding("Choices", Verdict.BAD, sentence, MANAGE) for sentence in missing)
    if not missing:
        yield Finding("Choices", Verdict.GOOD, "Accounts and tax rates are chosen, and Xero still has them.")


def _heard(connection: Connection) -> Finding:
    """That no event comes is no fault by itself: the regular check finds what they would have told."""
    at = last_heard(connection.tenant_id)
    if at is not None and connection.silent_since is not None:
        told = f"None came since {_say_when(at)}, though things changed there. The regular check finds them."
        return Finding(
            "Events from Xero", Verdict.BAD, told, "If it stays so for a day, tell Tandem's support."
        )
    if at is None or database_now() - at > QUIET:
        told = "Xero sent no event lately. Changes there are found by the regular check, within five minutes."
        return Finding("Events from Xero", Verdict.NOTE, told)
    return Finding("Events from Xero", Verdict.GOOD, f"The last one came on {_say_when(at)}.")


def _say_when(at: dt.datetime) -> str:
    return day(day_in(timezone.get_current_timezone(), at))
