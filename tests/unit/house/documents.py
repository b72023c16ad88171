# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules on what documents say: paths that they name are there, decisions that are cited are written down, and name who cites them."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator

from ansible_collections.mailops.tls.tests.unit.house.tree import Complaint, House, in_utils

_RECORDS = "docs/decisions/"
_TOP = r"(?:plugins|tests|docs|roles|playbooks|changelogs|meta|LICENSES)/"
_SHOWN = re.compile(r"`([^`\s]+)`|\]\(([^)\s]+)\)")
_IN_PROSE = re.compile(rf"(?<![\w/.:-])({_TOP}[\w./*{{}},-]+|_[a-z0-9]+/[\w./*{{}},-]*|[\w./-]+\.py)(?![\w/])")
_STANDS_FOR = re.compile(r"NAME|NNNN|TITLE|WHAT|FORMAT|KIND|VERSION")
_ALTERNATIVES = re.compile(r"\{([^{}]*)\}")
_CITED = re.compile(r"\b[Dd]ecisions?(?: records?)? ((?:\d{4}(?:, | and | to )?)+)")


def paths(house: House) -> Iterator[Complaint]:
    """Every path that a document or a docstring names is there. NAME and the like stand for any text."""
    for path, text in house.documents.items():
        for number, line in enumerate(text.split("\n"), 1):
            for shown, link in _SHOWN.findall(line) if path.endswith(".md") else [(word, "") for word in _IN_PROSE.findall(line)]:
                missing = _missing(house, shown) if shown else _missing_link(house, path, link)
                if missing:
                    yield Complaint(path, number, f"names {missing}, which is not there")
    for path, source in (*house.plugins.items(), *house.tests.items()):
        for number, line in source.prose():
            for word in _IN_PROSE.findall(line):
                if _missing(house, word):
                    yield Complaint(path, number, f"names {_missing(house, word)}, which is not there")


def decisions(house: House) -> Iterator[Complaint]:
    """A decision that is cited is there, its record names the file of the code that cites it, and the index has it."""
    records = {path[len(_RECORDS) :][:4]: path for path in house.files if re.fullmatch(_RECORDS + r"\d{4}-.*\.md", path)}
    for path in house.files:
        if not path.endswith((".py", ".yml", ".md", ".rst", ".j2", ".sh")) or path.startswith(_RECORDS):
            continue
        for number, line in enumerate(house.read(path).split("\n"), 1):
            for cited in _CITED.findall(line):
                for one in re.findall(r"\d{4}", cited):
                    if one not in records:
                        yield Complaint(path, number, f"cites decision {one}, and there is none")
                    elif path.startswith("plugins/") and not _names(house, house.read(records[one]), path):
                        yield Complaint(path, number, f"cites decision {one}, whose record does not name this file")
    index = house.read(_RECORDS + "README.md") if records else ""
    for path in sorted(records.values()):
        if f"]({path[len(_RECORDS):]})" not in index:
            yield Complaint(path, 1, f"is not in the list of {_RECORDS}README.md")
        text = house.read(path)
        for part in ("**Context.**", "**Decision.**", "**Consequence.**"):
            if part not in text:
                yield Complaint(path, 1, f"has no {part.strip('*.')}")


def _names(house: House, record: str, path: str) -> bool:
    """Whether the text of a record names a file, its folder, or its name; for what a room says of itself, any file of the room."""
    shown = [in_utils(one) for word, _path in _SHOWN.findall(record) for one in _spelled(word)]
    if path.endswith("/__init__.py"):
        return any(one.startswith(path[: -len("__init__.py")]) for one in shown)
    return any(fnmatch.fnmatch(path, one) or path.startswith(one.rstrip("/") + "/") or path.endswith("/" + one) for one in shown)


def _missing_link(house: House, path: str, link: str) -> str:
    """Return the target of a link in a document if it should be a file and is none."""
    target = link.split("#")[0]
    if not target or ":" in target:
        return ""
    parts = path.split("/")[:-1]
    for part in target.split("/"):
        parts = parts[:-1] if part == ".." else parts if part in (".", "") else [*parts, part]
    return "" if _is_there(house, "/".join(parts)) else target


def _missing(house: House, shown: str) -> str:
    """Return what a text says is a path of the house if none like it is there; what is no such path is not missing."""
    word = shown.rstrip(".,;:").split("::")[0]
    if "://" in word or word.startswith(("/", ".", "~", "-")) or "$" in word or "<" in word:
        return ""
    if re.match(_TOP, word) or re.match(r"_[a-z0-9]+/", word):
        return "" if all(_is_there(house, in_utils(one)) for one in _spelled(word)) else word
    if re.fullmatch(r"[\w./*{},-]+\.(py|rst)", word):
        return "" if all(_is_there(house, "*/" + one) or _is_there(house, one) for one in _spelled(word)) else word
    return ""


def _spelled(word: str) -> list[str]:
    """Return a path with its alternatives apart, and `*` for words that stand for others."""
    found = _ALTERNATIVES.search(word)
    if found is None:
        return [_STANDS_FOR.sub("*", word)]
    return [one for choice in found.group(1).split(",") for one in _spelled(word[: found.start()] + choice + word[found.end() :])]


def _is_there(house: House, path: str) -> bool:
    """Whether a file or a folder is in the house; `*` is any text."""
    if "*" not in path:
        return path in house.files or _is_folder(house, path)
    pattern = path.rstrip("/")
    return any(fnmatch.fnmatch(one, pattern) or fnmatch.fnmatch(one, pattern + "/*") for one in house.files)


def _is_folder(house: House, path: str) -> bool:
    return any(one.startswith(path.rstrip("/") + "/") for one in house.files)
