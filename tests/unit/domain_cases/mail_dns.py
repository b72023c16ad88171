# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of each finding on exchanges, zones, CAA and block lists that needs no mail server a case that has it and a near one that has not."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dane, dns, mail_dns
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import Check
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.tests.unit.domain_cases.world import PUBLIC, FindingCase, Situation, lines
from ansible_collections.mailops.tls.tests.unit.servers.dns_authority import Authority

# --- exchanges ----------------------------------------------------------------------------------------------------------


def _case(kind: FindingKind, wrong: str, right: str, *both: str) -> FindingCase:
    return FindingCase(kind, lines(wrong, *both), lines(right, *both))


_SENDS_NOBODY = "@ TXT v=spf1 -all"
_REVERSE = "9.0.0.192.in-addr.arpa. PTR "
EXCHANGE_CASES = (
    _case(mail_dns.MX_MISSING, "@ MX -", "@ MX !", f"@ A {PUBLIC}"),
    FindingCase(mail_dns.MX_NULL_WITH_OTHERS, lines("@ MX 0 .", "@ MX 10 mx.example.com"), lines("@ MX 0 .")),
    _case(mail_dns.MX_NULL_PREFERENCE, "@ MX 10 .", "@ MX 0 .", _SENDS_NOBODY),
    FindingCase(mail_dns.MX_NULL_BUT_SENDS, lines("@ MX 0 .", "@ TXT v=spf1 ip4:192.0.2.1 -all"), lines("@ MX 0 .", _SENDS_NOBODY)),
    _case(mail_dns.MX_EXCHANGE_ALIAS, f"mx A>host.example.net {PUBLIC}", f"mx A {PUBLIC}"),
    _case(mail_dns.MX_EXCHANGE_IS_ADDRESS, f"@ MX 10 {PUBLIC}", "@ MX 10 mx.example.com"),
    _case(mail_dns.MX_EXCHANGE_NO_ADDRESS, "mx A -", "mx A !"),
    _case(mail_dns.MX_EXCHANGE_PRIVATE_ADDRESS, "mx A 192.168.1.1", f"mx A {PUBLIC}"),
    FindingCase(
        mail_dns.MX_EXCHANGE_TWICE,
        lines("@ MX 10 mx.example.com", "@ MX 20 MX.example.com"),
        lines("@ MX 10 mx.example.com", "@ MX 20 mx2.example.com", f"mx2 A {PUBLIC}"),
    ),
    _case(mail_dns.PTR_MISSING, f"{_REVERSE}-", f"{_REVERSE}!"),
    _case(mail_dns.PTR_NOT_CONFIRMED, f"{_REVERSE}host.example.net", f"{_REVERSE}mx.example.com"),
    _case(dns.RESOLVER_FAILURE, "_smtp._tls TXT !", "_smtp._tls TXT -"),
)

# --- certificates and records -------------------------------------------------------------------------------------------


def _tlsa(kind: FindingKind, wrong: str, right: str) -> FindingCase:
    return _case(kind, f"_25._tcp.mx TLSA {wrong}", f"_25._tcp.mx TLSA {right}")


_DIGEST = "ab" * 32
_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
RECORD_CASES = (
    _case(mail_dns.CAA_SYNTAX, '@ CAA 0 issue "not a domain"', '@ CAA 0 issue ";"'),
    _case(mail_dns.CAA_UNKNOWN_CRITICAL, '@ CAA 128 tbs "x"', '@ CAA 0 tbs "x"'),
    _tlsa(dane.PKIX_USAGE_ON_SMTP, f"1 1 1 {_DIGEST}", f"3 1 1 {_DIGEST}"),
    _tlsa(dane.MALFORMED_RECORD, "3 1 1 abcd", f"3 1 1 {_DIGEST}"),
    _tlsa(dane.EMPTY_INPUT_DIGEST, f"3 1 1 {_NOTHING}", f"3 1 1 {_DIGEST}"),
    _tlsa(dane.SELECTOR0_WITH_RENEWAL, f"3 0 1 {_DIGEST}", f"2 0 1 {_DIGEST}"),
)

# --- block lists --------------------------------------------------------------------------------------------------------

_LIST = "bl.example.net."
_WORKS = f"2.0.0.127.{_LIST} A 127.0.0.2"
_ENTRY = f"9.0.0.192.{_LIST} A "


def _list(kind: FindingKind, wrong: tuple[str, ...], right: tuple[str, ...]) -> FindingCase:
    settings = {"checks": frozenset((Check.DNSBL,)), "blocklists": ("bl.example.net",)}
    return FindingCase(kind, lines(*wrong, **settings), lines(*right, **settings))


