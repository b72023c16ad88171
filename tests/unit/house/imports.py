# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that imports tell: storeys point down, nothing goes in a circle, one door does not use another, Ansible stays outside."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.mailops.tls.tests.unit.house.tree import MAP, UTILS, Complaint, House, Import

_DOORS = UTILS + "_module/"
_READ_BY_ANSIBLE = (
    "plugins/modules/", "plugins/action/", "plugins/inventory/", "plugins/filter/", "plugins/callback/", "plugins/plugin_utils/",
)  # fmt: skip


def storeys(house: House) -> Iterator[Complaint]:
    """Each file imports from its own storey and from those below."""
    for path, imports in house.imports.items():
        above = house.room_of(path)
        for one in imports:
            below = house.room_of(one.path)
            if above is not None and below is not None and below.storey < above.storey:
                yield Complaint(path, one.line, f"imports {one.path}, which is on a storey above")


def rooms(house: House) -> Iterator[Complaint]:
    """The map has every room, and every room of the map is there."""
    unknown: dict[str, None] = {}
    for path in house.plugins:
        if house.room_of(path) is None and path != UTILS + "__init__.py":
            unknown.setdefault(path)
    for path in unknown:
        yield Complaint(path, 1, f"is in no room of the map in {MAP}")
    for room in house.rooms:
        if not any(house.room_of(path) == room for path in house.plugins):
            yield Complaint(MAP, room.line, f"{room.path} is on the map, and no file is in it")


def circles(house: House) -> Iterator[Complaint]:
    """No file imports itself by way of others, and no room another that leans on it."""
    for circle in _circles(house.imports):
        first = min(circle)
        line = [one.line for one in house.imports[first] if one.path in circle][0]
        yield Complaint(first, line, "imports in a circle: " + ", ".join(sorted(circle)))
    leaning: dict[str, dict[str, tuple[str, int]]] = {room.path: {} for room in house.rooms}
    for path, imports in house.imports.items():
        above = house.room_of(path)
        for one in imports:
            below = house.room_of(one.path)
            if above is not None and below is not None and above != below:
                leaning[above.path].setdefault(below.path, (path, one.line))
    for circle in _circles({room: [Import(line, below) for below, (_path, line) in found.items()] for room, found in leaning.items()}):
        path, line = [leaning[min(circle)][room] for room in sorted(circle) if room in leaning[min(circle)]][0]
        yield Complaint(path, line, "rooms lean on each other: " + ", ".join(sorted(circle)))


def doors(house: House) -> Iterator[Complaint]:
    """A module knows its own door and what all doors share: `_module/NAME/` imports nothing of its neighbours."""
    for path, imports in house.imports.items():
        own = _door(path)
        for one in imports:
            other = _door(one.path)
            if own and other and own != other:
                yield Complaint(path, one.line, f"uses the door of another module, {one.path}")


def ansible(house: House) -> Iterator[Complaint]:
    """Only what Ansible itself loads imports Ansible."""
    for path, source in house.plugins.items():
        if path.startswith(_READ_BY_ANSIBLE):
            continue
        for node in ast.walk(source.module):
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""] if not node.level else []
            else:
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.stmt) and any(name.split(".")[0] == "ansible" for name in names):
                yield Complaint(path, node.lineno, "imports Ansible, which only modules and other plugins may")


def _door(path: str) -> str:
    parts = path[len(_DOORS) :].split("/") if path.startswith(_DOORS) else []
    return parts[0] if len(parts) > 1 else ""


def _circles(imports: Mapping[str, Sequence[Import]]) -> list[frozenset[str]]:
    """Return the strongly connected parts with more than one file (Tarjan, without recursion), and files that import themselves."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[frozenset[str]] = [frozenset({path}) for path in imports if any(one.path == path for one in imports[path])]
    for start in imports:
        work = [(start, iter(imports[start]))] if start not in order else []
        if work:
            order[start] = low[start] = len(order)
            stack.append(start)
        while work:
            path, rest = work[-1]
            one = next(rest, None)
            if one is not None and one.path not in order:
                order[one.path] = low[one.path] = len(order)
                stack.append(one.path)
                work.append((one.path, iter(imports[one.path])))
            elif one is not None:
                low[path] = min(low[path], order[one.path]) if one.path in stack else low[path]
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[path])
                if low[path] == order[path]:
                    part = frozenset(stack[stack.index(path) :])
                    del stack[stack.index(path) :]
                    found += [part] if len(part) > 1 else []
    return found
