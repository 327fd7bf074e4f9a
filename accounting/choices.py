"""What a super user chooses of who decides, and which way records go. Stored in columns, like `accounting.enums`."""

from __future__ import annotations

from django.db import models


class Owner(models.TextChoices):
    """Who decides what a field says, where the two sides differ."""

    BOTH = "", "Both sides"
    OURS = "ours", "Tandem"
    THEIRS = "theirs", "Xero"


class MatchBy(models.TextChoices):
    """What a customer and a contact of one name must share to be linked without asking."""

    ANY = "any", "Any of these"
    REFERENCE = "reference", "The reference"
    EMAIL = "email", "The e-mail"
    NAME = "name", "The name"


class Unmatched(models.TextChoices):
    """What becomes of a customer that no contact was found for."""

    CREATE = "create", "Create it in Xero"
    ASK = "ask", "Ask"


class SentThere(models.TextChoices):
    """What an invoice becomes in Xero, beside approved, when it is approved from here."""

    LEAVE = "leave", "Left as they are"
    MARK = "mark", "Marked as sent"


class PaymentsWay(models.TextChoices):
    """Which way payments go that are linked to none of the other side yet."""

    BOTH = "both", "Both ways"
    TO = "to", "Only to Xero"
    FROM = "from", "Only from Xero"
