from django.db import models


class Moved(models.TextChoices):
    """What moved what a customer owes. The order of a day: what raises a debt stands before what settles it."""

    INVOICE = "1_invoice", "Invoice"
    CREDIT_NOTE = "2_credit_note", "Credit note"
    CREDIT_ELSEWHERE = "3_credit_elsewhere", "Credit applied in Xero"
    APPLIED_ELSEWHERE = "4_applied_elsewhere", "Applied to an invoice that is not here"
    PAYMENT = "5_payment", "Payment"
    REFUND = "6_refund", "Refund"
