# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of PEM files: what is in a file, and what happened to one of its blocks. A grammar of layouts and mutations, the same in each run.

Nothing depends on the bytes of keys and certificates, which are made anew: a mutation is of lines and labels, or cuts where any DER breaks.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Callable

from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from cryptography.hazmat.primitives import serialization

Lines = list[bytes]
Mutate = Callable[[Lines], bytes]


def text_of(lines: Sequence[bytes], newline: bytes = b"\n") -> bytes:
    """The lines as a file has them."""
    return b"".join(line + newline for line in lines)


def body_of(lines: Lines) -> bytes:
    """The base64 text in one piece."""
    return b"".join(lines[1:-1])


def wrapped(lines: Lines, width: int, behind_begin: Sequence[bytes] = ()) -> bytes:
    """The block with lines of another length."""
    body = body_of(lines)
    return text_of([lines[0], *behind_begin, *(body[at : at + width] for at in range(0, len(body), width)), lines[-1]])


def with_der(lines: Lines, change: Callable[[bytes], bytes]) -> bytes:
    """The block with other content."""
    return make.pem(label_of(lines), change(base64.b64decode(body_of(lines))))


def label_of(lines: Lines) -> str:
    """The label of a block."""
    return lines[0][len(b"-----BEGIN ") : -len(b"-----")].decode()


def patched(at: int, *new: bytes) -> Mutate:
    """Put lines before one of the block's."""
    return lambda lines: text_of([*lines[:at], *new, *lines[at:]])


def lined(change: Callable[[bytes], bytes], *, first: bool = False, middle: bool = False, last: bool = False) -> Mutate:
    """Change some of a block's lines."""

    def mutate(lines: Lines) -> bytes:
        parts = [change(lines[0]) if first else lines[0]]
        parts += [change(line) if middle else line for line in lines[1:-1]]
        return text_of([*parts, change(lines[-1]) if last else lines[-1]])

    return mutate


def before(text: bytes) -> Mutate:
    """Put text before the block."""
    return lambda lines: text + text_of(lines)


