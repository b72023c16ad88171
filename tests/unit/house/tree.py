# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house as its rules see it: its Python sources, its documents, and the map that `docs/architecture.md` draws of it."""

from __future__ import annotations

import ast
import io
import os
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

UTILS = "plugins/module_utils/"
MAP = "docs/architecture.md"
_PACKAGE = "ansible_collections.mailops.tls."
_ABOVE = ("plugins", "tests", "docs", "roles", "playbooks", "changelogs", "meta", "LICENSES")
_LEFT_OUT = {"__pycache__", "output"}


@dataclass(frozen=True)
class Complaint:
    """What breaks a rule, and where."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True)
class Import:
    """One file of the house that another one imports."""

    line: int
    path: str


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: str
    text: str
    module: ast.Module

    def prose(self) -> Iterator[tuple[int, str]]:
        """Yield docstrings and comments, line by line, with the numbers of the lines."""
        for start, text in self.docstrings():
            yield from enumerate(text.split("\n"), start)
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string

    def docstrings(self) -> Iterator[tuple[int, str]]:
        """Yield every docstring, those below attributes too, with the number of its first line."""
        for node in ast.walk(self.module):
            for statement in getattr(node, "body", ()) if not isinstance(node, (ast.Lambda, ast.IfExp)) else ():
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str):
                    yield statement.lineno, statement.value.value


@dataclass(frozen=True)
class Room:
    """One line of the map: a room, a file of the ground, or a folder of plugins, and the storey that it is on."""

    path: str
    storey: int
    line: int


class House:
    """One checkout, or a tree that a test has made up."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def files(self) -> frozenset[str]:
        """All files by their path from the root, by-products left out."""
        found = {entry.name for entry in self.root.iterdir() if entry.is_file()}
        for above in _ABOVE:
            for folder, below, names in os.walk(self.root / above):
                below[:] = [name for name in below if name not in _LEFT_OUT]
                found.update((Path(folder) / name).relative_to(self.root).as_posix() for name in names)
        return frozenset(found)

    @cached_property
    def plugins(self) -> dict[str, Source]:
        """The Python files of the collection, by path."""
        return self._sources("plugins/")

    @cached_property
    def tests(self) -> dict[str, Source]:
        """The Python files of the tests, by path."""
        return self._sources("tests/")

    @cached_property
    def documents(self) -> dict[str, str]:
        """What people read: the documents of the repository, by path."""
        named = re.compile(r"(README|CONTRIBUTING)\.md|docs/.*\.(md|rst)|roles/[^/]+/README\.md")
        return {path: self.read(path) for path in sorted(self.files) if named.fullmatch(path)}

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def _sources(self, above: str) -> dict[str, Source]:
        found = {}
        for path in sorted(self.files):
            if path.startswith(above) and path.endswith(".py"):
                text = self.read(path)
                found[path] = Source(path, text, ast.parse(text))
        return found

    @cached_property
    def imports(self) -> dict[str, tuple[Import, ...]]:
        """What each file of the collection imports of the house: inside functions and for type checkers, too."""
        return {path: tuple(self._imports(source)) for path, source in self.plugins.items()}

    def _imports(self, source: Source) -> Iterator[Import]:
        for node in ast.walk(source.module):
            if isinstance(node, ast.Import):
                modules = [(alias.name, "") for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [(self._absolute(source.path, node), alias.name) for alias in node.names]
            else:
                continue
            for module, name in modules:
                for path in self._files_of(module, name):
                    yield Import(node.lineno, path)

    @staticmethod
    def _absolute(path: str, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = path.split("/")[: -node.level]
        return _PACKAGE + ".".join([*package, *((node.module or "").split(".") if node.module else [])])

    def _files_of(self, module: str, name: str) -> Iterator[str]:
        if not module.startswith(_PACKAGE):
            return
        path = module[len(_PACKAGE) :].replace(".", "/")
        for candidate in (f"{path}/{name}.py", f"{path}.py"):
            if candidate in self.plugins:
                yield candidate
                return

    @cached_property
    def rooms(self) -> tuple[Room, ...]:
        """The rooms that the map has, from the top storey down: the table below "The map" in `docs/architecture.md`."""
        rooms, storey, last = [], -1, ""
        for line, (name, paths) in self.rows("The map"):
            if name and name != last:
                storey, last = storey + 1, name
            rooms += [Room(in_utils(path), storey, line) for path in paths]
        return tuple(rooms)

    def rows(self, heading: str) -> Iterator[tuple[int, tuple[str, tuple[str, ...]]]]:
        """Yield the table below a heading of the map: number of the line, first cell, and what the second one has in backquotes."""
        inside, seen = False, 0
        for number, line in enumerate(self.read(MAP).split("\n"), 1):
            if line.startswith("#"):
                inside, seen = line.lstrip("# ") == heading, 0
            elif inside and line.startswith("|"):
                seen += 1
                cells = [cell.strip() for cell in line.strip("|").split("|")]
                if seen > 2:
                    yield number, (cells[0].strip("*"), tuple(re.findall(r"`([^`]+)`", cells[1])))

    def room_of(self, path: str) -> Room | None:
        """Return the room that a file is in; the nearest one if rooms are within others."""
        found = [room for room in self.rooms if path == room.path or (room.path.endswith("/") and path.startswith(room.path))]
        return max(found, key=lambda room: len(room.path), default=None)


def in_utils(path: str) -> str:
    """Return a path of a document from the root: one that begins with an underscore is below `plugins/module_utils/`."""
    return UTILS + path if path.startswith("_") else path
