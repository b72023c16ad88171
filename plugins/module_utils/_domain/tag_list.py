# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of tag=value, as DKIM has them and others took over (RFC 6376 section 3.2). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import quoted

_TAG = re.compile(r"[ \t\r\n]*([A-Za-z][A-Za-z0-9_]*)[ \t\r\n]*=(.*)", re.DOTALL)
_BLANKS = " \t\r\n"


@dataclass(frozen=True)
class Tag:
    """One tag with its value, blanks around both taken off."""

    name: str
    value: str


@dataclass(frozen=True)
class TagList:
    """The tags of a text in order, and the parts of it that are none."""

    tags: tuple[Tag, ...]
    broken: tuple[str, ...] = ()

    def value(self, name: str) -> str | None:
        """Return the value of a tag, the first if there are more."""
        return next((tag.value for tag in self.tags if tag.name == name), None)

    @property
    def twice(self) -> tuple[str, ...]:
        """The names that stand more than once."""
        seen: dict[str, int] = {}
        for tag in self.tags:
            seen[tag.name] = seen.get(tag.name, 0) + 1
        return tuple(name for name, count in seen.items() if count > 1)

    def as_dict(self) -> dict[str, str]:
        """Return the tags as a dictionary, the first of each name."""
        found: dict[str, str] = {}
        for tag in self.tags:
            found.setdefault(tag.name, tag.value)
        return found


def read_tags(text: str, *, fold: bool = False) -> TagList:
    """Return the tags of a text. Empty parts are passed over, as receivers do.

    Args:
        text: what is to be read.
        fold: whether names are compared without case, and come out in lower case.
    """
    tags, broken = [], []
    for part in text.split(";"):
        match = _TAG.fullmatch(part)
        if match:
            tags.append(Tag(match[1].lower() if fold else match[1], match[2].strip(_BLANKS)))
        elif part.strip(_BLANKS):
            broken.append(part.strip(_BLANKS))
    return TagList(tuple(tags), tuple(broken))


def swallowed_tag(tag: Tag, names: frozenset[str]) -> str | None:
    """Return what looks like the next tag inside a value, because a semicolon is missing; None where there is no such thing."""
    for match in re.finditer(r"[ \t\r\n,:]([A-Za-z]{1,8})[ \t]*=(?!=|\Z)", tag.value):
        if match[1].lower() in names:
            return tag.value[match.start(1):]
    return None


def tag_differences(found: str, expected: str, *, without_blanks: tuple[str, ...] = (), fold: bool = False) -> tuple[str, ...]:
    """Return in what a record differs from the one that is expected, one text a tag.

    The order of tags, blanks around them and a last semicolon mean nothing.

    Args:
        found: the record that is there.
        expected: the record that should be.
        without_blanks: tags in whose value blanks mean nothing either.
        fold: whether names of tags are compared without case.
    """
    there, wanted = (_comparable(text, without_blanks, fold) for text in (found, expected))
    told = []
    for name in dict.fromkeys((*wanted, *there)):
        if name not in there:
            told.append(f"{name}={quoted(wanted[name])} is missing")
        elif name not in wanted:
            told.append(f"{name}={quoted(there[name])} is not expected")
        elif there[name] != wanted[name]:
            told.append(f"{name} is {quoted(there[name])} and not {quoted(wanted[name])}")
    return tuple(told)


def _comparable(text: str, without_blanks: tuple[str, ...], fold: bool) -> Mapping[str, str]:
    tags = read_tags(text, fold=fold)
    values = {name: re.sub(r"\s+", "", value) if name in without_blanks else value for name, value in tags.as_dict().items()}
    return {**values, **{part: "" for part in tags.broken}}
