# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules on the shape of code: sizes, words for classes, findings by their entries, plain docstrings, and what each room says of itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ansible_collections.mailops.tls.tests.unit.house.tree import UTILS, Complaint, House

FILE_LINES, FUNCTION_LINES = 400, 50
ROOM_LINES = range(10, 31)
_WORDS = {"Whose", "Wish", "Place", "Hands", "Done", "Taken"}
_FINDINGS = {"Finding", "DatedFinding", "Blocker"}
_MARKUP = re.compile(r"\b[BCEILMOPRUV]\([a-z_*\"'][^()\n]*(\([^()\n]*\)[^()\n]*)*\)")
_BIG_O = re.compile(r"O\((1|n|m|k|log)\b")


def sizes(house: House) -> Iterator[Complaint]:
    """A file has at most 400 lines, be it a test, and a function about 40; 50 at most."""
    for path, source in house.tests.items():
        lines = source.text.count("\n")
        if lines > FILE_LINES:
            yield Complaint(path, FILE_LINES + 1, f"{lines} lines, of at most {FILE_LINES}")
    for path, source in house.plugins.items():
        if not path.startswith(UTILS):
            continue
        lines = source.text.count("\n")
        if lines > FILE_LINES:
            yield Complaint(path, FILE_LINES + 1, f"{lines} lines, of at most {FILE_LINES}")
        for node in ast.walk(source.module):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    yield Complaint(path, node.lineno, f"{node.name} has {lines} lines, of at most {FUNCTION_LINES}")


def words(house: House) -> Iterator[Complaint]:
    """No class is called by a word that says nothing of what it is, and none by another name where it is imported."""
    for path, source in house.plugins.items():
        for node in ast.walk(source.module):
            if isinstance(node, ast.ClassDef) and node.name in _WORDS:
                yield Complaint(path, node.lineno, f"a class named {node.name}")
            for alias in node.names if isinstance(node, ast.ImportFrom) and path.startswith(UTILS) else ():
                if alias.asname and alias.name[:1].isupper() and not alias.name.isupper():
                    yield Complaint(path, alias.lineno, f"imports the class {alias.name} as {alias.asname}")


def findings(house: House) -> Iterator[Complaint]:
    """Which findings there are is said in the catalogue, by constants; nobody else makes an entry or gives an id as text."""
    for path, source in house.plugins.items():
        for node in ast.walk(source.module):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id == "FindingKind" and not path.startswith(UTILS + "_catalogue/"):
                yield Complaint(path, node.lineno, "makes an entry of the catalogue elsewhere")
            given = [*node.args[:1], *(one.value for one in node.keywords if one.arg == "kind")]
            if node.func.id in _FINDINGS and any(isinstance(one, (ast.Constant, ast.JoinedStr)) for one in given):
                yield Complaint(path, node.lineno, "makes a finding of a text and not of an entry of the catalogue")


def docstrings(house: House) -> Iterator[Complaint]:
    """Docstrings are plain text: Ansible's markup belongs in DOCUMENTATION, where it is rendered."""
    for path, source in (*house.plugins.items(), *house.tests.items()):
        for start, text in source.docstrings():
            for number, line in enumerate(text.split("\n"), start):
                found = _MARKUP.search(line)
                if found and not _BIG_O.match(found.group()):
                    yield Complaint(path, number, f"{found.group()} is Ansible's markup in a docstring")


def packages(house: House) -> Iterator[Complaint]:
    """Each room says in 10 to 30 lines what it is, who may enter and where to begin reading; it imports nothing there."""
    for path, source in house.plugins.items():
        if not path.startswith(UTILS) or not path.endswith("/__init__.py") or path == UTILS + "__init__.py" or _is_door(path):
            continue
        lines = len((ast.get_docstring(source.module) or "").split("\n"))
        if lines not in ROOM_LINES:
            yield Complaint(path, 1, f"says in {lines} lines what the room is, and not in {ROOM_LINES.start} to {ROOM_LINES.stop - 1}")
        if len(source.module.body) > 1:
            yield Complaint(path, source.module.body[1].lineno, "is more than a docstring")


def _is_door(path: str) -> bool:
    """Whether a package is the door of one module, which says in `run.py` what it does."""
    return path.startswith(UTILS + "_module/") and path != UTILS + "_module/__init__.py"
