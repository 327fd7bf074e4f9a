from django.db import models


class Role(models.TextChoices):
    """What a member may do. Super users also decide how the books are connected."""

    SUPER_USER = "super_user", "Super user"
    STAFF = "staff", "Staff"
