from django.db import models


class CreditNoteStatus(models.TextChoices):
    """Where a credit note stands in its workflow. What is left of it is not stored here: see CreditNote.remaining."""

    DRAFT = "draft", "Draft"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    APPROVED = "approved", "Approved"
    VOIDED = "voided", "Voided"


EDITABLE = (CreditNoteStatus.DRAFT, CreditNoteStatus.AWAITING_APPROVAL)
