# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which findings the code makes, and where: read out of its syntax, so that no comment or text is taken for one."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind

ROOT = Path(__file__).parents[3]
PACKAGE = "ansible_collections.mailops.tls.plugins.module_utils._catalogue"
CATALOGUE = ROOT / "plugins/module_utils/_catalogue"
_OF_A_ROLE = re.compile(r"(?:'id': '|- id: )(\w+)")


@dataclass(frozen=True)
class Use:
    """One place that names an entry of the catalogue. `call` is what it is the first argument of, empty where it is none's."""

    kind: FindingKind
    path: str
    line: int
    call: str


def entries() -> Mapping[str, Mapping[str, FindingKind]]:
    """Return the entries by their constants, by the file that they are in."""
    rooms = sorted(path.stem for path in CATALOGUE.glob("*.py") if path.stem != "__init__")
    found = {room: vars(importlib.import_module(f"{PACKAGE}.{room}")) for room in rooms}
    return {
        room: {name: value for name, value in names.items() if isinstance(value, FindingKind)} for room, names in found.items()
    }


def uses() -> list[Use]:
    """Return every place of the plugins that names an entry, but for comparisons, which make nothing."""
    known = entries()
    paths = sorted((ROOT / "plugins").rglob("*.py"))
    return [one for path in paths if path.parent != CATALOGUE for one in _uses(path, known)]


def _uses(path: Path, known: Mapping[str, Mapping[str, FindingKind]]) -> Iterator[Use]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    rooms = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == PACKAGE
        for alias in node.names
    }
    compared = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Compare) for part in ast.walk(node)}
    calls = {id(node.args[0]): _name(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in rooms and id(node) not in compared:
            kind = known[rooms[node.value.id]].get(node.attr)
            if kind is not None:
                yield Use(kind, str(path.relative_to(ROOT)), node.lineno, calls.get(id(node), ""))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def ids_in_roles() -> set[str]:
    """Return the ids of what roles add to the blockers by themselves."""
    paths = [path for folder in ("tasks", "vars") for path in sorted((ROOT / "roles").glob(f"*/{folder}/*.yml"))]
    return {name for path in paths for name in _OF_A_ROLE.findall(path.read_text(encoding="utf-8"))}
