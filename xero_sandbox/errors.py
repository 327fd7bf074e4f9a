"""What can be wrong with a call, as exceptions the API and the pages both turn into words."""

from __future__ import annotations


class SandboxError(Exception):
    """Base of everything the rules raise."""


class Rejected(SandboxError):
    """One element breaks rules; `messages` are the sentences Xero would answer."""

    def __init__(self, *messages: str) -> None:
        super().__init__("; ".join(messages))
        self.messages = list(messages)


class NotFound(SandboxError):
    """The whole call answers 404: an id in the path, or an unknown id inside a write."""


class Unreadable(SandboxError):
    """The call cannot be read at all: broken JSON, a wrong type, a filter that does not parse."""

    def __init__(self, number: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.number, self.kind, self.message = number, kind, message


def bad_data(message: str) -> Unreadable:
    return Unreadable(14, "PostDataInvalidException", message)


def bad_query(message: str) -> Unreadable:
    return Unreadable(16, "QueryParseException", message)


def no_data() -> Unreadable:
    return Unreadable(17, "NoDataProcessedException", "No data was processed: the request held no elements.")