LIST_CASES = (
    _list(mail_dns.DNSBL_LISTED, (_WORKS, f"{_ENTRY}127.0.0.3"), (f"{_ENTRY}127.0.0.3",)),
    _list(mail_dns.DNSBL_QUERY_REFUSED, (_WORKS, f"{_ENTRY}127.255.255.254"), (_WORKS,)),
    _list(mail_dns.DNSBL_ZONE_BROKEN, (_WORKS, f"1.0.0.127.{_LIST} A 127.0.0.2"), (_WORKS,)),
    _list(mail_dns.DNSBL_ANSWER_REWRITTEN, (_WORKS, f"{_ENTRY}198.51.100.1"), (_WORKS, f"{_ENTRY}127.0.0.3")),
)

# --- the zone -----------------------------------------------------------------------------------------------------------

_TWO = "example.com. 60 IN NS ns1.example.com.\nexample.com. 60 IN NS ns2.example.com.\n"
_GLUE = "ns1.example.com. 60 IN A 127.0.62.1\nns2.example.com. 60 IN A 127.0.62.2\n"
_ZONE = (
    "example.com. 60 IN SOA ns1.example.com. hostmaster.example.com. {serial} 3600 900 604800 300\n"
    + _TWO + _GLUE + "example.com. 60 IN MX {preference} mx.example.com.\n"
)  # fmt: skip
_PARENT = f"com. 60 IN SOA ns.com. hostmaster.com. 1 1 1 1 1\ncom. 60 IN NS ns.com.\nns.com. 60 IN A 127.0.62.3\n{_TWO}{_GLUE}"
_SERVERS = (
    "com. SOA ns.com. hostmaster.com. 1 1 1 1 1", "com. NS ns.com", "ns.com. A 127.0.62.3",
    "@ NS ns1.example.com", "@ NS ns2.example.com", "ns1 A 127.0.62.1", "ns2 A 127.0.62.2",
)  # fmt: skip


def _own(serial: int = 7, preference: int = 10) -> Authority:
    return Authority({"example.com": _ZONE.format(serial=serial, preference=preference)})


def served_zone(
    second: Authority | None = None,
    *more: str,
    first: Authority | None = None,
    parent: str = _PARENT,
    own: str | None = None,
    servers: tuple[str, ...] = _SERVERS,
    checks: tuple[Check, ...] = (Check.MX,),
) -> Situation:
    """Return a zone whose second server is this one, whose parent has this, and whose resolver is told more."""
    first = first or (_own() if own is None else Authority({"example.com": own.format(serial=7, preference=10)}))
    them = {"127.0.62.1": first, "127.0.62.2": second or first, "127.0.62.3": Authority({"com": parent})}
    return replace(lines(*servers, *more, checks=frozenset((Check.NS, *checks))), name_servers=them)


_ONE_IN_PARENT = _PARENT.replace("example.com. 60 IN NS ns2.example.com.\n", "")
_ONE_IN_ZONE = _ZONE.replace("example.com. 60 IN NS ns2.example.com.\n", "")
_ONE = tuple(one for one in _SERVERS if "ns2" not in one)
_SOA = "@ SOA~ ns1.example.com. hostmaster.example.com. 7 3600 900 604800 300"
_NEW_ROAD = "ns2 AAAA 2001:db8::53"
_ONLY_NEW = (*(one for one in _SERVERS if not one.startswith("ns2 A")), _NEW_ROAD)
_PARENT_OF_NEW = _PARENT.replace("A 127.0.62.2", "AAAA 2001:db8::53")
ZONE_CASES = (
    FindingCase(mail_dns.NS_NOT_AUTHORITATIVE, served_zone(Authority(lame=True)), served_zone(Authority(rcode="SERVFAIL"))),
    FindingCase(dns.SERVER_FAILURE_ON_SOME_NS, served_zone(Authority(rcode="SERVFAIL")), served_zone(Authority(lame=True))),
    FindingCase(dns.SERVER_NOT_TRIED, served_zone(servers=_ONLY_NEW, parent=_PARENT_OF_NEW), served_zone(None, _NEW_ROAD)),
    FindingCase(mail_dns.NS_SERIAL_DIFFERS, served_zone(_own(6)), served_zone(_own(7, 20))),
    FindingCase(mail_dns.NS_ANSWERS_DIFFER, served_zone(_own(7, 20)), served_zone(_own(6))),
    FindingCase(mail_dns.NS_SINGLE, served_zone(parent=_ONE_IN_PARENT, own=_ONE_IN_ZONE, servers=_ONE), served_zone()),
    FindingCase(mail_dns.ZONE_INSECURE, served_zone(None, _SOA), served_zone()),
    FindingCase(dns.NS_SET_MISMATCH, served_zone(parent=_ONE_IN_PARENT), served_zone()),
    FindingCase(dns.GLUE_MISMATCH, served_zone(parent=_PARENT.replace("A 127.0.62.2", "A 127.0.62.9")), served_zone()),
)
MAIL_DNS_CASES = (*EXCHANGE_CASES, *RECORD_CASES, *LIST_CASES, *ZONE_CASES)
