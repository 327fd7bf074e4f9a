"""How much of a search is looked for."""

from __future__ import annotations

from core.search import LONGEST, MOST_WORDS, shorten
from customers.models import Customer
from customers.queries import list_customers
from tests.architecture.source import HOUSE, modules_of
from tests.factories.customers import make_customer
from workspaces.models import Workspace

MATCHES = ("__icontains", "__contains", "__iregex", "__search", "__trigram")


def test_shorten_keeps_few_words_and_characters() -> None:
    assert shorten("  kowhai   cafe ") == "kowhai cafe"
    assert len(shorten("word " * 1900).split()) == MOST_WORDS
    assert len(shorten("x" * 5000)) == LONGEST


def test_search_of_many_words_asks_for_few(in_workspace: Workspace) -> None:
    make_customer(in_workspace, name=" ".join(f"w{number}" for number in range(MOST_WORDS)))

    found = list_customers(search=" ".join(f"w{number}" for number in range(1900)))

    assert found.count() == 1
    assert str(found.query).count("LIKE") == 5 * MOST_WORDS


def test_search_treats_signs_of_patterns_as_characters(in_workspace: Workspace) -> None:
    make_customer(in_workspace, name="100% Wool")
    make_customer(in_workspace, name="100 Wool")
    assert [row.name for row in list_customers(search="100%")] == ["100% Wool"]
    assert isinstance(list_customers().first(), Customer)


def test_nobody_searches_past_the_cap() -> None:
    """A module that matches text in columns takes what it looks for from `core.search`."""
    searching = [module for module in modules_of(*HOUSE) if any(match in module.text for match in MATCHES)]
    past = [module.name for module in searching if "core.search import" not in module.text]
    assert past == ["core.search"]
