"""The fault points, read from the code: every place where a process may die at its worst.

A point is named ``module:function.call@moment``, with ``[n]`` after the call where a function has
several such calls. Nothing is listed by hand: a new ``async with database.write()`` is a new point.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("core", "connectors", "agents", "bot")

_SENDING = ("bot.courier", "bot.sending")
COMMIT = ("before-commit", "after-commit")
"""Right before the COMMIT of the group that this block is in is sent; right after it returned."""
CALL = ("before", "after")


@dataclass(frozen=True, slots=True)
class Site:
    """One call in the code at which processes are killed."""

    name: str
    path: Path
    lines: tuple[int, ...]
    moments: tuple[str, str]

    @property
    def points(self) -> tuple[str, ...]:
        """The names of its points."""
        return tuple(f"{self.name}@{moment}" for moment in self.moments)


def _of_self(node: ast.expr, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    )


def _call(call: ast.Call, module: str) -> tuple[str, tuple[str, str]] | None:
    """The last name of what is called, and its moments, where it is a fault point."""
    made = call.func
    if isinstance(made, ast.Name):
        # A file's name becomes durable: the commit of what is kept outside the database.
        fits = module == "connectors.durable" and made.id == "sync_folder"
        return (made.id, CALL) if fits else None
    if not isinstance(made, ast.Attribute):
        return None
    if made.attr == "write" and not call.args and not call.keywords:
        return made.attr, COMMIT
    if module == "core.executor" and made.attr in ("perform", "check", "compensate"):
        return made.attr, CALL
    if module in _SENDING and (_of_self(made.value, "_bot") or _of_self(made, "_formatted")):
        return made.attr, CALL
    return None


def _calls(tree: ast.AST, where: str = "") -> Iterator[tuple[str, ast.Call]]:
    """Every call below ``tree`` in the order of the code, with its function's qualified name."""
    for child in ast.iter_child_nodes(tree):
        inside = where
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inside = f"{where}.{child.name}" if where else child.name
        elif isinstance(child, ast.Call):
            yield inside, child
        yield from _calls(child, inside)


def _sites(path: Path) -> Iterator[Site]:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    found: defaultdict[str, list[tuple[ast.Call, tuple[str, str]]]] = defaultdict(list)
    for where, call in _calls(ast.parse(path.read_text("utf-8"))):
        if fits := _call(call, module):
            found[f"{module}:{where}.{fits[0]}"].append((call, fits[1]))
    for name, calls in found.items():
        for number, (call, moments) in enumerate(calls, 1):
            lines = tuple({call.lineno, call.func.end_lineno or call.lineno})
            yield Site(f"{name}[{number}]" if len(calls) > 1 else name, path, lines, moments)


@cache
def sites() -> tuple[Site, ...]:
    """All fault points' calls, room by room."""
    return tuple(
        site
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if not {"sandbox", "bench"}.intersection(path.parts)  # Telegram's part, and none of ours
        for site in _sites(path)
    )


@cache
def points() -> tuple[str, ...]:
    """The names of all fault points."""
    return tuple(point for site in sites() for point in site.points)


def where() -> dict[str, str]:
    """Names by ``path:line``, for the injection to find where it is."""
    return {f"{site.path}:{line}": site.name for site in sites() for line in site.lines}
