# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule on what users read: README, guides and documentation of options say one thing a sentence, in 25 words at most.

Code and tables are left out. A literal, a link and a list of literals count as one word.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ansible_collections.mailops.tls.tests.unit.house.tree import Complaint, House, Source

MOST_WORDS = 25
_READ = re.compile(r"README\.md|roles/[^/]+/README\.md|docs/docsite/rst/[^/]*\.rst")
_DOCUMENTED = re.compile(r"plugins/(modules|inventory|filter|callback|doc_fragments|action)/[^/]*\.py")
_CONSTANTS = ("DOCUMENTATION", "RETURN", "DOCS", "RETURNS", "INFO_MODULE", "ACTIONGROUP")
_PROSE_KEYS = ("description", "short_description", "notes", "requirements")
_SPECIFICATION = re.compile(r"roles/[^/]+/meta/argument_specs\.yml")
_LITERAL = "\N{OBJECT REPLACEMENT CHARACTER}"
_MARKUP = re.compile(
    r"``[^`]*``|`[^`<]*<[^>]*>`__?|:\w+(?:[:.\w]*):`[^`]*`|`[^`]*`_?_?"  # RST and Markdown
    r"|\b(?:O|V|RV|C|M|L|U|B|I|P|R|E)\((?:[^()\\]|\\.|\([^()]*\))*\)"  # Ansible's own
    r"|\[[^\]]*\]\([^)]*\)|https?://\S+|\"[^\"]*\""
)
_LITERALS = re.compile(rf"{_LITERAL}(?:(?:,| or| and|, or|, and| to|/) ?{_LITERAL})+")
_END = re.compile(r"(?<=[.!?])[)\"*]*\s+(?=[^a-z\s])")
_RULED = re.compile(r"\s*([-=~^\"'+#*. ])\1{2,}[-=~^\"'+#*. ]*")
_ABBREVIATION = re.compile(r"\b(e\.g|i\.e|etc|sec|vs)\.")


@dataclass
class Paragraph:
    """One paragraph or list item: the number of its first line, and its text."""

    line: int
    lines: list[str] = field(default_factory=list)

    def sentences(self) -> Iterator[str]:
        """Yield its sentences, with each literal as one mark."""
        text = _MARKUP.sub(_LITERAL, _ABBREVIATION.sub(r"\1", " ".join(one.strip() for one in self.lines)))
        yield from _END.split(_LITERALS.sub(_LITERAL, text))


def sentences(house: House) -> Iterator[Complaint]:
    """A sentence of a README, a guide or DOCUMENTATION has 25 words at most."""
    for path, text in texts(house):
        for paragraph in paragraphs(path, text):
            for sentence in paragraph.sentences():
                words = len(re.findall(rf"[\w{_LITERAL}][^\s]*", sentence))
                if words > MOST_WORDS:
                    shown = sentence.replace(_LITERAL, "``")
                    yield Complaint(path, paragraph.line, f"a sentence of {words} words: {shown}")


def texts(house: House) -> Iterator[tuple[str, str]]:
    """Yield every text that users read, by path; other lines of the file are blank."""
    for path in sorted(house.files):
        if _READ.fullmatch(path) or _SPECIFICATION.fullmatch(path):
            yield path, house.read(path)
        elif _DOCUMENTED.fullmatch(path):
            yield from ((path, one) for one in _documentation(house.plugins[path]))


def _documentation(source: Source) -> Iterator[str]:
    """Yield what a plugin says of itself, on the lines where it says so."""
    for node in ast.walk(source.module):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant):
            name = node.targets[0].id
            if isinstance(node.value.value, str) and (name in _CONSTANTS or (name.isupper() and "doc_fragments" in source.path)):
                yield "\n" * (node.value.lineno - 1) + node.value.value


def paragraphs(path: str, text: str) -> Iterator[Paragraph]:
    """Yield the paragraphs of a text by the kind of its file."""
    lines = list(enumerate(text.split("\n"), 1))
    if path.endswith(".md"):
        yield from _markdown(lines)
    elif path.endswith(".rst"):
        yield from _restructured(lines)
    else:
        yield from _yaml(lines)


def _gathered(lines: Iterator[tuple[int, str | None]], by_indent: bool = False) -> Iterator[Paragraph]:
    """Join lines. None ends a paragraph, so does the beginning of a list item, and where asked for, a line at another indent."""
    found: Paragraph | None = None
    deep = 0
    for number, line in lines:
        item = line is not None and re.match(r"\s*(?:[-*]|#\.|\d+\.) ", line)
        other = line is not None and by_indent and not item and len(line) - len(line.lstrip()) != deep
        if item:
            deep = item.end()
        elif line is not None:
            deep = len(line) - len(line.lstrip())
        if found is not None and (line is None or item or other):
            yield found
            found = None
        if line is not None:
            found = found or Paragraph(number)
            found.lines.append(re.sub(r"^\s*(?:[-*]|#\.|\d+\.) ", "", line) if item else line)
    if found is not None:
        yield found


def _markdown(lines: list[tuple[int, str]]) -> Iterator[Paragraph]:
    def prose() -> Iterator[tuple[int, str | None]]:
        fenced = comment = False
        for number, line in lines:
            if line.lstrip().startswith("```"):
                fenced = not fenced
            comment = comment or line.startswith("<!--")
            plain = not fenced and not comment and line.strip() and not line.lstrip().startswith(("#", "|", "```", "    "))
            yield number, line if plain else None
            comment = comment and not line.endswith("-->")

    yield from _gathered(prose())


def _restructured(lines: list[tuple[int, str]]) -> Iterator[Paragraph]:
    def prose() -> Iterator[tuple[int, str | None]]:
        hidden = -1  # how far what has to be deeper to belong to a block is indented
        for number, line in lines:
            indent = len(line) - len(line.lstrip())
            if line.strip() and indent <= hidden:
                hidden = -1
            if hidden >= 0 or not line.strip() or _RULED.fullmatch(line) or line.lstrip().startswith("|"):
                yield number, None
            elif re.match(r"\s*\.\. ", line):
                hidden = -1 if re.match(r"\s*\.\. (?:note|warning|seealso|tip|important)::", line) else indent
                yield number, None
            else:
                hidden = indent if line.rstrip().endswith("::") else -1
                yield number, line.rstrip(":") + ":" if hidden >= 0 else line

    yield from _gathered(prose(), by_indent=True)


def _yaml(lines: list[tuple[int, str]]) -> Iterator[Paragraph]:
    def prose() -> Iterator[tuple[int, str | None]]:
        depth, listed = -1, False  # how far the key of a text is indented; whether an item has to come next
        for number, line in lines:
            indent = len(line) - len(line.lstrip())
            if listed and not line.lstrip().startswith("- "):
                depth = -1  # a key of that name which is not a text
            listed = False
            key = re.match(r"\s*(?:- )?(\w+):(?: (?!\s*[>|&]).*)?$", line)
            if key and indent <= depth or key and depth < 0:
                depth = indent if key.group(1) in _PROSE_KEYS else -1
                value = line.partition(":")[2].strip()
                listed = not value
                yield number, value if depth >= 0 and value and not value.startswith(("[", ">", "|")) else None
            else:
                yield number, line if depth >= 0 and line.strip() and indent > depth else None

    yield from _gathered(prose())
