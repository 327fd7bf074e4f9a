"""One measured figure, the table people read, and the file machines read."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

LATEST = Path(__file__).resolve().parent / "latest.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """A value beside its goal. `value` is None, and `met` too, when it could not be measured.

    `beside` is what it was held against in the same run, `method` says in one sentence how.
    """

    name: str
    value: float | None
    goal: str
    met: bool | None
    method: str
    beside: str = ""


def at_most(name: str, value: float, most: float, *, method: str, beside: str = "", unit: str = "") -> Figure:
    """A figure that must not exceed `most`."""
    return Figure(name, _short(value), f"<= {most:g}{unit}", value <= most, method, beside)


def at_least(
    name: str, value: float, least: float, *, method: str, beside: str = "", unit: str = ""
) -> Figure:
    """A figure that must reach `least`."""
    return Figure(name, _short(value), f">= {least:g}{unit}", value >= least, method, beside)


def missing(name: str, goal: str, why: str) -> Figure:
    """A figure whose peer is not on this machine."""
    return Figure(name, None, goal, None, why)


def _short(value: float) -> float:
    """Three significant digits; whole numbers whole."""
    if value == 0 or value == int(value):
        return int(value)
    return round(value, max(0, 2 - math.floor(math.log10(abs(value)))))


def save(figures: list[Figure], facts: dict[str, object], path: Path = LATEST) -> None:
    """Write the figures with the facts of the run."""
    told = {**facts, "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(told, indent=2) + "\n")


def table(figures: list[Figure]) -> str:
    """The figures as text, each with its method below."""
    width = max((len(figure.name) for figure in figures), default=0)
    lines = []
    for figure in figures:
        value = "-" if figure.value is None else f"{figure.value:g}"
        lines.append(f"{figure.name:<{width}}  {value:>8}  {figure.goal:<10} {_verdict(figure)}")
        told = figure.method + (f" Beside it: {figure.beside}." if figure.beside else "")
        lines.append(f"    {told}")
    return "\n".join(lines)


def _verdict(figure: Figure) -> str:
    return {True: "met", False: "MISSED", None: "not measured"}[figure.met]
