# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules on what code touches: the world only in the files that the map names, the parameters of a task only behind the doors."""

from __future__ import annotations

import ast
import fnmatch
import re
from collections.abc import Iterator

from ansible_collections.mailops.tls.tests.unit.house.tree import MAP, UTILS, Complaint, House, Source, in_utils

_BEHIND_DOORS = (UTILS + "_module/", UTILS + "_inventory/")
_OS_FILES = (
    "access chmod chown fchmod fchown fdopen fsync ftruncate link listdir lstat fstat makedirs mkdir open pread pwrite read readlink "
    "remove removedirs rename replace rmdir scandir stat statvfs symlink truncate unlink utime walk write"
).replace(" ", "|")
_PATHS = "exists|getmtime|getsize|isdir|isfile|islink|lexists|realpath|samefile"
_SOCKETS = "socket|socketpair|create_connection|create_server|getaddrinfo|gethost\\w+|getfqdn|getnameinfo|getserv\\w+"
_TOUCHES = {
    "sockets": re.compile(
        rf"socket\.({_SOCKETS})|asyncio\.(open_connection|open_unix_connection|start_server)"
        r"|.*\.(create_connection|create_datagram_endpoint|create_unix_connection|create_server|getaddrinfo|sock_\w+)"
        r"|(urllib\.request|http\.client|smtplib|imaplib|poplib|dns\.(async)?query|dns\.(async)?resolver|requests|httpx)(\..*)?"
    ),
    "files": re.compile(
        rf"\.open|io\.open|os\.({_OS_FILES})|os\.path\.({_PATHS})|(tempfile|fcntl|glob|pathlib|mmap)\..*|shutil\.(?!which).*"
        r"|.*\.(read_text|read_bytes|write_text|write_bytes)"
        r"|.*\.(load_verify_locations|load_cert_chain|set_default_verify_paths|use_(certificate|privatekey)(_chain)?_file)"
    ),
    "processes": re.compile(
        r"subprocess\..*|os\.(system|popen|fork\w*|exec\w+|spawn\w+|posix_spawnp?|kill|killpg|wait\w*)|multiprocessing\..*"
        r"|asyncio\.create_subprocess_\w+|.*\.run_command"
    ),
    "clock": re.compile(
        r"time\.(time|monotonic|sleep|perf_counter|time_ns|monotonic_ns|gmtime|localtime|clock_gettime)"
        r"|datetime\.datetime\.(now|utcnow|today)|datetime\.date\.today|asyncio\.sleep|(.*[._])?loop\.(time|call_later|call_at)"
    ),
}


def world(house: House) -> Iterator[Complaint]:
    """The sockets, files, processes and clock of this machine are used in the files that the map names, and all of those do use them."""
    named = {(kind, in_utils(path)): line for line, (kind, paths) in house.rows("Where the world is touched") for path in paths}
    allowed = {(kind, path) for kind, pattern in named for path in fnmatch.filter(house.plugins, pattern)}
    seen: set[tuple[str, str]] = set()
    for path, source in house.plugins.items():
        for line, name in _names(source):
            for kind in _kinds(name):
                if (kind, path) not in allowed | seen:
                    yield Complaint(path, line, f"{name.lstrip('.')}: {kind}, for which the map in {MAP} does not name this file")
                seen.add((kind, path))
    for (kind, path), line in named.items():
        if kind not in _TOUCHES:
            yield Complaint(MAP, line, f"{kind} is none of {', '.join(_TOUCHES)}")
        elif not any(one == kind and fnmatch.fnmatch(user, path) for one, user in seen):
            yield Complaint(MAP, line, f"names {path} for {kind}, which that file does not use")


def parameters(house: House) -> Iterator[Complaint]:
    """Whatever is called `params` stays behind the doors; engines and trades take values."""
    for path, source in house.plugins.items():
        if path.startswith(UTILS) and not path.startswith(_BEHIND_DOORS):
            for line in sorted({getattr(node, "lineno", 1) for node in ast.walk(source.module) if _is_called(node, "params")}):
                yield Complaint(path, line, "the parameters of a task are read behind its door only")


def _is_called(node: ast.AST, name: str) -> bool:
    """Whether a node is a name, an attribute or an argument of the name."""
    if isinstance(node, ast.Name):
        return node.id == name
    if isinstance(node, ast.Attribute):
        return node.attr == name
    return isinstance(node, (ast.arg, ast.keyword)) and node.arg == name


def _kinds(name: str) -> list[str]:
    return [kind for kind, pattern in _TOUCHES.items() if pattern.fullmatch(name)]


def _names(source: Source) -> Iterator[tuple[int, str]]:
    """Yield what a file uses of other modules by its full dotted name. What it did not import, its own and builtins, begins with a dot."""
    known = _imported(source.module)
    inner = {id(node.value) for node in ast.walk(source.module) if isinstance(node, ast.Attribute)}
    for node in ast.walk(source.module):
        if isinstance(node, (ast.Name, ast.Attribute)) and id(node) not in inner:
            head, *rest = _dotted(node)
            yield node.lineno, ".".join([known.get(head, "." + head), *rest])


def _imported(module: ast.Module) -> dict[str, str]:
    """Return what each imported name stands for."""
    known = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return known


def _dotted(node: ast.expr) -> list[str]:
    """Return `a.b().c` as its parts, what is called without its arguments; what has no name is a part of its own."""
    parts: list[str] = []
    while isinstance(node, (ast.Attribute, ast.Call)):
        if isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return [node.id if isinstance(node, ast.Name) else "<value>", *parts]
