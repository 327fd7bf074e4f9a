"""What was taught of the remote side's words. Each process knows it for some seconds."""

from __future__ import annotations

from django.core.cache import caches

from accounting.models import Lesson
from accounting.port.meanings import Meaning
from accounting.providers.registry import meaning_of

KNOWN, SECONDS = "lessons", 5


def taught_meaning(said: str) -> Meaning | None:
    """What a message means by what was taught; None for one that the catalogue knows, or that nobody taught."""
    if not said or meaning_of(said) is not None:
        return None
    lowered = said.lower()
    return next((meaning for part, meaning in _lessons() if part in lowered), None)


def say_taught(words: str, said: str) -> str:
    """The words for a message as they were taught, else these."""
    meaning = taught_meaning(said)
    return meaning.words if meaning else words


def forget_lessons() -> None:
    """This process reads them again."""
    caches["process"].delete(KNOWN)


def _lessons() -> list[tuple[str, Meaning]]:
    known: list[tuple[str, Meaning]] | None = caches["process"].get(KNOWN)
    if known is None:
        known = [(lesson.part.lower(), lesson.meaning) for lesson in Lesson.objects.order_by("pk")]
        caches["process"].set(KNOWN, known, SECONDS)
    return known
