# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trust-anchor files as synthetic TLSA records (semantics section 4.3)."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.trust_anchors import trust_anchor_records
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.tests.unit import certificates as make

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
     b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n", ISSUED.pem + make.pem("CERTIFICATE", b"junk")],
)  # fmt: skip
def test_what_cannot_be_used_is_the_users_mistake(content: bytes) -> None:
    with pytest.raises(OptionError) as problem:
        trust_anchor_records(content, value="ta.pem")
    assert (problem.value.option, problem.value.value) == ("trust_anchor_files", "ta.pem")
