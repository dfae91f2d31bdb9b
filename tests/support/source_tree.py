"""The application's own source as data: its modules, and what each imports, function bodies included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "desktop_app")


@dataclass(frozen=True)
class Module:
    """One source file."""

    path: Path

    @cached_property
    def name(self) -> str:
        parts = self.path.relative_to(REPOSITORY).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    def __str__(self) -> str:
        return self.path.relative_to(REPOSITORY).as_posix()

    def imports(self) -> Iterator[tuple[int, str]]:
        """Yield (line, dotted name) of everything imported anywhere in the file, the imported names included."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".") if self.path.stem == "__init__" else self.name.split(".")[:-1]
        kept = package[: len(package) - node.level + 1]
        return ".".join([*kept, *([node.module] if node.module else [])])


def modules(*packages: str) -> list[Module]:
    """Return the source files of the packages, all of the application's by default."""
    return [Module(path) for package in packages or PACKAGES for path in sorted((REPOSITORY / package).rglob("*.py"))]


def import_graph() -> dict[str, set[str]]:
    """Return which of the application's modules imports which."""
    found = modules()
    names = {module.name for module in found}
    return {module.name: set(_own(module, names)) - {module.name} for module in found}


def _own(module: Module, names: set[str]) -> Iterator[str]:
    for _, imported in module.imports():
        if imported in names:
            yield imported
        elif (parent := imported.rpartition(".")[0]) in names:
            yield parent


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules that import each other in a circle (Tarjan's strongly connected components)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        order[node] = lowest[node] = len(order)
        stack.append(node)
        for target in sorted(graph.get(node, ())):
            if target not in order:
                visit(target)
                lowest[node] = min(lowest[node], lowest[target])
            elif target in stack:
                lowest[node] = min(lowest[node], order[target])
        if lowest[node] == order[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(graph):
        if node not in order:
            visit(node)
    return found
