"""Templates: nothing a strict content security policy would stop, and nothing that nobody shows."""

from __future__ import annotations

import re
from pathlib import Path

from tests.architecture.source import HOUSE, ROOT, modules_of

FOLDERS = ("templates", *HOUSE)
FORBIDDEN = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "an inline style sheet": re.compile(r"<style\b", re.I),
    "a style attribute": re.compile(r"\sstyle\s*=", re.I),
    "an event handler": re.compile(r"\son[a-z]+\s*=|\shx-on[:-]", re.I),
    "a script in a link": re.compile(r"javascript:", re.I),
    "something from another host": re.compile(r"(?:src|<link[^>]*href)=[\"']?(?:https?:)?//", re.I),
}
COUNT = re.compile(r'class="count[^"]*">({{[^}]*}})')
CELL = re.compile(r"<t[dh]\b([^>]*\bdata-label\b[^>]*)>(.*?)</t[dh]>", re.S)
COMMENT = re.compile(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}|<!--.*?-->", re.S)
SHOWN_BY_FRAMEWORKS = re.compile(r"^(\d{3}(_csrf)?\.html|(account|allauth|mfa|admin|usersessions)/)")


def _templates() -> dict[str, str]:
    """Name as the loader knows it -> text without comments."""
    found = {}
    for folder in FOLDERS:
        base = ROOT / folder if folder == "templates" else ROOT / folder / "templates"
        for path in sorted(base.rglob("*.html")) if base.exists() else ():
            found[str(path.relative_to(base))] = COMMENT.sub("", path.read_text())
    return found


def _component_tag(name: str) -> str:
    parts = Path(name).relative_to("cotton").with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "index" else parts
    return f"<c-{'.'.join(parts).replace('_', '-')}"


def test_templates_have_nothing_the_policy_stops() -> None:
    broken = [
        f"{name}: {what}"
        for name, text in _templates().items()
        for what, pattern in FORBIDDEN.items()
        if pattern.search(text)
    ]
    assert broken == []


def test_paper_plane_stands_for_what_goes_to_xero_alone() -> None:
    elsewhere = [
        name
        for name, text in _templates().items()
        if 'icon="send"' in text and not name.startswith(("accounting/", "design/"))
    ]
    assert elsewhere == []


def test_cells_of_sentences_keep_them_in_one_piece_where_a_row_becomes_a_card() -> None:
    torn = [
        name
        for name, text in _templates().items()
        for attributes, content in CELL.findall(text)
        if re.search(r"<(p|ul|ol)\b", content) and "tells" not in attributes and not name.startswith("lines/")
    ]
    assert torn == []


def test_counts_are_shown_with_their_thousands_separated() -> None:
    counts = [found for text in _templates().values() for found in re.findall(COUNT, text)]
    assert len(counts) > 3
    assert [count for count in counts if "|intcomma" not in count] == []


def test_templates_are_all_used() -> None:
    templates = _templates()
    everything = "\n".join([*templates.values(), *(module.text for module in modules_of(*HOUSE))])
    unused = [
        name for name in templates if not SHOWN_BY_FRAMEWORKS.match(name) and not _is_used(name, everything)
    ]
    assert unused == []


def _is_used(name: str, everything: str) -> bool:
    if name.startswith("cotton/") and re.search(re.escape(_component_tag(name)) + r"[\s/>]", everything):
        return True
    return re.search(rf"[\"']{re.escape(name)}[\"'#]", everything) is not None
