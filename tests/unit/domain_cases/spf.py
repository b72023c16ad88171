# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of each finding on SPF a case that has it and a near one that has not."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import spf
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.tests.unit.domain_cases.world import PUBLIC, FindingCase, lines


def _case(kind: FindingKind, wrong: str, right: str, *both: str) -> FindingCase:
    """A record that is wrong and one that is right, with more lines for both."""
    return FindingCase(kind, lines(f"@ TXT {wrong}", *both), lines(f"@ TXT {right}", *both))


def _other(kind: FindingKind, record: str, wrong: str, right: str) -> FindingCase:
    """A record that leads to other.example.com, whose record is wrong or right; `-` for none."""
    below = (lines(f"@ TXT {record}", f"other TXT {one}") for one in (wrong, right))
    return FindingCase(kind, *below)


def _repeated(term: str, times: int) -> str:
    return f"v=spf1 {' '.join([term] * times)} -all"


INCLUDE = "v=spf1 include:other.example.com -all"
_EXCHANGES = tuple(f"many MX {number} mx.example.com" for number in range(11))
SPF_CASES = (
    _case(spf.SPF_MISSING, "-", "v=spf1 -all"),
    FindingCase(
        spf.SPF_MULTIPLE_RECORDS,
        lines("@ TXT v=spf1 -all", "@ TXT v=spf1 mx -all"),
        lines("@ TXT v=spf1 -all", "@ TXT site-verification=1"),
    ),
    _case(spf.SPF_RECORD_NOT_RECOGNISED, "v=spf1;mx -all", "v=spf1 mx -all"),
    _case(spf.SPF_SYNTAX_ERROR, "v=spf1 mx, -all", "v=spf1 mx -all"),
    _case(spf.SPF_UNKNOWN_MECHANISM, "v=spf1 ipv4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all"),
    _case(spf.SPF_INVALID_ADDRESS, "v=spf1 ip4:192.0.2.300 -all", "v=spf1 ip4:192.0.2.30 -all"),
    _case(spf.SPF_ADDRESS_IN_A, "v=spf1 a:192.0.2.1 -all", "v=spf1 a:mx.example.com -all"),
    _case(spf.SPF_HOST_BITS_SET, "v=spf1 ip4:192.0.2.1/24 -all", "v=spf1 ip4:192.0.2.0/24 -all"),
    _case(spf.SPF_WIDE_NETWORK, "v=spf1 ip4:11.0.0.0/8 -all", "v=spf1 ip4:11.0.0.0/9 -all"),
    _case(spf.SPF_TOO_MANY_LOOKUPS, _repeated("a:mx.example.com", 11), _repeated("a:mx.example.com", 10)),
    _case(spf.SPF_LOOKUPS_NEAR_LIMIT, _repeated("a:mx.example.com", 9), _repeated("a:mx.example.com", 8)),
    _case(spf.SPF_VOID_LOOKUP, "v=spf1 a:gone.example.com -all", "v=spf1 a:mx.example.com -all"),
    _case(spf.SPF_TOO_MANY_VOID_LOOKUPS, _repeated("a:gone.example.com", 3), _repeated("a:gone.example.com", 2)),
    FindingCase(
        spf.SPF_MX_TOO_MANY,
        lines("@ TXT v=spf1 mx:many.example.com -all", *_EXCHANGES),
        lines("@ TXT v=spf1 mx:many.example.com -all", *_EXCHANGES[1:]),
    ),
    _other(spf.SPF_INCLUDE_MISSING_RECORD, INCLUDE, "-", "v=spf1 -all"),
    _other(spf.SPF_INCLUDE_ERROR, INCLUDE, "v=spf1 foo:bar -all", "v=spf1 foo=bar -all"),
    _other(spf.SPF_REDIRECT_MISSING_RECORD, "v=spf1 redirect=other.example.com", "-", "v=spf1 -all"),
    _other(spf.SPF_INCLUDE_LOOP, INCLUDE, "v=spf1 include:example.com -all", "v=spf1 ip4:192.0.2.1 -all"),
    _other(spf.SPF_INCLUDE_ALLOWS_ALL, INCLUDE, "v=spf1 +all", "v=spf1 ?all"),
    _case(spf.SPF_ALL_PASS, "v=spf1 mx all", "v=spf1 mx -all"),
    _case(spf.SPF_ALL_NEUTRAL, "v=spf1 mx ?all", "v=spf1 mx ~all"),
    _case(spf.SPF_ALL_SOFTFAIL, "v=spf1 mx ~all", "v=spf1 mx -all"),
    _case(spf.SPF_ALL_MISSING, "v=spf1 mx", "v=spf1 redirect=other.example.com", "other TXT v=spf1 mx -all"),
    _case(spf.SPF_TERMS_AFTER_ALL, "v=spf1 -all mx", "v=spf1 mx -all exp=why.example.com"),
    _case(
        spf.SPF_REDIRECT_WITH_ALL, "v=spf1 -all redirect=other.example.com", "v=spf1 redirect=other.example.com", "other TXT v=spf1 -all"
    ),
    _case(spf.SPF_DUPLICATE_MODIFIER, "v=spf1 -all exp=a.example.com exp=b.example.com", "v=spf1 -all exp=a.example.com"),
    _case(spf.SPF_UNKNOWN_MODIFIER, "v=spf1 mx foo=bar -all", "v=spf1 mx rp=50 -all"),
    _case(spf.SPF_PTR_USED, "v=spf1 ptr -all", "v=spf1 a:ptr.example.com -all"),
    _case(spf.SPF_MACRO_INVALID, "v=spf1 exists:%{x}.example.com -all", "v=spf1 exists:%{i}.example.com -all"),
    _case(spf.SPF_STRINGS_JOINED_WITHOUT_SPACE, "v=spf1 ip4:192.0.2.1|mx -all", "v=spf1 ip4:192.0.2.1| mx -all"),
    _case(spf.SPF_NOT_ASCII, "v=spf1 mx\u00a0a -all", "v=spf1 mx a -all"),
    _case(spf.SPF_RECORD_TOO_LONG, _repeated("ip4:192.0.2.100", 40), _repeated("ip4:192.0.2.100", 20)),
    FindingCase(spf.SPF_TYPE99_RECORD, lines("@ SPF v=spf1 -all"), lines("other SPF v=spf1 -all")),
    FindingCase(
        spf.SPF_SENDER_ID_RECORD,
        lines("@ TXT v=spf1 -all", "@ TXT spf2.0/pra -all"),
        lines("@ TXT v=spf1 -all", "@ TXT spf2.1/pra -all"),
    ),
    FindingCase(spf.SPF_ADDRESS_NOT_AUTHORISED, lines(sending_addresses=("192.0.2.9",)), lines(sending_addresses=(PUBLIC,))),
)
