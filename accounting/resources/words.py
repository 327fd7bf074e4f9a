"""What people call things of a kind, and one of them in a list."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Words:
    """What people call things of this kind.

    `name` in a sentence and `title` at its beginning; `removed` on a badge and `removed_there` in a sentence;
    `never_sent` of one that stays here; `stranger` for one of theirs that none of ours is linked to; `taken` where
    another record has its key; `restore_there` where one that was removed there, and may come back, was changed here;
    `follow_there` of what refers to one that was merged into another there.
    """

    name: str
    title: str
    removed: str
    removed_there: str
    never_sent: str
    stranger: str = "A record that is not here"
    taken: str = ""
    restore_there: str = ""
    follow_there: str = "What refers to it goes there"


@dataclass(frozen=True, slots=True)
class Named:
    """What one of our records is called in a list of several kinds, and the page that shows it."""

    local_id: UUID
    name: str
    page: str
    page_id: UUID
