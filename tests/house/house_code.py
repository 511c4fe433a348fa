"""The code of the house as trees: modules, functions, the SQL that a function runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "parinaya_cli"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A file of the house. ``name`` is its path without the package and the ending: ``store/units``."""

    path: Path
    name: str
    source: str = field(repr=False)
    tree: ast.Module = field(repr=False)

    @property
    def functions(self) -> dict[str, Function]:
        """The functions at the top of the file."""
        return {one.name: one for one in self.tree.body if isinstance(one, Function)}

    @property
    def verbs(self) -> dict[str, Function]:
        """Those of them that others may call."""
        return {name: one for name, one in self.functions.items() if not name.startswith("_")}

    @property
    def texts(self) -> dict[str, ast.expr]:
        """What the names at the top of the file stand for."""
        found: dict[str, ast.expr] = {}
        for one in self.tree.body:
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
                found[one.targets[0].id] = one.value
        return found


def modules(floor: str = "") -> Iterator[Module]:
    """The files of a floor, or of the whole house."""
    for path in sorted((PACKAGE / floor).rglob("*.py")):
        if "_shipped" not in path.parts:
            yield _read(path)


@cache
def _read(path: Path) -> Module:
    source = path.read_text(encoding="utf-8")
    name = path.relative_to(PACKAGE).with_suffix("").as_posix()
    return Module(path, name, source, ast.parse(source))


def functions_of(module: Module) -> Iterator[Function]:
    """Every function of a file, methods and inner ones too."""
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """Lines from ``def`` to the last, without the docstring."""
    assert function.end_lineno is not None
    told = function.body[0]
    documented = (
        isinstance(told, ast.Expr)
        and isinstance(told.value, ast.Constant)
        and isinstance(told.value.value, str)
    )
    docstring = (told.end_lineno or 0) - told.lineno + 1 if documented else 0
    return function.end_lineno - function.lineno + 1 - docstring


def parameters(function: Function) -> list[str]:
    """The names of its parameters, without ``self``."""
    told = function.args
    names = [one.arg for one in (*told.posonlyargs, *told.args, *told.kwonlyargs)]
    return [name for name in names if name not in {"self", "cls"}]


def text_of(node: ast.expr, known: dict[str, ast.expr]) -> str:
    """The text of an expression as far as it stands in the file; names are looked up in ``known``."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(one, known) for one in node.values)
    if isinstance(node, ast.FormattedValue):
        return text_of(node.value, known)
    if isinstance(node, ast.Name) and node.id in known:
        return text_of(known[node.id], {k: v for k, v in known.items() if k != node.id})
    if isinstance(node, ast.BinOp):
        return text_of(node.left, known) + text_of(node.right, known)
    if isinstance(node, ast.IfExp):
        return text_of(node.body, known) + text_of(node.orelse, known)
    if isinstance(node, ast.Call):
        return " ".join(text_of(one, known) for one in node.args)
    return ""


def calls_of(function: Function) -> list[ast.Call]:
    """The calls in a function, in the order in which they stand there."""
    found = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    return sorted(found, key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0))
