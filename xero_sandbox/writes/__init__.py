"""The writes themselves: each takes one element of a request and changes the books, or raises Rejected.

The API and the bookkeeper's pages both come through here, so a person is held to the same rules as a program.
"""
