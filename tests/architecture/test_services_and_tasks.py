"""Writes have one shape, tasks and views are thin, and only two modules speak to the broker."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import (
    HOUSE,
    SANDBOX,
    Function,
    Module,
    calls_of,
    functions_of,
    modules_of,
    stale,
    where,
)

# name -> why it may have another shape
PURE: dict[str, str] = {"identity.services.hash_token": "a calculation, no write"}
WITHOUT_ACTOR = {
    "credit.services.allocations.take_allocation_from_remote": "only Xero acts here, never a person",
    "credit.services.allocations.update_allocation_from_remote": "only Xero acts here, never a person",
    "credit.services.notes.refresh_used": "follows from allocations and refunds, whose services name who acted",
    "credit.services.refunds.update_refund_from_remote": "only Xero acts here, never a person",
    "identity.services.confirm_address_change": "the link in the mail is the proof, whoever opens it",
    "identity.services.reencrypt_second_factors": "a command for all, which changes nothing anybody sees",
    "invoices.services.refresh_amount_paid": "follows from payments, whose services name who acted",
    "invoices.services.refresh_credited": "follows from allocations, whose services name who acted",
    "invoices.services.take_credit": "only Xero applies credit, never a person",
    "payments.services.update_payment_from_remote": "only Xero acts here, never a person",
}
ACTOR = "by"
SERVICES = re.compile(r"\.services(\.|$)")
TASK_DECORATORS = re.compile(r"^(shared_task|app\.task|celery_app\.task)\b")
TASK_BODY, VIEW_BODY = 15, 25
DISPATCH = {"delay", "apply_async", "send_task"}
DISPATCHERS = {"accounting/wakeup.py", "webhooks/wakeup.py"}
HTTP_VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "request", "send"}
NETWORK = re.compile(
    r"\b(books|authoriser|(get|open)_books\(.*\)|get_authoriser\(.*\))"
    r"\.(exchange_code|refresh|list_tenants|disconnect|send|fetch|look_up|having|changes|summaries|reference_data|describe|survey)$"
)
HTTP_CLIENT = re.compile(r"(^|[._])(requests|session|http)(\(\))?$")


def _services() -> list[Function]:
    modules = [module for module in modules_of(*HOUSE) if SERVICES.search(module.name)]
    found = [function for module in modules for function in functions_of(module)]
    return [function for function in found if not function.owner and not function.node.name.startswith("_")]


def _tasks() -> list[Function]:
    found = [function for module in modules_of(*HOUSE) for function in functions_of(module)]
    return [f for f in found if any(TASK_DECORATORS.match(decorator) for decorator in f.decorators)]


def test_services_take_keywords_only() -> None:
    positional = [f.name for f in _services() if f.name not in PURE and not f.is_keyword_only]
    assert positional == []


def test_services_are_atomic() -> None:
    loose = [f.name for f in _services() if f.name not in PURE and "transaction.atomic" not in f.decorators]
    assert loose == []


def test_services_name_who_acts() -> None:
    excused = {*PURE, *WITHOUT_ACTOR}
    nameless = [f.name for f in _services() if f.name not in excused and ACTOR not in f.keywords]
    assert nameless == []


def test_services_excused_from_the_shape_exist() -> None:
    found = {function.name for function in _services()}
    assert stale(PURE, found) + stale(WITHOUT_ACTOR, found) == []


def test_tasks_take_keywords_and_tolerate_unknown_ones() -> None:
    rigid = [f.name for f in _tasks() if not (f.is_keyword_only and f.node.args.kwarg)]
    assert rigid == []


def test_tasks_are_thin() -> None:
    thick = [(f.name, f.body_lines) for f in _tasks() if f.body_lines > TASK_BODY]
    assert thick == []


def test_tasks_module_holds_only_tasks_that_are_found() -> None:
    """A task the decorator's pattern misses would escape the tests above."""
    named = [
        f for module in modules_of(*HOUSE) if module.name.endswith(".tasks") for f in functions_of(module)
    ]
    public = {f.name for f in named if not f.owner and not f.node.name.startswith("_")}
    assert public - {f.name for f in _tasks()} == set()


def test_views_are_thin() -> None:
    modules = [module for module in modules_of(*HOUSE) if re.search(r"(^|/)views(\.py|/)", module.path)]
    found = [function for module in modules for function in functions_of(module)]
    assert [(f.name, f.body_lines) for f in found if f.body_lines > VIEW_BODY] == []


def test_only_wakeups_speak_to_the_broker() -> None:
    spoken = [
        where(module, call)
        for module in modules_of(*HOUSE, SANDBOX)
        for name, call in calls_of(module)
        if name.split(".")[-1] in DISPATCH and module.path not in DISPATCHERS
    ]
    assert spoken == []


def test_engine_and_inbox_never_sleep() -> None:
    slept = [
        where(module, call)
        for module in modules_of("accounting", "webhooks")
        for name, call in calls_of(module)
        if name.split(".")[-1] == "sleep"
    ]
    assert slept == []


def _is_http_call(name: str) -> bool:
    client, _, verb = name.rpartition(".")
    return verb in HTTP_VERBS and bool(HTTP_CLIENT.search(client)) and not client.endswith("request.session")


def test_http_calls_pass_a_timeout() -> None:
    endless = [
        where(module, call)
        for module in modules_of(*HOUSE, SANDBOX)
        for name, call in calls_of(module)
        if _is_http_call(name) and "timeout" not in {keyword.arg for keyword in call.keywords}
    ]
    assert endless == []


def _atomic_nodes(module: Module) -> Iterator[ast.AST]:
    """Everything that runs inside a transaction its own function opened."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef):
            openers = [ast.unparse(decorator) for decorator in node.decorator_list]
        elif isinstance(node, ast.With):
            openers = [ast.unparse(item.context_expr) for item in node.items]
        else:
            continue
        if any("atomic" in opener for opener in openers):
            yield from (inner for statement in node.body for inner in ast.walk(statement))


def test_engine_talks_to_nobody_inside_a_transaction() -> None:
    """Rows stay locked for as long as the network takes (house habit 13)."""
    talking = [
        where(module, node)
        for module in modules_of("accounting", "webhooks")
        for node in _atomic_nodes(module)
        if isinstance(node, ast.Call) and NETWORK.search(ast.unparse(node.func))
    ]
    assert talking == []


def test_locks_name_the_table_they_lock() -> None:
    """Without `of`, a join locks rows that nobody meant to lock (house habit 15)."""
    careless = [
        where(module, call)
        for module in modules_of(*HOUSE)
        for name, call in calls_of(module)
        if name.endswith("select_for_update") and "of" not in {keyword.arg for keyword in call.keywords}
    ]
    assert careless == []


def test_imports_inside_functions_carry_a_reason() -> None:
    silent = []
    for module in modules_of(*HOUSE):
        lines = module.text.splitlines()
        inner = (
            n
            for f in functions_of(module)
            for n in ast.walk(f.node)
            if isinstance(n, ast.Import | ast.ImportFrom)
        )
        silent += [
            where(module, node)
            for node in inner
            if not re.search(r"noqa: PLC0415\s+\(.{5,}\)", lines[node.lineno - 1])
        ]
    assert silent == []
