"""Secrets are compared in a time that tells nothing: with `compare_digest`, never with == or `in`."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.source import HOUSE, modules_of

SECRET = re.compile(
    r"(^|_)(signature|digest|hmac|secret|password|verifier|token|api_?key|session_key|recovery_code)$"
)
NO_SECRET = {
    "panel.token == request.GET.get('seen')": "says which state of a panel the page shows already",
    "submission.digest != ticket.digest": "says whether a form that came twice came with the same words",
}
DRESSED = {"encode", "decode", "hexdigest", "strip", "lower"}
COMPARED = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)


def compared_secrets(tree: ast.AST) -> list[str]:
    """Each comparison of something that bears a secret's name with something that is no constant."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    return [ast.unparse(node) for node in found if _is_plain(node) and _names_a_secret(node)]


def _is_plain(node: ast.Compare) -> bool:
    """Not with a word that stands in the code: that is a choice among kinds, not a proof of anything."""
    is_constant = any(isinstance(side, ast.Constant) for side in [node.left, *node.comparators])
    return isinstance(node.ops[0], COMPARED) and not is_constant


def _names_a_secret(node: ast.Compare) -> bool:
    return any(SECRET.search(_last_name(side)) for side in [node.left, *node.comparators])


def _last_name(node: ast.expr) -> str:
    """`request.headers.signature` and `signature.encode()` end in a name; what `sign` returns is a signature."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in DRESSED:
        return _last_name(node.func.value)
    if isinstance(node, ast.Call):
        return "signature" if _last_name(node.func) == "sign" else _last_name(node.func)
    return getattr(node, "attr", "") or getattr(node, "id", "")


def test_secrets_are_never_compared_with_operators() -> None:
    found = {line for module in modules_of(*HOUSE) for line in compared_secrets(module.tree)}
    assert found == set(NO_SECRET)


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ("sign(body, key) == signature", True),
        ("sign(body, key).encode() == given", True),
        ("given == delivery.signature", True),
        ("signature in [sign(body, key) for key in keys]", True),
        ("user.password != password", True),
        ("kind == 'token'", False),
        ("hmac.compare_digest(sign(body, key), signature)", False),
    ],
)
def test_comparison_of_a_secret_is_recognised(code: str, is_found: bool) -> None:
    assert bool(compared_secrets(ast.parse(code))) is is_found


def test_webhook_signatures_are_compared_in_constant_time() -> None:
    text = next(m.text for m in modules_of("accounting") if m.name.endswith("xero.signature"))
    assert "compare_digest(" in text
