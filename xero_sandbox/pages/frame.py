"""What every page shares: the blueprint, the organisation in the address, and protection against other sites."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for

from xero_sandbox.books import Books
from xero_sandbox.errors import Rejected, Unreadable
from xero_sandbox.sandbox import Sandbox

pages = Blueprint("pages", __name__, static_folder="static", static_url_path="/sandbox-static")

_MACHINE_PATHS = ("/api.xro/", "/connections", "/Connections", "/connect/", "/__sandbox__/")
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def this_sandbox() -> Sandbox:
    sandbox: Sandbox = current_app.extensions["sandbox"]
    return sandbox


def books_of(slug: str) -> Books:
    """The organisation in the address, or 404."""
    books = this_sandbox().store.books_by_slug(slug)
    if books is None:
        abort(404)
    return books


def page(template: str, slug: str | None = None, code: int = 200, **values: Any) -> tuple[str, int]:
    """Render under the lock: pages read live records."""
    with this_sandbox().lock:
        if slug is not None:
            values |= {"slug": slug, "organisation": books_of(slug).organisation}
        return render_template(template, **values), code


def page_context() -> dict[str, Any]:
    """For the switcher and the tabs; pages outside an organisation use the first."""
    organisations = [books.organisation for books in this_sandbox().store.books.values()]
    return {
        "organisations": organisations,
        "organisation": organisations[0],
        "slug": organisations[0].slug,
        "waiting_faults": len(this_sandbox().faults.waiting()),
        "here": request.endpoint or "",
    }


def go(endpoint: str, said: str = "", **values: Any) -> Response:
    """Post, redirect, get: the next page shows what was done."""
    if said:
        flash(said)
    response: Response = redirect(url_for(f"pages.{endpoint}", **values), 303)  # type: ignore[assignment]
    return response


@contextmanager
def collecting(errors: list[str]) -> Iterator[None]:
    """Gather Xero's words where the API would answer 400."""
    try:
        yield
    except Rejected as rejected:
        errors += rejected.messages
    except Unreadable as unreadable:
        errors.append(unreadable.message)


def attempt(act: Callable[[], object], done: str) -> None:
    """Do something small and say how it went, in Xero's words when it was refused."""
    errors: list[str] = []
    with this_sandbox().lock, collecting(errors):
        act()
    for error in errors:
        flash(error, "error")
    if not errors:
        flash(done)


def for_machines() -> bool:
    """True for the addresses programs call."""
    return request.path.startswith(_MACHINE_PATHS)


def refuse_other_sites() -> None:
    """Browsers say where a POST comes from. localhost on another port is another site too."""
    if request.method != "POST" or for_machines():
        return
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site not in ("same-origin", "none") or (
        origin is not None and urlsplit(origin).netloc != request.host
    ):
        abort(403)


def secure(response: Response) -> Response:
    """Strict headers for pages; the API's answers are left as Xero sends them."""
    if for_machines():
        return response
    response.headers["Content-Security-Policy"] = f"{_POLICY}; form-action 'self'{_consent_target()}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != "pages.static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _consent_target() -> str:
    """The consent form is answered by a redirect to the app, which the policy must allow."""
    if request.endpoint not in ("oauth.authorise", "oauth.consent"):
        return ""
    target = urlsplit(request.values.get("redirect_uri", ""))
    known = request.values.get("redirect_uri") in this_sandbox().redirect_uris
    return f" {target.scheme}://{target.netloc}" if known else ""
