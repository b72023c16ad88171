# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader of PEM: examples of OpenSSL's rules, and mutated files through OpenSSL's own PEM_read_bio where its library is at hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import PemError, pem_blocks
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from ansible_collections.mailops.tls.tests.unit.plugins.module_utils._x509 import libcrypto
from hypothesis import given
from hypothesis import strategies as st

NEWLINES = st.sampled_from([b"\n", b"\r\n", b"\r\r\n"])
LABELS = st.sampled_from(["CERTIFICATE", "PUBLIC KEY", "EC PARAMETERS", "X509 CERTIFICATE", "PRIVATE KEY"])
BODY = bytes(range(100))
BLOCK = make.pem("CERTIFICATE", BODY)
LINES = BLOCK.splitlines(True)

Read = tuple[list[tuple[str, bytes, bytes]], bool]


def read(data: bytes) -> Read:
    """Label, header and content of each block, and whether the end of the file was reached."""
    found = []
    try:
        for block in pem_blocks(data):
            found.append((block.label, block.header, block.der))
    except PemError:
        return found, False
    return found, True


@given(st.lists(st.tuples(LABELS, st.binary(min_size=1)), max_size=5), NEWLINES, st.text("abc -\n", max_size=30))
def test_what_was_written_is_read(written: list[tuple[str, bytes]], newline: bytes, between: str) -> None:
    text = (between.encode() + b"\n").join([b"", *(make.pem(label, content) for label, content in written)])
    found = list(pem_blocks(text.replace(b"\n", newline)))
    assert [(block.label, block.der) for block in found] == written
    assert [(again.label, again.der) for block in found for again in pem_blocks(block.text)] == written


@given(st.binary(max_size=300))
def test_anything_else_is_no_block(data: bytes) -> None:
    assert read(data) == ([], True) or b"-----BEGIN" in data


@pytest.mark.parametrize(
    ("text", "blocks", "whole"),
    [
        (b"text\n" + BLOCK + b"text", 1, True),
        (BLOCK[:-1] + BLOCK, 0, False),
        (b" " + BLOCK, 0, True),
        (b"\xef\xbb\xbf" + BLOCK, 1, True),
        (b"".join(b"> " + line for line in LINES), 0, True),
        (BLOCK + BLOCK[:-20], 1, False),
        (BLOCK.replace(b"-----END", b" -----END"), 0, False),
        (BLOCK.replace(b"END CERTIFICATE-----", b"END CERTIFICATE----- \t\r"), 1, True),
        (BLOCK.replace(b"END CERTIFICATE-----", b"END CERTIFICATE-----x"), 0, False),
        (BLOCK.replace(b"END CERTIFICATE", b"END PUBLIC KEY"), 0, False),
        (LINES[0] + b"\n" + b"".join(LINES[1:]), 1, True),
        (b"".join([*LINES[:2], b"\n", *LINES[2:]]), 1, True),
        (b"".join([LINES[0], b"\n", LINES[3], LINES[1], LINES[-1]]), 0, False),
        (LINES[0] + b"A: b\n\n" + b"".join(LINES[1:]), 1, True),
        (LINES[0] + b"A: b\n" + b"".join(LINES[1:]), 0, False),
        (LINES[0] + b"\n\n" + b"".join(LINES[1:]), 0, False),
        (BLOCK.replace(b"\n", b"\r"), 0, False),
        (b"\0\n" + BLOCK, 0, True),
        (LINES[0] + b"".join(LINES[1:-1]).replace(b"\n", b"") + b"\n" + LINES[-1], 1, True),
        (LINES[0] + b"!!!!\n" + LINES[-1], 0, False),
        (LINES[0] + LINES[-1], 0, False),
    ],
    ids=range(21),
)
def test_rules_of_openssl(text: bytes, blocks: int, whole: bool, tmp_path: Path) -> None:
    found = read(text)
    assert (len(found[0]), found[1]) == (blocks, whole)
    if libcrypto.AVAILABLE:
        assert libcrypto.read(text, tmp_path / "file.pem") == found


def test_errors_name_the_block_and_the_line() -> None:
    with pytest.raises(PemError, match="line 6: there is another END line in the CERTIFICATE block of line 2"):
        list(pem_blocks(b"x\n" + BLOCK.replace(b"END CERT", b"END X")))


def test_a_private_key_is_not_shown() -> None:
    (block,) = pem_blocks(make.pem("PRIVATE KEY", b"a secret"))
    assert "secret" not in repr(block) and "YSBzZWNyZXQ" not in repr(block)


INSERTED = st.sampled_from(
    [b" ", b"\t", b"\r", b"\n", b"\n\n", b"\0", b"-", b"=", b":", b"A: b\n", b"A: b\n\n", b"\xef\xbb\xbf", b"\xff", b"\x0b", b"-----",
     b"-----BEGIN ", b"-----END ", b"-----END CERTIFICATE-----", b"A" * 253, b"A" * 254, b"A" * 255, b"AAAA", b"A"]
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A file of a few blocks of lines of some width, cut and patched in a few places."""
    lines = []
    blocks = st.tuples(LABELS, st.binary(max_size=200), st.sampled_from([64, 76, 254, 1000]))
    for label, content, width in draw(st.lists(blocks, max_size=3)):
        first, *body, last = make.pem(label, content).splitlines()
        text = b"".join(body)
        lines += [first, *(text[at : at + width] for at in range(0, len(text), width)), last]
    data = draw(st.sampled_from([b"\n", b"\r\n"])).join([*lines, b""])
    for at, cut, text in draw(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 3), INSERTED), max_size=4)):
        at = min(at, len(data))
        data = data[:at] + text + data[at + cut :]
    return data


@pytest.mark.skipif(not libcrypto.AVAILABLE, reason="there is no libcrypto.so.3 here")
@given(mutated())
def test_mutated_files_read_as_openssl_reads_them(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "mutated.pem"
    assert read(data) == libcrypto.read(data, path)
