"""Sentences about records whose kind is not known beforehand."""

from __future__ import annotations

from collections.abc import Sequence


def with_article(noun: str) -> str:
    """ "an invoice", "a bill"."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def listed(words: Sequence[str]) -> str:
    """The words as one says them: "invoices", "customers and invoices", "customers, invoices and payments"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
