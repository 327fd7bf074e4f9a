"""What the people who run Tandem taught it of the remote side's words, between two releases."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounting.port.meanings import Fix, Fixer, Meaning

FIXERS = [(fixer.name, fixer.value) for fixer in Fixer]
FIXES = [(fix.name, fix.value) for fix in Fix]


class Lesson(models.Model):
    """One more row of the catalogue of causes, for every workspace: a part of a message, and what it means."""

    part = models.CharField(
        "part of the message",
        max_length=200,
        help_text="As short as it is telling, without names and numbers. Upper and lower case are alike.",
    )
    key = models.SlugField(
        max_length=40,
        help_text="What alike failures are gathered under; that of a known cause joins them to it.",
    )
    cause = models.CharField(max_length=60, help_text="In a few words, as a title: account archived.")
    words = models.CharField(
        max_length=500, help_text="What people are told instead: what is wrong, what to do."
    )
    fixer = models.CharField("who can put it right", max_length=20, choices=FIXERS)
    fix = models.CharField("how", max_length=30, choices=FIXES)

    class Meta:
        ordering = ["cause"]
        constraints = [
            models.UniqueConstraint(Lower("part"), name="lesson_part_once"),
            models.CheckConstraint(
                condition=~Q(part="") & ~Q(key="") & ~Q(cause="") & ~Q(words=""), name="lesson_says_it_all"
            ),
            models.CheckConstraint(
                condition=Q(fixer__in=Fixer.__members__, fix__in=Fix.__members__), name="lesson_ways_known"
            ),
        ]

    def __str__(self) -> str:
        return self.cause

    @property
    def meaning(self) -> Meaning:
        return Meaning(self.key, self.cause, Fixer[self.fixer], Fix[self.fix], self.words)
