"""Which of mutmut's mutants remove or invert a check, or change a number that is counted with.

The others change words, names of columns or what is logged: they tell nothing of what is guarded.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_CHECKS = (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.cmpop, ast.boolop, ast.unaryop, ast.operator)
_LEAVES = (ast.Break, ast.Continue)
_Path = list[tuple[ast.AST, str]]


def _differences(old: Any, new: Any, path: _Path) -> Iterator[tuple[_Path, Any, Any]]:
    """The smallest parts that differ, each with what it is a part of."""
    if type(old) is not type(new):
        yield path, old, new
    elif isinstance(old, ast.AST):
        for field in old._fields:
            yield from _differences(getattr(old, field), getattr(new, field), [*path, (old, field)])
    elif isinstance(old, list) and len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            yield from _differences(one, other, path)
    elif old != new:
        yield path, old, new


def _is_check(path: _Path, old: Any, new: Any) -> bool:
    if any(isinstance(part, (*_CHECKS, *_LEAVES, bool)) for part in (old, new)):
        return True
    if isinstance(old, int | float) and isinstance(path[-1][0], ast.Constant):
        return True
    return any(
        isinstance(node, ast.Compare)
        or (
            field in ("test", "ifs", "guard")
            and isinstance(
                node,
                ast.If | ast.IfExp | ast.While | ast.Assert | ast.comprehension | ast.match_case,
            )
        )
        for node, field in path
    )


def checks(mutants: Path, files: list[str]) -> Iterator[str]:
    """The names of such mutants in ``files`` (globs) of mutmut's folder ``mutants``."""
    for path in sorted(path for pattern in files for path in mutants.glob(pattern)):
        module = ".".join(path.relative_to(mutants).with_suffix("").parts)
        found = {
            node.name: node
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        for name, mutant in found.items():
            original = found.get(f"{name.rpartition('__mutmut_')[0]}__mutmut_orig")
            if original is None or original is mutant:
                continue
            parts = _differences(original.body, mutant.body, [])
            if any(_is_check(*part) for part in parts):
                yield f"{module.removesuffix('.__init__')}.{name}"
