from django.db import models


class Role(models.TextChoices):
    """What a member may do. Super users also decide how the books are connected."""

    SUPER_USER = "super_user", "Super user"
    STAFF = "staff", "Staff"


class ActorKind(models.TextChoices):
    """Who can have done something: a person, Xero (what was changed there is applied here), or a job of ours."""

    PERSON = "person", "Person"
    XERO = "xero", "Xero"
    SYSTEM = "system", "Tandem"
