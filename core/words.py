"""Sentences about records whose kind is not known beforehand."""

from __future__ import annotations


def with_article(noun: str) -> str:
    """ "an invoice", "a bill"."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
