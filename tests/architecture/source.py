"""The house's own source, read as syntax trees. Nothing here imports what it looks at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOUSE = (
    "core",
    "workspaces",
    "plans",
    "identity",
    "customers",
    "catalogue",
    "lines",
    "invoices",
    "credit",
    "payments",
    "ledger",
    "accounting",
    "webhooks",
    "config",
)
SANDBOX = "xero_sandbox"

Def = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file: its dotted name, its path from the root, its text and its tree."""

    name: str
    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)


@dataclass(frozen=True)
class Function:
    """A function or method, named like `invoices.services.create_invoice` or `core.crypto.Field.get_lookup`."""

    name: str
    module: Module
    node: Def
    owner: str = ""

    @property
    def lines(self) -> int:
        """From `def` to the last line, decorators left out."""
        return (self.node.end_lineno or self.node.lineno) - self.node.lineno + 1

    @property
    def body_lines(self) -> int:
        """The lines that do something: no signature, no docstring."""
        body = self.node.body[1:] if ast.get_docstring(self.node) else self.node.body
        return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0

    @property
    def decorators(self) -> list[str]:
        return [ast.unparse(decorator) for decorator in self.node.decorator_list]

    @property
    def is_keyword_only(self) -> bool:
        return not (self.node.args.posonlyargs or self.node.args.args or self.node.args.vararg)

    @property
    def keywords(self) -> list[str]:
        return [argument.arg for argument in self.node.args.kwonlyargs]


@cache
def _module(path: Path) -> Module:
    relative = path.relative_to(ROOT)
    name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
    return Module(name, str(relative), path.read_text())


@cache
def modules_of(*packages: str) -> tuple[Module, ...]:
    """Every module of the packages that exist, migrations left out."""
    paths = (path for package in packages for path in sorted((ROOT / package).rglob("*.py")))
    return tuple(_module(path) for path in paths if "migrations" not in path.parts)


@cache
def functions_of(module: Module) -> tuple[Function, ...]:
    """Every function of the module, methods and inner functions too."""
    return tuple(_functions(module, module.tree, ""))


def _functions(module: Module, node: ast.AST, owner: str) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            continue  # no expression holds a `def`, and most of a tree is expressions
        if isinstance(child, Def):
            name = ".".join(filter(None, (module.name, owner, child.name)))
            yield Function(name, module, child, owner)
        inner = child.name if isinstance(child, Def | ast.ClassDef) else ""
        yield from _functions(module, child, ".".join(filter(None, (owner, inner))))


@cache
def calls_of(module: Module) -> list[tuple[str, ast.Call]]:
    """Every call with the text of what is called: ("transaction.atomic", node)."""
    calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    return [(ast.unparse(call.func), call) for call in calls]


def where(module: Module, node: ast.AST) -> str:
    return f"{module.path}:{getattr(node, 'lineno', 0)}"


def stale(allowed: dict[str, str], found: set[str]) -> list[str]:
    """The entries of an allow-list that excuse nothing any more."""
    return sorted(set(allowed) - found)
