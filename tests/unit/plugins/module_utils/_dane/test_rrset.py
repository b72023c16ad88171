# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RRsets at names that are no owners."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import AliasTarget
from ansible_collections.mailops.tls.plugins.module_utils._dane.publish import Association
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import all_forms
from ansible_collections.mailops.tls.plugins.module_utils._dane.rrset import TlsaRRset


def test_forms_of_records_at_the_target_of_an_alias() -> None:
    record = TlsaRecord(3, 1, 1, b"\1" * 32)
    forms = all_forms([TlsaRRset(AliasTarget("tlsa201._dane.example.org"), 60, (Association(record, ()),))])
    (facts,) = forms["records"]
    assert (facts["owner"], facts["alias_target"], facts["port"]) == ("tlsa201._dane.example.org.", True, None)
    assert forms["zone"] == f"tlsa201._dane.example.org. 60 IN TLSA {record}\n"
    assert forms["single_records"][0]["record"] == "tlsa201._dane.example.org."
    assert (forms["split_records"][0]["record"], forms["split_records"][0]["port"]) == ("tlsa201._dane.example.org", None)
