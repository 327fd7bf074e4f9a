"""The inbox: deliveries as they came, and the events in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class DeliveryState(models.TextChoices):
    RECEIVED = "received", "Stored"
    PROCESSED = "processed", "Worked off"
    MALFORMED = "malformed", "Signed, but not understood"


class EventState(models.TextChoices):
    RECEIVED = "received", "Stored"
    REQUESTED = "requested", "A read was requested"
    ECHO = "echo", "Our own change coming back"
    IGNORED = "ignored", "Nothing to do"


class Delivery(models.Model):
    """One genuine POST. Stored before it is answered and before anybody knows whose organisation it is about,
    so it belongs to no workspace. A forged one is never stored."""

    provider = models.CharField(max_length=20, default="xero")
    body = models.BinaryField()
    received_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.RECEIVED)
    event_count = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["id"], condition=Q(state=DeliveryState.RECEIVED), name="delivery_waiting")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.RECEIVED, processed_at=None)
                | (~Q(state=DeliveryState.RECEIVED) & Q(processed_at__isnull=False)),
                name="delivery_processed_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Delivery {self.pk}"


class Event(models.Model):
    """One event, once: a repeat of it has the same key. It may name an organisation that nobody connected."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="events")
    key = models.CharField(max_length=64, unique=True)
    tenant_id = models.CharField(max_length=64, blank=True)
    category = models.CharField(max_length=40)
    change = models.CharField(max_length=20)
    remote_id = models.CharField(max_length=64, blank=True)
    happened_at = models.DateTimeField(null=True, blank=True)
    workspace = models.ForeignKey(
        "workspaces.Workspace", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=10, choices=EventState.choices, default=EventState.RECEIVED)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["tenant_id", "remote_id"], name="event_by_record")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=EventState.values), name="webhook_event_state_known")
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.change} {self.remote_id}"
