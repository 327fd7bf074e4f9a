"""Xero's side of each kind, a codec a kind: what is written of it, how it is read, and where it lives there. Pure."""
