"""Every URL the application answers, with its arguments filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.urls.resolvers import RoutePattern

from tests.architecture.arguments import argument
from tests.architecture.world import World

CONVERTER = re.compile(r"<(?:[^>:]+:)?([^>]+)>")


@dataclass(frozen=True)
class Page:
    """One URL pattern. `name` is what `reverse` calls it, or its route where it has no name."""

    name: str
    namespace: str
    route: str
    arguments: tuple[str, ...]
    callback: Callable[..., Any]

    @property
    def is_of_workspace(self) -> bool:
        return "workspace_slug" in self.arguments

    @property
    def names_objects(self) -> bool:
        return self.is_of_workspace and len(self.arguments) > 1

    @property
    def is_admin(self) -> bool:
        return self.route.startswith("admin/")

    def path(self, world: World, *, slug: str = "") -> str:
        """The URL with the world's objects in it, under another workspace's slug if one is given.

        Raises LookupError when an argument is unknown, or when the result does not lead to this pattern.
        """
        path = "/" + self.route
        for name in self.arguments:
            value = slug if slug and name == "workspace_slug" else None
            value = value or argument(world, self.namespace, self.route, name)
            path = path.replace(f"<{name}>", value)
        if resolve(path).func is not self.callback:
            raise LookupError(f"{path} does not lead to {self.route}")
        return path


def all_pages() -> list[Page]:
    """Every pattern of the URL configuration."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[Page]:
    for entry in resolver.url_patterns:
        route = prefix + _route_of(entry)
        if isinstance(entry, URLResolver):
            inner = ":".join(filter(None, (namespace, entry.namespace)))
            yield from _walk(entry, route, inner)
        else:
            yield _page(entry, route, namespace)


def _page(entry: URLPattern, route: str, namespace: str) -> Page:
    name = f"{namespace}:{entry.name}" if namespace else str(entry.name)
    arguments = tuple(dict.fromkeys(CONVERTER.findall(route)))
    return Page(name if entry.name else route, namespace, route, arguments, entry.callback)


def _route_of(entry: URLPattern | URLResolver) -> str:
    """The pattern with each argument as <name>, whether it is a route or a regular expression."""
    if isinstance(entry.pattern, RoutePattern):
        return CONVERTER.sub(r"<\1>", str(entry.pattern))
    return _groups_by_name(str(entry.pattern).strip("^$")).replace("\\", "")


def _groups_by_name(expression: str) -> str:
    """`a/(?P<key>[a-z]+)/` as `a/<key>/`; groups may hold groups."""
    while (start := expression.find("(?P<")) >= 0:
        end = _closing(expression, start)
        name = expression[start + 4 : expression.index(">", start)]
        expression = f"{expression[:start]}<{name}>{expression[end + 1 :]}"
    return expression


def _closing(expression: str, start: int) -> int:
    depth = 0
    for index in range(start, len(expression)):
        depth += {"(": 1, ")": -1}.get(expression[index], 0)
        if depth == 0:
            return index
    raise ValueError(f"unbalanced: {expression}")
