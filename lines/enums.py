from django.db import models


class LineAmounts(models.TextChoices):
    """Whether the lines' amounts are before tax, with tax, or free of it."""

    EXCLUSIVE = "exclusive", "Tax exclusive"
    INCLUSIVE = "inclusive", "Tax inclusive"
    NO_TAX = "no_tax", "No tax"
