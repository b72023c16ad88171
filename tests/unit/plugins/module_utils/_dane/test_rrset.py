# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose records are at a name."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.publish import Association
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.record_forms import all_forms
from ansible_collections.mailops.tls.plugins.module_utils._dane.rrset import AliasTarget, TlsaOwner, TlsaRRset, owner_of_name


@pytest.mark.parametrize(
    ("name", "owner"),
    [("_25._tcp.mx.example.org", TlsaOwner("mx.example.org", 25)), ("_853._udp.a", TlsaOwner("a", 853, "udp")),
     (r"_25._tcp.a\.b.example", TlsaOwner(r"a\.b.example", 25)),
     *((name, AliasTarget(name)) for name in (
         "tlsa201._dane.example.org", "tlsa.example.org", "_25._tcp", "_025._tcp.a", "_99999._tcp.a", "25._tcp.a", "*._tcp.a", "a",
         "_443.a.example", "_25.tcp.a", r"_25\._tcp.a"))],
)  # fmt: skip
def test_owner_of_a_name(name: str, owner: TlsaOwner | AliasTarget) -> None:
    assert owner_of_name(name) == owner
    assert owner.name == name + "."


def test_forms_of_records_at_the_target_of_an_alias() -> None:
    record = TlsaRecord(3, 1, 1, b"\1" * 32)
    forms = all_forms([TlsaRRset(AliasTarget("tlsa201._dane.example.org"), 60, (Association(record, ()),))])
    (facts,) = forms["records"]
    assert (facts["owner"], facts["alias_target"], facts["port"]) == ("tlsa201._dane.example.org.", True, None)
    assert forms["zone"] == f"tlsa201._dane.example.org. 60 IN TLSA {record}\n"
    assert forms["single_records"][0]["record"] == "tlsa201._dane.example.org."
    assert (forms["split_records"][0]["record"], forms["split_records"][0]["port"]) == ("tlsa201._dane.example.org", None)
