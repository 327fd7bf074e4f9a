"""Writes of credit. Whoever needs several rows locks the credit notes first, by id, then the invoices, by id, and then
allocations and refunds.

`by` is the person who acts, None when Xero does. Under `origin() == "remote"` what Xero says is taken: locks
and refusals that protect users from themselves do not apply.
"""
