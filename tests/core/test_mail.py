"""Mail is written at once, sent after the commit, and a mail server in trouble tells nobody's address."""

from __future__ import annotations

import copy
from pathlib import Path
from smtplib import SMTPRecipientsRefused

import pytest
import structlog
from django.core import mail
from django.template import TemplateDoesNotExist
from pytest_django.fixtures import Settings

from core.mail import link_to, send_after_commit
from core.testing import capture_commits

TEMPLATE = """{% partialdef subject %}
News for {{ name }}
{% endpartialdef %}
Dear {{ name }},
open {{ link }}
"""

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _template(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail/news.txt").write_text(TEMPLATE)
    settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    settings.TEMPLATES[0]["DIRS"] = [tmp_path]


def _send(**context: str) -> None:
    send_after_commit(to="ana@example.com", template="news", context=context)


def test_mail_is_sent_only_after_the_commit() -> None:
    with capture_commits(execute=False) as waiting:
        _send(name="Ana")
        assert mail.outbox == []
    waiting[0]()

    assert [message.to for message in mail.outbox] == [["ana@example.com"]]


def test_mail_is_plain_text_with_nothing_escaped() -> None:
    with capture_commits():
        _send(name="O'Neil & Co", link="https://x.example/?a=1&b=2")

    assert mail.outbox[0].subject == "News for O'Neil & Co"
    assert mail.outbox[0].body == "Dear O'Neil & Co,\nopen https://x.example/?a=1&b=2\n"


def test_line_break_in_a_name_adds_no_header() -> None:
    with capture_commits():
        _send(name="Ana\r\nBcc: all@example.com")

    assert mail.outbox[0].subject == "News for Ana Bcc: all@example.com"


def test_mail_that_cannot_be_sent_is_logged_without_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = SMTPRecipientsRefused({"ana@example.com": (550, b"no such user")})
    monkeypatch.setattr(mail.EmailMessage, "send", lambda self: (_ for _ in ()).throw(refusal))
    with structlog.testing.capture_logs() as lines, capture_commits():
        _send(name="Ana")

    assert lines == [
        {
            "event": "mail_not_sent",
            "template": "news",
            "error": "SMTPRecipientsRefused",
            "log_level": "error",
        }
    ]


def test_mail_without_a_template_fails_where_it_is_asked_for() -> None:
    with pytest.raises(TemplateDoesNotExist):
        send_after_commit(to="ana@example.com", template="missing", context={})


def test_link_in_a_mail_has_the_host_of_the_settings(settings: Settings) -> None:
    settings.SITE_URL = "https://tandem.example.com"

    assert link_to("account_login") == "https://tandem.example.com/accounts/login/"


def test_connection_to_the_mail_server_has_a_time_out(settings: Settings) -> None:
    assert 0 < settings.EMAIL_TIMEOUT <= 15
