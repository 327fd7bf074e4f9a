"""Xero's rules as plain functions: no state, no network, no Flask."""
