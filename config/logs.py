"""Log lines: one event each, with the request or task, the workspace and the connection they belong to, and never a
secret.

Every line, ours or a library's, passes `Redact` last: whatever its author put into it, tokens, authorization
codes, links that open something, people's addresses, the values of refused rows and the secrets of this installation
are replaced before the line is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

HIDDEN = "[hidden]"
SECRET_NAMES = re.compile(
    r"token|secret|password|authorization|cookie|verifier|signature|api_?key|^code$|^keys?$", re.IGNORECASE
)
SECRET_TEXTS = (
    re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"),
    re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}\.?[\w-]*"),  # a JSON web token
    re.compile(
        r"""(?ix)( (?:access_|refresh_|id_)?token | code(?:_verifier)? | client_secret | password | state )
        (["']?\s*[=:]\s*["']?) [^\s&"',;}]{6,}"""
    ),
)
SECRET_PATH = re.compile(
    r"""(?ix)( (?:/|%2f) (?: password (?:/|%2f) reset (?:/|%2f) key | confirm-email
                           | address (?:/|%2f) confirm | invitations? )
        (?:/|%2f) ) (?!done\b) [^\s/"'<>?&%]+"""
)
"""A path whose last part opens something: a reset, a confirmation, an invitation. A test walks all URLs for others."""
ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
ROW_VALUES = re.compile(r"\bDETAIL: .*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL)
"""What Postgres adds to a refusal: the values of the row. It ends where the traceback goes on."""
KEPT = {"status_code", "token_expires_at", "error_code", "country_code"}


class Redact:
    """A structlog processor that hides secrets: by the name of the field, by their shape, and by their value."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({re.escape(secret) for secret in secrets if len(secret) >= 8}, key=len, reverse=True)
        self.known = re.compile("|".join(known)) if known else None

    def __call__(self, logger: Any, method: str, event: EventDict) -> EventDict:
        for name, value in event.items():
            event[name] = self.value(name, value)
        return event

    def value(self, name: str, value: Any) -> Any:
        """The value of a field, fit to be written."""
        if isinstance(value, bool | int | float | None):
            return value
        if not name.startswith("_") and name not in KEPT and SECRET_NAMES.search(name):
            return HIDDEN
        if isinstance(value, dict):
            return {key: self.value(str(key), inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(name, inner) for inner in value]
        return value if name.startswith("_") else self.text(str(value))

    def text(self, text: str) -> str:
        """The text without what looks like a secret, and without the secrets of this installation."""
        bearer, jwt, pair = SECRET_TEXTS
        text = bearer.sub(rf"\1 {HIDDEN}", text)
        text = jwt.sub(HIDDEN, text)
        text = pair.sub(rf"\1\2{HIDDEN}", text)
        text = SECRET_PATH.sub(rf"\1{HIDDEN}", text)
        text = ROW_VALUES.sub(f"DETAIL: {HIDDEN}", text)
        text = ADDRESS.sub("[address]", text)
        return self.known.sub(HIDDEN, text) if self.known else text


def _before() -> list[Processor]:
    """What every line gets: the request's and the task's context, its level, where it comes from, when."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def configure(
    *, level: str, file: str = "", json: bool = False, secrets: Iterable[str] = ()
) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING: lines to the console, or to `file`, as text or as JSON."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_before(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler: dict[str, Any] = {"class": "logging.StreamHandler", "formatter": "line"}
    if file:
        handler = {"class": "logging.handlers.WatchedFileHandler", "filename": file, "formatter": "line"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": _formatter, "json": json, "secrets": list(secrets)}},
        "handlers": {"line": handler},
        "root": {"handlers": ["line"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["line"], "level": level, "propagate": False},
            # It repeats what the request's own lines tell, after the request, when nobody knows any more whose it was.
            "django.request": {"level": "CRITICAL"},
        },
    }


def _formatter(json: bool, secrets: list[str]) -> structlog.stdlib.ProcessorFormatter:
    renderer: Processor = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_before(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.EventRenamer("event"),
            Redact(secrets),
            renderer,
        ],
    )
