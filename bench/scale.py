"""How large the runs are: `tiny` proves that they work, `usual` takes minutes, `full` is the size of the goals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Size = Literal["tiny", "usual", "full"]


@dataclass(frozen=True, slots=True)
class Scale:
    """The size of this run."""

    size: Size = "usual"

    def pick(self, *, tiny: int, usual: int, full: int) -> int:
        """The number for this size."""
        return {"tiny": tiny, "usual": usual, "full": full}[self.size]
