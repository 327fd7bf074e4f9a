"""Mail to people: written from a template now, sent once the transaction is committed.

A template is `templates/mail/<name>.txt`: its text, and its subject in a partial.

    {% partialdef subject %}You are invited to {{ workspace }}{% endpartialdef %}
    {{ name }} invites you. Open this link: {{ link }}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def send_after_commit(*, to: str, template: str, context: Mapping[str, Any]) -> None:
    """Write the mail `template` to the address `to` now, and send it once the transaction is committed.

    Raises TemplateDoesNotExist at once. A mail that cannot be sent is logged, without the address, and reaches
    nobody: a page that promises a mail offers to send it again.
    """
    message = EmailMessage(_subject(template, context), _text(template, context), to=[to])
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