ENCRYPTED = make.Key.generate("ecdsa").private.private_bytes(  # type: ignore[attr-defined]
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"passphrase")
)
HEADER = b"X-Comment: written by hand"
MUTATIONS: Mapping[str, Mutate] = {
    "as it is": text_of,
    "CR LF": lambda lines: text_of(lines, b"\r\n"),
    "CR CR LF": lambda lines: text_of(lines, b"\r\r\n"),
    "CR alone": lambda lines: text_of(lines, b"\r"),
    "blanks behind lines": lambda lines: text_of(lines, b" \t \n"),
    "no-break space behind END": lined(lambda line: line + b"\xc2\xa0", last=True),
    "text behind END": lined(lambda line: line + b" x", last=True),
    "text behind BEGIN": lined(lambda line: line + b" x", first=True),
    "BEGIN behind text": lined(lambda line: b"x" + line, first=True),
    "BEGIN indented": lined(lambda line: b" " + line, first=True),
    "END indented": lined(lambda line: b" " + line, last=True),
    "body indented": lined(lambda line: b"\t" + line, middle=True),
    "all indented": lined(lambda line: b"  " + line, first=True, middle=True, last=True),
    "quoted": lined(lambda line: b"> " + line, first=True, middle=True, last=True),
    "no newline at its end": lambda lines: text_of(lines)[:-1],
    "END missing": lambda lines: text_of(lines[:-1]),
    "END cut": lined(lambda line: line[:-3], last=True),
    "END of another label": lined(lambda line: line.replace(b"END ", b"END X "), last=True),
    "cut in the body": lambda lines: text_of(lines)[:100],
    "cut in the body, newline": lambda lines: text_of(lines[:2]),
    "blank line behind BEGIN": patched(1, b""),
    "blank line of blanks behind BEGIN": patched(1, b" \t\r"),
    "two blank lines behind BEGIN": patched(1, b"", b""),
    "blank line in the body": patched(2, b""),
    "blank line before END": patched(-1, b""),
    "header": patched(1, HEADER, b""),
    "short header": patched(1, b"a: b", b""),
    "header of two lines": patched(1, HEADER, b"  goes on", b""),
    "header without a blank line": patched(1, HEADER),
    "header like an encrypted key's": patched(1, b"Proc-Type: 4,ENCRYPTED", b"DEK-Info: AES-128-CBC,000102030405060708090A0B0C0D0E0F", b""),
    "header without colon": patched(1, b"just words", b""),
    "lines of 76": lambda lines: wrapped(lines, 76),
    "lines of 76 behind a header": lambda lines: wrapped(lines, 76, (b"",)),
    "lines of 32": lambda lines: wrapped(lines, 32),
    "lines of 32 behind a header": lambda lines: wrapped(lines, 32, (b"",)),
    "lines of 253": lambda lines: wrapped(lines, 253),
    "lines of 254": lambda lines: wrapped(lines, 254),
    "lines of 255": lambda lines: wrapped(lines, 255),
    "one long line": lambda lines: wrapped(lines, 100000),
    "hyphen in the body": patched(2, b"-"),
    "hyphen behind the body": patched(-1, b"- the end"),
    "vertical tab in the body": patched(2, b"\x0b AAAA"),
    "blank in a line": lined(lambda line: line[:5] + b" " + line[5:], middle=True),
    "sign in the body": lined(lambda line: b"!" + line[1:], middle=True),
    "text behind the padding": patched(-1, b"===="),
    "one character less": lambda lines: text_of([lines[0], lines[1][1:], *lines[2:]]),
    "lower case label": lambda lines: text_of(lines).replace(label_of(lines).encode(), label_of(lines).lower().encode()),
    "two blanks in BEGIN": lined(lambda line: line.replace(b"BEGIN ", b"BEGIN  "), first=True),
    "octets behind the DER": lambda lines: with_der(lines, lambda data: data + b"\0\0"),
    "empty sequence behind the DER": lambda lines: with_der(lines, lambda data: data + b"\x30\0"),
    "DER cut": lambda lines: with_der(lines, lambda data: data[:-5]),
    "another thing's DER": lambda lines: with_der(lines, lambda data: b"\x30\x03\x02\x01\x00"),
    "twice": lambda lines: text_of(lines) * 2,
    "text before": before(b"# comment: -----BEGIN and so on\n\n"),
    "BEGIN alone before": before(b"-----BEGIN\n-----BEGIN -----x\n"),
    "byte order mark before": before(b"\xef\xbb\xbf"),
    "two byte order marks before": before(b"\xef\xbb\xbf" * 2),
    "NUL line before": before(b"\0\n"),
    "NUL in a line before": before(b"x\0y\n"),
    "NUL behind END": lined(lambda line: line + b"\0x", last=True),
    "NUL in the body": lined(lambda line: line[:8] + b"\0" + line[8:], middle=True),
    "other block before": before(make.pem("X OTHER", b"anything")),
    "parameters before": before(make.pem("EC PARAMETERS", bytes.fromhex("06082a8648ce3d030107"))),
    "empty block before": before(b"-----BEGIN X-----\n-----END X-----\n"),
    "other block without base64 before": before(b"-----BEGIN X-----\n!!\n-----END X-----\n"),
    "other block with a header before": before(b"-----BEGIN X-----\n" + HEADER + b"\n\nAAAA\n-----END X-----\n"),
    "open block before": before(b"-----BEGIN X-----\nAAAA\n"),
    "long line before": before(b"x" * 300 + b"\n"),
    "BEGIN at the 255th character": before(b"x" * 254),
    "old label": lambda lines: text_of(lines).replace(b"CERTIFICATE", b"X509 CERTIFICATE"),
    "trusted label": lambda lines: text_of(lines).replace(b"CERTIFICATE", b"TRUSTED CERTIFICATE"),
    "malformed one of its kind before": lambda lines: make.pem(label_of(lines), b"\x30\0") + text_of(lines),
    "unknown kind of key before": before(make.pem("MY PRIVATE KEY", b"\x30\0")),
    "encrypted key before": before(ENCRYPTED),
    "encrypted key behind": lambda lines: text_of(lines) + ENCRYPTED,
    "malformed encrypted key before": before(make.pem("ENCRYPTED PRIVATE KEY", b"\x30\x04\x30\0\x04\0")),
    "any kind of key before": before(make.pem("ANY PRIVATE KEY", b"\x30\0")),
    "any kind of key behind a header": before(
        b"-----BEGIN X-----\n" + HEADER + b"\n\nAAAA\n-----END X-----\n" + make.pem("ANY PRIVATE KEY", b"\x30\0")
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """A file (or two): what it is for, in what layout, and what was done to which block."""

    use: str
    layout: tuple[str, ...]
    block: int
    mutation: str

    @property
    def name(self) -> str:
        """A name for reports."""
        return f"{self.use} [{' '.join(self.layout)}], {self.layout[self.block]}: {self.mutation}"

    def content(self, blocks: Mapping[str, bytes]) -> bytes:
        """The file, made of blocks by their names."""
        parts = [blocks[one] for one in self.layout]
        parts[self.block] = MUTATIONS[self.mutation](parts[self.block].splitlines())
        return b"".join(parts)


OF_LOADERS = (
    "END missing", "END indented", "blank line in the body", "header", "short header", "header like an encrypted key's",
    "octets behind the DER", "empty sequence behind the DER", "DER cut", "another thing's DER", "twice",
    "other block without base64 before", "open block before",
    "other block with a header before", "old label", "trusted label", "malformed one of its kind before", "encrypted key before",
    "malformed encrypted key before", "NUL line before",
)  # fmt: skip
"""What loaders differ in, besides the reading of lines."""

LAYOUTS: Sequence[tuple[str, tuple[str, ...], tuple[int, ...], Sequence[str]]] = (
    ("chain file", ("key", "leaf", "issuer"), (2, 0, 1), tuple(MUTATIONS)),
    ("chain file", ("key", "leaf", "issuer"), (0,), OF_LOADERS),
    ("file of both", ("leaf", "key", "issuer"), (0,), OF_LOADERS),
    ("file of both", ("leaf", "key", "issuer"), (1,), OF_LOADERS),
    ("certificate file", ("leaf", "issuer"), (0, 1), tuple(MUTATIONS)),
    ("certificate file", ("leaf", "issuer"), (1, 0), OF_LOADERS),
    ("key file", ("leaf", "key"), (1,), tuple(MUTATIONS)),
    ("key file", ("key", "other key"), (0,), OF_LOADERS),
    ("trust anchors", ("other root", "issuer"), (1, 0), tuple(MUTATIONS)),
    ("trust anchors", ("issuer", "issuer key"), (0,), OF_LOADERS),
    ("CA file", ("other root", "root"), (1, 0), tuple(MUTATIONS)),
)
"""What a file is for, its blocks, those that mutations take in turn, and which mutations."""


def shapes() -> Iterator[Shape]:
    """Each shape once."""
    found: dict[Shape, None] = {}
    for use, layout, blocks, mutations in LAYOUTS:
        found.update((Shape(use, layout, blocks[number % len(blocks)], mutation), None) for number, mutation in enumerate(mutations))
    return iter(found)
