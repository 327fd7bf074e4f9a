"""Causes put right from their own page: one module a fix, by the name that the catalogue gives it (ADR 34)."""

from accounting.sync.fixes.base import Ask, CannotFix
from accounting.sync.fixes.doing import Offer, Outcome, fix, name_fix, offer_of, rehearse

__all__ = ["Ask", "CannotFix", "Offer", "Outcome", "fix", "name_fix", "offer_of", "rehearse"]
