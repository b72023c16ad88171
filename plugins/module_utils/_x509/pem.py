# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The blocks of a PEM file, as the line reader of OpenSSL 3 finds them (PEM_read_bio in crypto/pem/pem_lib.c).

RFC 7468 says what a writer does; what a file holds is decided by its readers, and Postfix reads with OpenSSL. Its rules:

- A line is what fgets(3) gives: it ends at a newline or after 254 octets, and at a NUL. A line that begins with a NUL ends the file.
- Blanks and control characters at its end do not count, so any of LF, CR LF and CR CR LF ends a line.
- Outside of blocks every line is passed over but one that begins with ``-----BEGIN `` and ends with ``-----``.
- Inside, ``-----END `` with the same label, alone on its line, ends the block. Another END line, or none, is an error.
- A blank line ends the block's header, whether or not it looks like one. Behind a header no line has more than 64 characters,
  only the last one has fewer, and a second blank line is an error. A line with a colon begins a header that has to be ended.
- A hyphen ends the base64 text; what follows it does not count.

An error ends the reading: what a file holds behind it is never seen. So the blocks are given one by one, and the error comes in its place;
whoever needs the first key only does not meet the error behind it, as OpenSSL does not.
"""

from __future__ import annotations

import base64
import binascii
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_LINE = 254  # LINESIZE - 1, without the NUL that C puts behind it
_BEGIN, _END, _TAIL = b"-----BEGIN ", b"-----END ", b"-----"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
_BODY_LINE = 64
_BLANK = bytes(range(0x21))
# OpenSSL compares char with ' ', so octets above 0x7f count as blanks wherever char has a sign: not on ARM, POWER, S/390 and RISC-V.
_SIGNED = not platform.machine().lower().startswith(("aarch64", "arm", "ppc", "s390", "riscv"))
_STRIPPED = _BLANK + bytes(range(0x80, 0x100)) if _SIGNED else _BLANK


class PemError(ValueError):
    """OpenSSL stops reading here; the text says in which line and why, and holds nothing of the file but the block's label."""

    def __init__(self, text: str, label: str) -> None:
        super().__init__(text)
        self.label = label


@dataclass(frozen=True)
class PemBlock:
    """One block: its label (``CERTIFICATE``), the lines of its header, what it holds, and the line in which it begins (from 1)."""

    label: str
    header: bytes
    der: bytes = field(repr=False)
    line: int = 0

    @property
    def has_other_header(self) -> bool:
        """Whether the header is one that OpenSSL refuses where it looks at it: another than that of an encrypted block."""
        return bool(self.header) and not self.header.startswith(b"Proc-Type:")

    @property
    def without_header(self) -> PemBlock:
        """The block for readers that do not look at its header."""
        return replace(self, header=b"")

    @property
    def text(self) -> bytes:
        """The block as it would be written: whoever reads it sees the same block, whatever stood around it."""
        return pem_text(self.label, self.der, self.header)


def pem_text(label: str, der: bytes, header: bytes = b"") -> bytes:
    """Return a block as it is written (RFC 7468 section 2)."""
    body = base64.b64encode(der)
    lines = [body[at : at + _BODY_LINE] for at in range(0, len(body), _BODY_LINE)]
    name = label.encode("latin-1")
    return b"\n".join([_BEGIN + name + _TAIL, *([header] if header else []), *lines, _END + name + _TAIL, b""])


def pem_blocks(data: bytes) -> Iterator[PemBlock]:
    """Give the blocks of a file in their order.

    Raises:
        PemError: where OpenSSL would stop.
    """
    reader = PemReader(data)
    block = reader.read()
    while block is not None:
        yield block
        block = reader.read()


class PemReader:
    """Reads a file block by block. Behind an error it can be read on, as OpenSSL's decoders of keys do."""

    def __init__(self, data: bytes) -> None:
        self._lines = _Lines(data)

    def read(self) -> PemBlock | None:
        """Return the next block, None at the end of the file.

        Raises:
            PemError: where OpenSSL would stop.
        """
        label = _next_label(self._lines)
        return None if label is None else _block(self._lines, label)

    @property
    def at_end(self) -> bool:
        """Whether everything was read."""
        return self._lines.at_end


