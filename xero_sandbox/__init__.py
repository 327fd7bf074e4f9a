"""A server that speaks like Xero, for demonstrations and tests; it is not Xero and shares no code with Tandem.

It keeps two small companies' books in memory, answers OAuth 2.0 and the accounting API as strictly as Xero
is known to answer, sends signed webhooks, lets a person be the bookkeeper in its pages, and breaks on
request in every way a real service breaks.
"""
