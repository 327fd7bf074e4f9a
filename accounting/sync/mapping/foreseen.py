"""What a person was shown of what saving does, before they agreed to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.core import signing

from accounting.sync.mapping.choices import Change
from accounting.sync.mapping.effects import Effect, What

_SALT = "accounting.mapping.foreseen"


class NotForeseen(Exception):
    """Saving does what nobody has agreed to. `foreseen` says what; nothing was kept."""

    def __init__(self, foreseen: Foreseen) -> None:
        super().__init__(*map(str, foreseen.effects))
        self.foreseen = foreseen


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What changes, and what that does to records. Without anything: nobody has been shown anything yet."""

    changes: tuple[Change, ...] = ()
    effects: tuple[Effect, ...] = ()

    @property
    def sends_again(self) -> bool:
        """Whether something that is there is written anew."""
        return any(effect.what == What.AGAIN for effect in self.effects)

    def require_within(self, seen: Foreseen) -> None:
        """Raises NotForeseen unless all this was seen. That fewer records are left by now is no news."""
        known = all(any(other.covers(effect) for other in seen.effects) for effect in self.effects)
        if not known or (self.effects and self.changes != seen.changes):
            raise NotForeseen(self)

    def sealed(self) -> str:
        """As a page carries it to the step that agrees to it."""
        effects = [(effect.what.name, effect.kind, effect.count, effect.is_more) for effect in self.effects]
        return signing.dumps([self.changes, effects], salt=_SALT)

    @classmethod
    def unsealed(cls, sealed: str) -> Self:
        """What such a page carried; nothing seen where it was tampered with."""
        try:
            changes, effects = signing.loads(sealed, salt=_SALT)
        except signing.BadSignature:
            return cls()
        told = (Effect(What[name], *rest) for name, *rest in effects)
        return cls(tuple((name, was, now) for name, was, now in changes), tuple(told))
