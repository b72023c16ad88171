# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""XML from strangers as a small tree: no DTD, no entities of its own, and limits for depth, elements and text (RFC 3470 section 4).

By the standard library's expat. A document that has a DOCTYPE is refused before anything in it is read, so there is no entity to expand.
Names of elements come without namespace: documents for mail clients differ in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from ansible_collections.mailops.tls.plugins.module_utils._text import clean

MOST_DEPTH = 32
MOST_NODES = 10000
"""Elements of one document; those that announce servers have some dozens."""
LONGEST_TEXT = 2048
_ENCODINGS = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.-]+)", re.DOTALL)
_READ = frozenset(("utf-8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "utf-16"))
"""The encodings that are read; for those that it does not know, expat would ask whatever codec Python has of that name."""


class XmlRefused(Exception):
    """A document is no XML, or not of the kind that is read; the text says why, for people."""


class XmlHasEntities(XmlRefused):
    """A document has a DTD or entities of its own."""


@dataclass
class XmlElement:
    """One element: its name without namespace, its attributes, its own text cleaned, and its elements in their order."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[XmlElement] = field(default_factory=list)
    line: int = 0

    def find(self, name: str) -> XmlElement | None:
        """Return the first child of a name."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[XmlElement]:
        """Yield the children of a name."""
        return (one for one in self.children if one.name == name)

    def text_of(self, name: str) -> str | None:
        """Return the text of the first child of a name; None where there is no such child."""
        found = self.find(name)
        return found.text if found is not None else None


class _Builder:
    """Builds the tree while expat reads."""

    def __init__(self) -> None:
        self.root: XmlElement | None = None
        self._open: list[XmlElement] = []
        self._nodes = 0
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.EntityDeclHandler = self._refuse
        parser.UnparsedEntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse_reference
        parser.SkippedEntityHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._nodes += 1
        if len(self._open) >= MOST_DEPTH:
            raise XmlRefused(f"elements within elements, more than {MOST_DEPTH} deep")
        if self._nodes > MOST_NODES:
            raise XmlRefused(f"more than {MOST_NODES} elements")
        shown = {clean(key, 100): clean(value, LONGEST_TEXT) for key, value in attributes.items()}
        element = XmlElement(clean(_local(name), 100), shown, line=self.parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, name: str) -> None:
        element = self._open.pop()
        element.text = clean(element.text.strip())

    def _data(self, data: str) -> None:
        element = self._open[-1]
        element.text += data[: LONGEST_TEXT - len(element.text)]

    def _refuse_doctype(self, name: str, *unused: object) -> None:
        if name.lower() == "html":
            raise XmlRefused("a page of HTML")
        raise XmlHasEntities("a DOCTYPE")

    def _refuse(self, *unused: object) -> None:
        raise XmlHasEntities("entities of its own")

    def _refuse_reference(self, *unused: object) -> int:
        raise XmlHasEntities("a reference to another document")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def read_xml(data: bytes) -> XmlElement:
    """Return the root of a document.

    Raises:
        XmlRefused: it is no well-formed XML, or goes past a limit.
        XmlHasEntities: it has a DTD or entities of its own.
    """
    encoding = _ENCODINGS.match(data)
    if encoding is not None and encoding[1].decode("ascii").lower() not in _READ:
        raise XmlRefused(f"the encoding {clean(encoding[1], 50)} is not read")
    builder = _Builder()
    try:
        builder.parser.Parse(data, True)
    except expat.ExpatError as error:
        text = expat.errors.messages.get(error.code, "it cannot be read")
        raise XmlRefused(f"no well-formed XML: {text}, line {error.lineno}") from None
    except (LookupError, ValueError) as error:
        raise XmlRefused(f"no XML that can be read: {clean(str(error), 100)}") from None
    if builder.root is None:
        raise XmlRefused("no element")
    return builder.root
