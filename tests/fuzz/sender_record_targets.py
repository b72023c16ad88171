# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz targets of what a mail domain publishes in TXT records: SPF, DKIM keys, DMARC. Each line is a record, each 0xFF ends a string."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._domain.dkim import DkimStatus, look_up_dkim
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc import look_up_dmarc
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_lint import lint_dmarc
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import RecordStatus
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf import look_up_spf
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_check import SpfResult
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_lint import lint_spf
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_walk import SpfStatus
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.tests.unit.makers.asked_zone import Zone, run
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import unclean

_HOSTS: Mapping[str, Mapping[str, Any]] = {
    "*.x": {"A": ["192.0.2.9"], "MX": [(10, "m.x")], "PTR": ["p.x"]},
    "*.in-addr.arpa": {"PTR": ["a.x"]},
}
_LONGEST_TEXT = 3000


def _records(data: bytes) -> list[tuple[bytes, ...]]:
    return [tuple(line.split(b"\xff")) for line in data.split(b"\n")]


def _check(found: tuple[Finding, ...]) -> None:
    facts = [one.as_facts() for one in found]
    assert not list(unclean(facts)) and len({(one.id, one.subject) for one in found}) == len(found)
    assert all(len(one.text) < _LONGEST_TEXT for one in found)


def spf(data: bytes) -> None:
    """The first line is the domain's record, each further one that of a name that it may include; facts are clean, questions few."""
    lines = _records(data)
    zone = Zone({**_HOSTS, "d.x": {"TXT": lines[:1]}, **{f"{number}.x": {"TXT": [line]} for number, line in enumerate(lines[1:9])}})
    seen = run(look_up_spf("d.x", zone.ask, ("192.0.2.9", "2001:db8::1")))
    _check(lint_spf(seen))
    assert not list(unclean(seen.as_facts())) and len(zone.questions) < 2000
    for evaluation in [one[1] for one in seen.evaluated]:
        assert (seen.status is SpfStatus.NONE) is (evaluation.result is SpfResult.NONE)
        assert evaluation.result is SpfResult.PERMERROR or not (seen.seen.record and seen.seen.record.broken)


def dkim(data: bytes) -> None:
    """A selector has one state, clean facts, and an error exactly when verifiers cannot use its key."""
    seen = run(look_up_dkim("d.x", "s", Zone({"s._domainkey.d.x": {"TXT": _records(data)}}).ask, "v=DKIM1; p=AAAA"))
    _check(seen.findings)
    assert not list(unclean(seen.as_facts()))
    assert (seen.failure is not None) is (seen.status in (DkimStatus.INVALID, DkimStatus.MULTIPLE))


def dmarc(data: bytes) -> None:
    """The first line is of the domain, the second of the one above; what applies has a policy, and facts are clean."""
    lines = _records(data)
    above = {"_dmarc.d.x": {"TXT": lines[1:2]}} if len(lines) > 1 else {}
    zone = Zone({**_HOSTS, "_dmarc.a.d.x": {"TXT": lines[:1]}, **above})
    seen = run(look_up_dmarc("a.d.x", zone.ask))
    _check(lint_dmarc(seen))
    assert not list(unclean(seen.as_facts())) and len(zone.questions) < 1000
    assert (seen.record is None) is (seen.applied_policy is None)
    assert seen.failure is None or seen.status is not RecordStatus.VALID


_KEY = (
    b"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2"
    b"UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)
_SEEDS = {
    "spf": {
        "usual": b"v=spf1 mx a:h.x/24//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 include:0.x ~all\nv=spf1 exists:%{i}.s.%{d2} ?ptr -all",
        "modifiers": b"v=spf1 redirect=0.x exp=1.x moo=%{l1r+-}\nv=spf1 -all\n%{i} of %{S} is not %{c} at %{t}",
        "circle": b"v=spf1 include:0.x -all\nv=spf1 include:1.x -all\nv=spf1 redirect=d.x",
        "broken": b'v=spf1 ip4:1.2.3 ip6:x a:1.2.3.4 foo %% all "x" redirect=a redirect=b \xe2\x80\x9c',
        "strings": b"v=spf1 ip4:192.0.2.1\xffinclude:0.x\xff -all",
    },
    "dkim": {
        "rsa": b"v=DKIM1; k=rsa; t=s:y; h=sha1:sha256; s=email; n=note; p=" + _KEY[:100] + b"\xff" + _KEY[100:],
        "ed25519": b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "wrapped": b"v=DKIM1; k=ed25519; p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "escaped": b'v=DKIM1\\; p="' + _KEY[:90] + b'"',
        "revoked": b"g=*; p=",
        "several": b"v=DKIM1; p=\nv=spf1 -all",
    },
    "dmarc": {
        "usual": b"v=DMARC1; p=reject; sp=none; np=quarantine; t=y; psd=n; fo=1:d; rua=mailto:a@b.x!10m,https://c.x/; ruf=mailto:d@d.x",
        "old": b"v=DMARC1;p=none;pct=20;rf=afrf;ri=86400;policy=x",
        "broken": b'v=DMARC1; p:reject; sp=no rua="x"; fo=0:1;; p=none; p=none',
        "above": b"v=dmarc1\\; p=none\nv=DMARC1; p=quarantine; rua=mailto:%40@b.x,mailto:,x:",
        "suffix": b"v = DMARC1 ; psd=y\nv=DMARC1; psd=y; p=reject",
    },
}


def sender_record_seeds() -> Iterator[tuple[str, str, bytes]]:
    """Yield harness, name and bytes of every first input."""
    for harness, seeds in _SEEDS.items():
        for name, data in seeds.items():
            yield harness, name, data
