"""The room of lines serves every document that has lines, and so names none."""

from __future__ import annotations

import re

from tests.architecture.source import ROOT, modules_of

DOCUMENT = re.compile(r"invoic|\bcredit.?notes?\b|\bbill(?:s|ed)?\b|\bpayments?\b", re.I)
FILES = ("templates/lines/*.html", "static/js/line-editor.js", "static/css/components/lines.css")


def test_lines_room_names_no_document() -> None:
    texts = {module.path: module.text for module in modules_of("lines")}
    texts |= {
        str(path.relative_to(ROOT)): path.read_text() for pattern in FILES for path in ROOT.glob(pattern)
    }
    assert len(texts) > len(FILES)
    assert {path: DOCUMENT.findall(text) for path, text in texts.items() if DOCUMENT.search(text)} == {}
