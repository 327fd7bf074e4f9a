"""Which passwords are refused: those that a machine guesses soon, knowing whose they are and what they open."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError

from workspaces.models import User
from workspaces.queries import workspaces_of

PRODUCT_WORDS = ("tandem", "xero", "invoice")
STRONG = 3  # zxcvbn's "safely unguessable": more than 10^8 guesses
SCORED = 72  # the score's cost grows with the square of the length; what is longer is strong by its beginning
LETTERS = str.maketrans("013457@$!", "oleastasi")
EASY = "This password is easy to guess. Take three or four words that do not belong together."
ABOUT_YOU = (
    "Your name, your workspace, Tandem and Xero are what is guessed first."
    " Take words that have nothing to do with them."
)


class StrengthValidator:
    """Asks zxcvbn, which knows the lists of leaked passwords, names, dates and keyboards, and counts words about the
    person and the product for nothing."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError for a password that is easy to guess."""
        if _score(password, []) < STRONG:
            raise ValidationError(EASY, code="password_easy")
        words = words_about(user)
        rest = _without(password, words)
        if min(_score(password, words), _score(rest, words)) < STRONG:
            raise ValidationError(ABOUT_YOU, code="password_about_you")

    def get_help_text(self) -> str:
        return "Three or four words that do not belong together are good."


def words_about(user: Any) -> list[str]:
    """What anybody may know of the person and of what the password opens, in small letters, the longest first."""
    texts = list(PRODUCT_WORDS)
    if isinstance(user, User):
        texts += [user.name, user.email]
        texts += [workspace.name for workspace in workspaces_of(user)] if user.pk else []
    words = {word for text in texts for word in re.findall(r"\w{3,}", text.lower())}
    return sorted(words, key=len, reverse=True)


def _without(password: str, words: list[str]) -> str:
    """What is left of the password once the words are cut out, also where figures stand for their letters."""
    left = list(password)
    for found in re.finditer("|".join(map(re.escape, words)), password.lower().translate(LETTERS)):
        left[found.start() : found.end()] = [""] * (found.end() - found.start())
    return "".join(left)


def _score(password: str, words: list[str]) -> int:
    from zxcvbn import zxcvbn  # noqa: PLC0415  (its lists are large, and few requests choose a password)

    return int(zxcvbn(password[:SCORED], user_inputs=words)["score"]) if password else 0
