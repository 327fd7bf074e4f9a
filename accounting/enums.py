"""The words of the engine. Stored in columns, so a value never changes its spelling."""

from __future__ import annotations

from django.db import models


class Provider(models.TextChoices):
    XERO = "xero", "Xero"


class Kind(models.TextChoices):
    """What is kept in tandem."""

    CUSTOMER = "customer", "Customer"
    INVOICE = "invoice", "Invoice"
    CREDIT_NOTE = "credit_note", "Credit note"
    PAYMENT = "payment", "Payment"
    ALLOCATION = "allocation", "Applied credit"
    REFUND = "refund", "Refund"


class Lane(models.TextChoices):
    PUSH = "push", "To Xero"
    PULL = "pull", "From Xero"


class Way(models.TextChoices):
    """Where something that happened came from, and where it went."""

    TO_XERO = "to", "To Xero"
    FROM_XERO = "from", "From Xero"
    HERE = "here", "Here"


class Change(models.TextChoices):
    UPSERT = "upsert", "Create or update"
    REMOVE = "remove", "Remove"


class Priority(models.IntegerChoices):
    """Who goes first inside one organisation."""

    USER = 0, "A person waits"
    WEBHOOK = 1, "Xero told us"
    RECONCILE = 2, "Regular check"
    BACKFILL = 3, "First load"


class OpState(models.TextChoices):
    """An unfinished operation. Finished ones leave the table; SyncEvent remembers them (ADR 0004)."""

    PENDING = "pending", "Waiting"
    IN_FLIGHT = "in_flight", "Being sent"
    UNCERTAIN = "uncertain", "Sent, no answer yet"
    BLOCKED = "blocked", "Waiting for something else"
    FAILED = "failed", "Needs attention"


class Blocker(models.TextChoices):
    """What a blocked operation waits for."""

    NONE = "", "Nothing"
    DEPENDENCY = "dependency", "Another record must reach Xero first"
    SETUP = "setup", "A setting is missing"
    CONFLICT = "conflict", "Out of sync: a decision is needed"
    APPROVAL = "approval", "The invoice must be approved in Xero first"
    INCOMPLETE = "incomplete", "The draft must be completed first"
    PERIOD = "period", "The locked period must be opened first"
    EXEMPT = "exempt", "A person took it out of the sync"


class Until(models.TextChoices):
    """How long a record stays out of the sync."""

    CHANGE = "change", "Until it changes"
    DAY = "day", "Until a day"
    GOOD = "good", "For good"
    DECISION = "decision", "Until it is linked or created"


class ErrorClass(models.TextChoices):
    """The class of a failure decides its fate (accounting.sync.retry)."""

    NONE = "", "None"
    RETRYABLE = "retryable", "Will be tried again"
    PERMANENT = "permanent", "Xero refused it"
    MISCONFIGURED = "misconfigured", "A setting is missing"
    INTERNAL = "internal", "A fault in Tandem"


class BatchState(models.TextChoices):
    FROZEN = "frozen", "Ready to send"
    SENT = "sent", "Sent, answer not read"
    UNCERTAIN = "uncertain", "No answer: must be looked up"


class LinkState(models.TextChoices):
    ACTIVE = "active", "In step"
    OUT_OF_SYNC = "out_of_sync", "Out of sync"
    TOMBSTONED = "tombstoned", "Removed on both sides"
    MERGED = "merged", "Merged into another there"


class ConnectionState(models.TextChoices):
    ACTIVE = "active", "Connected"
    NEEDS_REAUTH = "needs_reauth", "Reconnect needed"
    DISCONNECTED = "disconnected", "Disconnected"


class Cutoff(models.TextChoices):
    """Why nothing goes any more, where it was not one of our own people who ended it."""

    NONE = "", "Nothing"
    ACCESS = "access", "Access ended"
    REMOVED = "removed", "Disconnected in Xero"
    SCOPE = "scope", "A permission is missing"
    ROLE = "role", "Role too small"
    CLOSED = "closed", "Organisation closed"


class GrantState(models.TextChoices):
    ACTIVE = "active", "Valid"
    REFUSED = "refused", "Refused"


class ConflictState(models.TextChoices):
    OPEN = "open", "Open"
    RESOLVED = "resolved", "Resolved"


class Resolution(models.TextChoices):
    NONE = "", "None"
    KEEP_OURS = "keep_ours", "Kept ours"
    TAKE_THEIRS = "take_theirs", "Took Xero's"
    MERGE = "merge", "Put together from both"
    AGREED = "agreed", "Became equal"


class Limit(models.TextChoices):
    """Which of the provider's limits a connection rests for."""

    NONE = "", "None"
    MINUTE = "minute", "the calls of this minute"
    DAY = "day", "the calls of this day"
    APP = "app", "the calls of all of Tandem in this minute"


class BackfillState(models.TextChoices):
    RUNNING = "running", "Under way"
    DONE = "done", "Done"


