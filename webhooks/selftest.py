"""The check that Xero makes before it delivers (intent to receive), made by ourselves: the same deliveries to the same
address, and what Xero would say to each answer."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from accounting.port.exchange import Rehearsal
from accounting.providers.registry import get_authoriser
from accounting.sync.probe import Finding, Verdict
from webhooks.knock import Answer, Unanswered, knock

BEFORE_US = "Look at what stands before Tandem: a proxy, a firewall, a sign-in page."
UNTOUCHED = "It must hand deliveries on untouched, with the header x-xero-signature."


def public_address() -> str:
    """Where Xero has to post: what is written into its developer portal, letter by letter."""
    return str(settings.SITE_URL) + reverse("webhooks:xero")


def look() -> list[Finding]:
    """Post what Xero would, and judge each answer as Xero would. Must not be called inside a transaction.

    What is taken is kept in the inbox, as a delivery without an event.
    """
    rehearsals = get_authoriser().rehearse_webhooks()
    return [_address(), *(_knock_all(rehearsals) if rehearsals else [_keyless()])]


def _keyless() -> Finding:
    told = "No webhook key is configured, so every delivery is refused."
    return Finding("Key", Verdict.BAD, told, "Put the key of Xero's developer portal into XERO_WEBHOOK_KEYS.")


def _address() -> Finding:
    """Xero posts to HTTPS at port 443 and nowhere else. The demo's sandbox is not that particular."""
    parts = urlsplit(public_address())
    if _is_local(parts.hostname or ""):
        told = "Only this machine reaches it: the sandbox does, Xero does not."
        return Finding("Address", Verdict.NOTE, told)
    if parts.scheme != "https" or parts.port not in (None, 443):
        told = "Xero posts to addresses that begin with https:// and name no other port than 443."
        return Finding("Address", Verdict.BAD, told, "Give SITE_URL such an address.")
    return Finding("Address", Verdict.GOOD, "It is one that Xero posts to.")


def _is_local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def _knock_all(rehearsals: Sequence[Rehearsal]) -> Iterator[Finding]:
    """Where nobody answers the first, nobody is bothered with the others."""
    for number, rehearsal in enumerate(rehearsals):
        try:
            answer = knock(public_address(), rehearsal.body, rehearsal.headers)
        except Unanswered as unanswered:
            yield Finding(rehearsal.name, Verdict.BAD, str(unanswered), unanswered.cure)
            rest = rehearsals[number + 1 :]
            yield from (Finding(each.name, Verdict.UNKNOWN, "Was not posted any more.") for each in rest)
            return
        yield _judge(rehearsal, answer)


def _judge(rehearsal: Rehearsal, answer: Answer) -> Finding:
    wanted = 200 if rehearsal.genuine else 401
    fault = _fault(answer, wanted)
    if fault is not None:
        return Finding(rehearsal.name, Verdict.BAD, *fault)
    told = f"{'Taken' if rehearsal.genuine else 'Refused'}, as it must be: {answer.status}, nothing else"
    return Finding(rehearsal.name, Verdict.GOOD, f"{told}, after {answer.milliseconds} ms.")


def _fault(answer: Answer, wanted: int) -> tuple[str, str] | None:
    """What Xero would object to, and what to do; the first of several."""
    if 300 <= answer.status <= 399:
        told = f"Answered with a redirect to {answer.leads_to or 'nowhere'}, which Xero does not follow."
        return told, f"Give SITE_URL the address where it ends. {BEFORE_US}"
    if answer.status != wanted:
        return f"Answered {answer.status} instead of {wanted}.", _cure_of(answer.status)
    if answer.has_cookie:
        return "The answer sets a cookie, which Xero does not accept.", BEFORE_US
    if answer.has_body:
        return "The answer has a body, which Xero does not accept.", BEFORE_US
    return None


_CURES = {
    200: f"Somebody else takes what we would refuse. {BEFORE_US}",
    401: f"The key is ours, so the delivery was changed on its way, or another Tandem answers. {UNTOUCHED}",
    400: "Name this host in ALLOWED_HOSTS, and look whether the proxy hands it on.",
    403: f"Somebody else refuses it. {BEFORE_US} {UNTOUCHED}",
    404: "Another program answers at this address. Look at SITE_URL and at the proxy's routes.",
}


def _cure_of(status: int) -> str:
    if status >= 500:
        return "Look at the logs of the proxy and of Tandem: is Tandem running, and its database?"
    return _CURES.get(status, BEFORE_US)
