# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trust-anchor files as synthetic TLSA records (docs/postfix-semantics.md section 4.3)."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.trust_anchors import trust_anchor_records
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make

ISSUED = make.issue()


def test_certificates_and_keys_become_pairs_of_records() -> None:
    content = b"a comment\n" + ISSUED.pem + ISSUED.key.pem + make.pem("PUBLIC KEY", ISSUED.key.spki)
    assert trust_anchor_records(content) == (
        TlsaRecord(2, 0, 0, ISSUED.der), TlsaRecord(3, 0, 0, ISSUED.der),
        TlsaRecord(2, 1, 0, ISSUED.key.spki), TlsaRecord(3, 1, 0, ISSUED.key.spki),
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [b"", b"no blocks", ISSUED.key.pem, make.pem("CERTIFICATE", b"junk"), make.pem("PUBLIC KEY", ISSUED.der),
     b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n", ISSUED.pem + ISSUED.pem[:-30],
     ISSUED.pem[:-1] + ISSUED.pem, b" " + ISSUED.pem, b"> " + ISSUED.pem, b"".join(b" " + line for line in ISSUED.pem.splitlines(True)),
     ISSUED.pem.replace(b"\n", b"\n\n", 3), ISSUED.pem[:100] + b"\n\n" + ISSUED.pem[100:], make.pem("CERTIFICATE", ISSUED.der + b"\0")],
)  # fmt: skip
def test_what_cannot_be_used_is_the_users_mistake(content: bytes) -> None:
    with pytest.raises(OptionError) as problem:
        trust_anchor_records(content, value="ta.pem")
    assert (problem.value.option, problem.value.value) == ("trust_anchor_files", "ta.pem")


def test_what_openssl_cannot_use_is_left_out_as_postfix_does() -> None:
    found = trust_anchor_records(make.pem("CERTIFICATE", b"junk") + ISSUED.pem)
    assert [record.data for record in found] == [ISSUED.der] * 2


@pytest.mark.parametrize("newline", [b"\r\n", b"\r\r\n", b" \t\n"])
def test_blanks_at_the_end_of_lines_do_not_count(newline: bytes) -> None:
    assert len(trust_anchor_records(ISSUED.pem.replace(b"\n", newline))) == 2


def test_the_error_names_the_line() -> None:
    with pytest.raises(OptionError, match="CERTIFICATE block of line 2"):
        trust_anchor_records(b"text\n" + ISSUED.pem[:-30])
