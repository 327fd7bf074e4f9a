"""Xero's side of each kind: what is written of it, and how it is read. Pure: no I/O, no clock."""
