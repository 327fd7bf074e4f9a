from django.db import models


class InvoiceStatus(models.TextChoices):
    """Where an invoice stands in its workflow. What follows from payments and dates is not stored: see InvoiceStage."""

    DRAFT = "draft", "Draft"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    APPROVED = "approved", "Approved"
    SENT = "sent", "Sent"
    VOIDED = "voided", "Voided"


class InvoiceStage(models.TextChoices):
    """Where an invoice stands for people: its status, and once issued, whether it is paid. What pages call it.

    An overdue invoice awaits payment as well: it stands in both lists.
    """

    DRAFT = "draft", "Draft"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    AWAITING_PAYMENT = "awaiting_payment", "Awaiting payment"
    OVERDUE = "overdue", "Overdue"
    PAID = "paid", "Paid"
    VOIDED = "voided", "Voided"


EDITABLE = (InvoiceStatus.DRAFT, InvoiceStatus.AWAITING_APPROVAL)
ISSUED = (InvoiceStatus.APPROVED, InvoiceStatus.SENT)
