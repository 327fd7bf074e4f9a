"""Whose document it is: Xero finds, edits or even makes the contact from what stands inside the document."""

from __future__ import annotations

from xero_sandbox.documents import Contact
from xero_sandbox.errors import Rejected
from xero_sandbox.fields import Fields
from xero_sandbox.rules import messages
from xero_sandbox.writes.contacts import contact_by_id, write_contact
from xero_sandbox.writes.context import Writing

_KEY = {"ContactID", "HasAttachments", "HasValidationErrors"}


def resolve_contact(
    sent: Fields, writing: Writing, errors: list[str], current: str | None = None
) -> Contact | None:
    """The contact meant by `Contact`, or None when nothing was sent and the document has one already.

    Only {"ContactID": ...} is harmless: any other field edits the contact (Xero docs, "Invoices: contact").
    """
    given = sent.child("Contact")
    if given is None:
        if current is None:
            errors.append(messages.CONTACT_NEEDED)
        return None
    identity = given.text("ContactID")
    if identity and not _edits(given):
        return _usable(contact_by_id(writing.books, identity), current, errors)
    if not identity and not given.text("Name") and not given.text("ContactNumber"):
        errors.append(messages.CONTACT_NEEDED)
        return None
    return _written(given, writing, errors)


def _edits(given: Fields) -> bool:
    return any(given.has(name) and given.data[name] != [] for name in given.data if name not in _KEY)


def _usable(contact: Contact, current: str | None, errors: list[str]) -> Contact:
    """A document may keep a contact that was archived later, but cannot be given one."""
    if contact.status == "ARCHIVED" and contact.id != current:
        errors.append(messages.CONTACT_ARCHIVED)
    return contact


def _written(given: Fields, writing: Writing, errors: list[str]) -> Contact | None:
    try:
        return write_contact(given, Writing(writing.books, client_id=writing.client_id))[0]
    except Rejected as rejected:
        errors += rejected.messages
        return None