class DryRunState(models.TextChoices):
    READING = "reading", "Comparing"
    READY = "ready", "To be decided"
    LINKING = "linking", "Being done"
    DONE = "done", "Done"
    STOPPING = "stopping", "Being cancelled"
    STOPPED = "stopped", "Cancelled"
    UNDOING = "undoing", "Links being taken back"
    UNDONE = "undone", "Links taken back"


class Verdict(models.TextChoices):
    """What is to become of a record that was never sent."""

    LINK = "link", "Link"
    CREATE = "create", "Create"
    SKIP = "skip", "Leave out"
    ASK = "ask", "You decide"


class Mark(models.TextChoices):
    """By what a record of ours and one of theirs are known to be the same, the surest first."""

    REFERENCE = "reference", "the same reference"
    TAX_NUMBER = "tax_number", "the same tax number"
    EMAIL = "email", "the same e-mail"
    NUMBER = "number", "the same number"
    NAME = "name", "the same name"
    ALIKE = "alike", "a name that is alike"


class Taken(models.TextChoices):
    """What something else in the organisation has already."""

    NUMBER = "number", "Number"
    REFERENCE = "reference", "Reference"
    NAME = "name", "Name"


class Choice(models.TextChoices):
    """What a person chooses in Settings > Accounting before records go out."""

    LISTS = "lists", "The organisation's lists"
    REVENUE_ACCOUNT = "revenue_account", "Revenue account"
    TAX_RATES = "tax_rates", "Tax rates"
    PAYMENT_ACCOUNT = "payment_account", "Payment account"
    TRACKING = "tracking", "Tracking options"
    PLAN = "plan", "What plan and role allow"


class InvoiceStatusRule(models.TextChoices):
    """When an invoice goes to the remote side and with which status: with the one it has here, from its first draft on;
    or once it is approved here, with the chosen one, which is the bookkeeper's from then on (ADR 22)."""

    WITH_STATUS = "with_status", "With its status"
    DRAFT = "draft", "Once approved, as Draft"
    SUBMITTED = "submitted", "Once approved, as Awaiting approval"
    AUTHORISED = "authorised", "Once approved, as Awaiting payment"


class LockedPeriod(models.TextChoices):
    """What becomes of what is dated in a period that the organisation has locked (ADR 30)."""

    BLOCK = "block", "Ask for an open day"
    MOVE = "move", "Move it to the first open day"
    PARK = "park", "Let it wait until the lock moves"


class BornThere(models.TextChoices):
    """What becomes of an invoice or a contact that was made at the remote side and is linked to nothing here."""

    OFF = "off", "Leave them in Xero"
    QUEUE = "queue", "List them as unmatched"


class Reading(models.TextChoices):
    """What an agreement statement was made from."""

    KNOWN = "known", "From what was read"
    FULL = "full", "Everything read again"


class StatementState(models.TextChoices):
    RUNNING = "running", "Under way"
    DONE = "done", "Done"


class Remedy(models.TextChoices):
    """What settles a record that both sides say otherwise."""

    READ = "read", "Read it again from Xero"
    SEND = "send", "Send it to Xero"
    DECIDE = "decide", "Decide which version is right"
    MEND = "mend", "Mend what failed"
    WAIT = "wait", "It is on its way"


class EventKind(models.TextChoices):
    """What happened to a record, told in its history."""

    SENT_NEW = "sent_new", "Created in Xero"
    SENT = "sent", "Updated in Xero"
    REMOVED = "removed", "Removed in Xero"
    LINKED = "linked", "Linked"
    RECEIVED = "received", "Updated from Xero"
    FAILED = "failed", "Failed"
    UNCERTAIN = "uncertain", "No answer"
    OUT_OF_SYNC = "out_of_sync", "Out of sync"
    RESOLVED = "resolved", "Resolved"
    DECIDED = "decided", "Decided"
    CONNECTED = "connected", "Connected"
    DISCONNECTED = "disconnected", "Disconnected"
    REFUSED = "refused", "Access refused"
    SETTINGS = "settings", "Settings changed"
    SUPPORT = "support", "By Tandem's support"


WAYS = {
    Way.TO_XERO: (EventKind.SENT_NEW, EventKind.SENT, EventKind.REMOVED, EventKind.UNCERTAIN),
    Way.FROM_XERO: (EventKind.RECEIVED, EventKind.LINKED, EventKind.REFUSED),
}
"""What always goes one way. A failure goes either; everything else happens here."""
USUAL_EVENTS = (EventKind.SENT_NEW, EventKind.SENT, EventKind.RECEIVED)
"""What a sync that works consists of. Everything else is rare beside it."""
RARE_EVENTS = tuple(event for event in EventKind if event not in USUAL_EVENTS)
CURED_BY_LISTS = (Blocker.SETUP, Blocker.INCOMPLETE, Blocker.PERIOD)
"""What a choice, or the organisation's lists read anew, may put right."""
UNDER_WAY = (DryRunState.READING, DryRunState.LINKING, DryRunState.STOPPING, DryRunState.UNDOING)
"""A worker is at a dry run, until it is done with that."""
WAITING_STATES = (OpState.PENDING, OpState.BLOCKED, OpState.FAILED)
FLYING_STATES = (OpState.IN_FLIGHT, OpState.UNCERTAIN)
