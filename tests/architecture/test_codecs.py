"""What Xero calls a kind, and how it is dealt with there, is said in the kind's own module and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import ROOT, Module, modules_of, where

PROVIDERS = "accounting/providers"
XERO = "accounting.providers.xero"
KINDS = f"{XERO}.kinds"
DOORS = {f"{KINDS}.base", f"{KINDS}.registry"}
NAMES = {"kind", "envelope", "id_field", "category", "comes_with", "lister", "writers"}
"""What a codec declares that would give its kind away anywhere else."""


def _kinds() -> list[Module]:
    return [module for module in modules_of(PROVIDERS) if module.name.startswith(f"{KINDS}.")]


def _outside() -> list[Module]:
    return [module for module in modules_of(PROVIDERS) if not module.name.startswith(KINDS)]


def _codecs() -> Iterator[ast.ClassDef]:
    """Those of kinds, and what several of them share."""
    for module in _kinds():
        classes = (node for node in module.tree.body if isinstance(node, ast.ClassDef))
        yield from (
            node for node in classes if any(ast.unparse(base).endswith("Codec") for base in node.bases)
        )


def _is_of_a_kind(codec: ast.ClassDef) -> bool:
    assigned = (statement for statement in codec.body if isinstance(statement, ast.Assign))
    return "kind" in {ast.unparse(statement.targets[0]) for statement in assigned}


def _telling(codec: ast.ClassDef) -> set[str]:
    """The words that this codec declares for its kind, in lower case."""
    told = [
        node.value
        for statement in codec.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) in NAMES
        for node in ast.walk(statement.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return {word.lower() for word in told} - {"", "create", "update", "remove"}


def _words(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """Every text and every name of the module; a text at an address like /Invoices/ is the word in it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node, node.value.strip("/").lower()
        elif isinstance(node, ast.Attribute):
            yield node, node.attr.lower()
        elif isinstance(node, ast.Name):
            yield node, node.id.lower()


def _imported(module: Module) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(KINDS):
            direct = node.module == KINDS
            yield from (
                (node, f"{KINDS}.{alias.name}" if direct else str(node.module)) for alias in node.names
            )


def test_nothing_outside_the_kinds_names_one() -> None:
    told = set().union(*map(_telling, _codecs()))
    assert {"customer", "invoices", "paymentid", "get_contacts", "contact"} <= told, "the walk sees codecs"
    assert len(_outside()) > 10
    named = [
        f"{where(module, node)} {word}"
        for module in _outside()
        for node, word in _words(module)
        if word in told
    ]
    assert named == []


def test_kinds_are_reached_through_their_registry() -> None:
    reached = [
        f"{where(module, node)} {name}"
        for module in _outside()
        for node, name in _imported(module)
        if name not in DOORS
    ]
    assert reached == []


def test_every_codec_is_registered() -> None:
    registry = (ROOT / PROVIDERS / "xero" / "kinds" / "registry.py").read_text()
    mine = [codec.name for codec in _codecs() if _is_of_a_kind(codec)]
    assert [name for name in mine if f"    {name}(),\n" not in registry] == []
