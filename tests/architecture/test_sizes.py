"""House numbers: short functions, short files (docs: CONTRIBUTING). Run with -s to see them."""

from __future__ import annotations

from statistics import median, quantiles

from tests.architecture.source import HOUSE, SANDBOX, Function, functions_of, modules_of

EVERYTHING = (*HOUSE, SANDBOX, "bench", "tests")
FILE_LINES = 300
FUNCTION_LINES, FUNCTION_MEDIAN, FUNCTION_P90 = 45, 8, 25
LONG_LINES, LONG_SHARE = 40, 0.03
MODEL_METHOD_P90 = 12


def _functions(*packages: str) -> list[Function]:
    return [function for module in modules_of(*packages) for function in functions_of(module)]


def _p90(numbers: list[int]) -> float:
    return quantiles(numbers, n=10)[-1] if len(numbers) > 1 else max(numbers, default=0)


def test_no_function_is_longer_than_a_screen() -> None:
    long = [(f.name, f.lines) for f in _functions(*EVERYTHING) if f.lines > FUNCTION_LINES]
    assert long == []


def test_functions_are_short_on_the_whole() -> None:
    lines = [function.lines for function in _functions(*HOUSE)]
    share = sum(number > LONG_LINES for number in lines) / len(lines)
    print(f"\n{len(lines)} functions: median {median(lines)}, p90 {_p90(lines)}, over 40: {share:.1%}")
    assert median(lines) <= FUNCTION_MEDIAN
    assert _p90(lines) <= FUNCTION_P90
    assert share <= LONG_SHARE


def test_model_methods_hold_no_workflow() -> None:
    models = [module for module in modules_of(*HOUSE) if ".models" in module.name]
    lines = [f.lines for module in models for f in functions_of(module) if f.owner]
    assert _p90(lines) <= MODEL_METHOD_P90


def test_files_are_short() -> None:
    counted = {module.path: module.text.count("\n") for module in modules_of(*EVERYTHING)}
    print(f"\n{len(counted)} files: median {median(counted.values())} lines, longest {max(counted.values())}")
    assert {path: lines for path, lines in counted.items() if lines > FILE_LINES} == {}
