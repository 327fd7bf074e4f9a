"""Mail to people: written from a template now, sent once the transaction is committed.

A template is `templates/mail/<name>.txt`: its text, and its subject in a partial.

    {% partialdef subject %}You are invited to {{ workspace }}{% endpartialdef %}
    {{ name }} invites you. Open this link: {{ link }}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.template import Context, Engine
from django.urls import reverse

from core.transactions import after_commit

log = structlog.get_logger(__name__)


def link_to(name: str, *args: object) -> str:
    """The whole address of the page `name`, for a mail. Its host is SITE_URL's: what a request says of its own host,
    a stranger may have written."""
    return settings.SITE_URL + reverse(name, args=args)


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a mail stands among others on the same matter: `matter` is the same for all of them, `mail` is its own,
    and `answers` is the one that it goes on from, if there is one. Mail programs show them together."""

    matter: str
    mail: str
    answers: str = ""

    def headers(self) -> dict[str, str]:
        before = [name for name in (self.matter, self.answers) if name]
        return {
            "Message-ID": _message_id(self.mail),
            "In-Reply-To": _message_id(before[-1]),
            "References": " ".join(map(_message_id, before)),
        }


def _message_id(name: str) -> str:
    return f"<{name}@{urlsplit(settings.SITE_URL).hostname}>"


def send_after_commit(
    *, to: str, template: str, context: Mapping[str, Any], thread: Thread | None = None
) -> None:
    """Write the mail `template` to the address `to` now, and send it once the transaction is committed.

    Raises TemplateDoesNotExist at once. A mail that cannot be sent is logged, without the address, and reaches
    nobody: a page that promises a mail offers to send it again.
    """
    headers = thread.headers() if thread else None
    message = EmailMessage(_subject(template, context), _text(template, context), to=[to], headers=headers)
    after_commit(lambda: _send(message, template))


def _subject(template: str, context: Mapping[str, Any]) -> str:
    """In one line, whatever a name in it holds."""
    return " ".join(_render(f"mail/{template}.txt#subject", context).split())


def _text(template: str, context: Mapping[str, Any]) -> str:
    return _render(f"mail/{template}.txt", context).strip() + "\n"


def _render(name: str, context: Mapping[str, Any]) -> str:
    """Plain text: nothing in it is escaped."""
    return str(Engine.get_default().get_template(name).render(Context(dict(context), autoescape=False)))


def _send(message: EmailMessage, template: str) -> None:
    try:
        message.send()
    except Exception as error:  # whatever a mail server says may hold the address, so its words are not kept
        log.error("mail_not_sent", template=template, error=type(error).__name__)
