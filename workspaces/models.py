"""The tenant root: who works where, and what every row of a workspace has in common."""

from __future__ import annotations

import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from core.ids import uuid7
from workspaces.enums import ActorKind, Role
from workspaces.walls import scoped_manager
from workspaces.zones import validate_time_zone, zone_named


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        """A new user who signs in with this address. Without a password they cannot sign in yet."""
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        """A new administrator of Tandem itself (Django admin), not of a workspace."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractUser):
    """A person. They sign in with their e-mail address and may belong to several workspaces."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=150, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[misc,assignment]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_ci_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self).split(" ")[0]


class Workspace(models.Model):
    """Our customer's account: the SaaS tenant."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    currency = models.CharField(max_length=3, help_text="The currency new customers and invoices start with.")
    time_zone = models.CharField(
        max_length=64,
        default="",
        blank=True,
        validators=[validate_time_zone],
        help_text="Where its people are, such as Pacific/Auckland: it decides which day today is. Empty means UTC.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="workspace_currency_is_iso_code"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Its time zone, UTC until somebody says which."""
        return zone_named(self.time_zone)


class Membership(models.Model):
    """A person's place in a workspace. Read before any workspace is known, so it has no wall of its own."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.STAFF)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_per_workspace"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"

    @property
    def is_super_user(self) -> bool:
        return self.role == Role.SUPER_USER


class WorkspaceOwned(models.Model):
    """Base of every model whose rows belong to one workspace."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = scoped_manager()

    class Meta:
        abstract = True


FORMER_PERSON = "Somebody since removed"


class Attributed(models.Model):
    """Base of what tells who did it, for good: the name and kind of the actor are part of the row, which outlives
    the person unchanged.

    `actor` therefore names a person who may be gone: the database neither checks nor clears it. Show `actor_name`.
    """

    actor = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    actor_kind = models.CharField(max_length=6, choices=ActorKind.choices)
    actor_name = models.CharField(max_length=254)

    class Meta:
        abstract = True


def actor_fits(name: str) -> models.CheckConstraint:
    """The constraint of every attributed model: a person has a name, Xero and Tandem have theirs and are nobody."""
    nobody = Q(actor=None)
    person = Q(actor_kind=ActorKind.PERSON) & ~Q(actor_name="")
    others = [
        Q(actor_kind=kind, actor_name=kind.label) & nobody for kind in (ActorKind.XERO, ActorKind.SYSTEM)
    ]
    known = person & (~nobody | Q(actor_name=FORMER_PERSON))
    return models.CheckConstraint(condition=known | others[0] | others[1], name=name)


class AuditEntry(WorkspaceOwned, Attributed):
    """One action of a person, of Xero or of Tandem itself on one record. Append-only."""

    action = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=40)
    target_id = models.UUIDField()
    summary = models.CharField(max_length=300)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["workspace", "target_id", "-id"], name="audit_by_target")]
        constraints = [actor_fits("audit_actor_fits")]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return self.summary


class Submission(WorkspaceOwned):
    """A form that arrived, by the token it was given when it was made, and the record it made. See `submissions`."""

    token = models.UUIDField()
    digest = models.CharField(max_length=64)
    target_kind = models.CharField(max_length=60, blank=True)
    target_id = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "token"], name="submission_once"),
            models.CheckConstraint(
                condition=Q(target_kind="", target_id=None)
                | (~Q(target_kind="") & Q(target_id__isnull=False)),
                name="submission_target_is_whole",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="submission_by_age")]

    def __str__(self) -> str:
        return f"Submission {self.token}"


class Invitation(WorkspaceOwned, Attributed):
    """A place in the workspace, offered to an address by a super user (the actor). Its link works once, for a while;
    of the link only a hash is kept."""

    email = models.EmailField("e-mail address")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.STAFF)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                "workspace",
                Lower("email"),
                condition=Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation_per_address",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None), name="invitation_ended_one_way"
            ),
            actor_fits("invitation_actor_fits"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()
