"""Names of companies, as people write one and the same in different ways."""

from __future__ import annotations

import re
import unicodedata

LEGAL = frozenset(
    [
        "ab",
        "ag",
        "and",
        "as",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "gmbh",
        "inc",
        "incorporated",
        "kg",
        "limited",
        "llc",
        "llp",
        "lp",
        "ltd",
        "nv",
        "oy",
        "plc",
        "pty",
        "sa",
        "sarl",
        "srl",
        "the",
        "und",
    ]
)
"""Words that say how a company is made and not which one it is."""


def bare(text: str) -> str:
    """The text without case, accents, punctuation and runs of blanks."""
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w]+", " ", letters.casefold()).split())


def core(name: str) -> str:
    """What is left of a name without the words of its legal form; all of it where nothing would be left."""
    words = bare(name).split()
    return " ".join(word for word in words if word not in LEGAL) or " ".join(words)


def names_agree(ours: str, theirs: str) -> bool:
    """Whether two names may be one company's: the same but for the legal form, or one within the other."""
    mine, other = set(core(ours).split()), set(core(theirs).split())
    return bool(mine and other) and (mine <= other or other <= mine)