class _Lines:
    """What BIO_gets() gives of a file, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self.number = 0
        self._goes_on = False

    @property
    def at_end(self) -> bool:
        """Whether there is nothing more."""
        return self._at >= len(self._data)

    def get(self) -> bytes:
        """Return the next line, or part of a long one, with its newline; empty at the end of the file."""
        newline = self._data.find(b"\n", self._at, self._at + _LINE)
        end = newline + 1 if newline >= 0 else min(self._at + _LINE, len(self._data))
        found = self._data[self._at : end]
        self._at = end
        if not self._goes_on:
            self.number += 1
        self._goes_on = bool(found) and newline < 0
        return found.partition(b"\0")[0]


def _next_label(lines: _Lines) -> bytes | None:
    """The label of the next block; None when there is none any more."""
    first = True
    while True:
        line = lines.get()
        if not line:
            return None
        if first and len(line) > len(_BYTE_ORDER_MARK) and line.startswith(_BYTE_ORDER_MARK):
            line = line[len(_BYTE_ORDER_MARK) :]
        first = False
        line = line.rstrip(_STRIPPED)
        if line.startswith(_BEGIN) and line.endswith(_TAIL) and len(line) >= len(_BEGIN) + len(_TAIL):
            return line[len(_BEGIN) : -len(_TAIL)]


def _block(lines: _Lines, label: bytes) -> PemBlock:
    begin, name = lines.number, label.decode("latin-1")
    block = f"{clean(label, 64)} block of line {begin}"
    try:
        header, body = _header_and_body(lines, label)
    except ValueError as problem:
        raise PemError(f"{problem} in the {block}", name) from None
    text, _hyphen, _rest = b"\n".join(body).partition(b"-")
    text = text.translate(None, b" \t\r\n")
    try:
        if not _BASE64.fullmatch(text) or len(text) % 4:
            raise ValueError
        content = binascii.a2b_base64(text)
    except ValueError:
        raise PemError(f"the {block} is not base64", name) from None
    if not content:
        raise PemError(f"the {block} is empty", name)
    return PemBlock(name, b"".join(one + b"\n" for one in header), content, begin)


def _header_and_body(lines: _Lines, label: bytes) -> tuple[list[bytes], list[bytes]]:
    """The lines of a block up to its END, apart (get_header_and_data). Without a header all of them are its body."""
    before: list[bytes] = []
    behind: list[bytes] = []
    has_colon = has_blank = is_short = goes_on = False
    while True:
        raw = lines.get()
        if not raw:
            raise ValueError("there is no END line")
        went_on, goes_on = goes_on, len(raw) == _LINE and not raw.endswith(b"\n")
        has_colon = has_colon or (not has_blank and b":" in raw)
        line = raw.rstrip(_STRIPPED)
        if line.startswith(_END):
            return _ended(lines, line == _END + label + _TAIL, before, behind if has_blank else None, has_colon)
        if not line and not went_on:
            if has_blank:
                raise ValueError(f"line {lines.number}: there is a second blank line")
            has_blank = True
        if not line:
            continue
        if is_short:
            raise ValueError(f"line {lines.number}: there is text behind a short line")
        if has_blank and len(line) > _BODY_LINE:
            raise ValueError(f"line {lines.number}: there are more than {_BODY_LINE} characters behind the header")
        (behind if has_blank else before).append(line)
        is_short = has_blank and len(line) < _BODY_LINE


def _ended(
    lines: _Lines, same_label: bool, before: list[bytes], behind: list[bytes] | None, has_colon: bool
) -> tuple[list[bytes], list[bytes]]:
    """Header and body at the END line; behind is what stands behind a blank line, None when there was none."""
    if not same_label:
        raise ValueError(f"line {lines.number}: there is another END line")
    if behind is not None:
        return before, behind
    if has_colon:
        raise ValueError(f"line {lines.number}: the header ends at no blank line")
    return [], before
