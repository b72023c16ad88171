# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to the server: exchanges dead and alive, shared, null; addresses, ports and families (RFC 5321 section 5.1, RFC 7505)."""

from __future__ import annotations

from dataclasses import replace

from ..case import Case, Delegation, Leaf, Listener, Zone
from ..expectation import (
    handshake_fails,
    mismatched_name,
    opportunistic,
    plaintext_only,
    trusted,
    unreachable,
    untrusted,
    verified,
    with_ca,
    with_ca_without_dane,
    without_dane,
)

EE = verified("3 1 1")
REFUSED = unreachable("connect_refused")
PRIMARY_AND_BACKUP = ("@ MX 10 primary", "@ MX 20 backup", "primary A {primary}", "backup A {backup}")

EXCHANGES = (
    Case(
        name="exchange-wildcard",
        destination="exchange-wildcard.test",
        title="the exchange is called like a wildcard: a name as any other, but no TLSA records are looked up for it",
        expected=without_dane(),
        zones=(
            Zone("exchange-wildcard.test", ("@ MX 10 *", "* A {mx}", "_25._tcp.* TLSA 3 1 1 {mx.leaf}")),
        ),
        listeners=(Listener(leaves=(Leaf(names=("*.exchange-wildcard.test",)),)),),
    ),
    Case(
        name="exchanges-mixed",
        destination="exchanges-mixed.test",
        title="four exchanges: good, without TLSA, with the wrong TLSA, and without STARTTLS",
        expected=opportunistic(EE),
        zones=(
            Zone(
                "exchanges-mixed.test",
                (
                    "@ MX 10 good",
                    "@ MX 20 bare",
                    "@ MX 30 wrong",
                    "@ MX 40 plain",
                    "good A {good}",
                    "bare A {bare}",
                    "wrong A {wrong}",
                    "plain A {plain}",
                    "_25._tcp.good TLSA 3 1 1 {good.leaf}",
                    "_25._tcp.wrong TLSA 3 1 1 {other}",
                ),
            ),
        ),
        listeners=(
            Listener("good"),
            Listener("bare"),
            Listener("wrong"),
            Listener("plain", smtpd={"smtpd_tls_security_level": "none"}),
        ),
        endpoints={
            "good.exchanges-mixed.test": opportunistic(EE),
            "bare.exchanges-mixed.test": without_dane(),
            "wrong.exchanges-mixed.test": opportunistic(untrusted()),
            "plain.exchanges-mixed.test": plaintext_only("starttls_not_offered"),
        },
    ),
    Case(
        name="primary-dead",
        destination="primary-dead.test",
        title="the primary refuses connections, the backup is good",
        expected=opportunistic(EE),
        zones=(
            Zone(
                "primary-dead.test",
                (*PRIMARY_AND_BACKUP, "_25._tcp.backup TLSA 3 1 1 {backup.leaf}"),
            ),
        ),
        listeners=(Listener("primary", closed=True), Listener("backup")),
        endpoints={"primary.primary-dead.test": REFUSED, "backup.primary-dead.test": opportunistic(EE)},
    ),
    Case(
        name="backup-dead",
        destination="backup-dead.test",
        title="the backup is down, by design or not; the primary is good",
        expected=opportunistic(EE),
        zones=(
            Zone(
                "backup-dead.test",
                (*PRIMARY_AND_BACKUP, "_25._tcp.primary TLSA 3 1 1 {primary.leaf}"),
            ),
        ),
        listeners=(Listener("primary"), Listener("backup", closed=True)),
        endpoints={"primary.backup-dead.test": opportunistic(EE), "backup.backup-dead.test": REFUSED},
    ),
    Case(
        name="all-dead",
        destination="all-dead.test",
        title="no exchange accepts connections",
        expected=REFUSED,
        zones=(Zone("all-dead.test", ("@ MX 10 mx", "mx A {mx}", "_25._tcp.mx TLSA 3 1 1 {mx.leaf}")),),
        listeners=(Listener(closed=True),),
    ),
    Case(
        name="connect-timeout",
        destination="connect-timeout.test",
        title="the exchange never answers a connection attempt",
        expected=unreachable("connect_timeout"),
        zones=(Zone("connect-timeout.test", ("@ MX 10 mx", "mx A {mx}")),),
        listeners=(Listener(script="blackhole"),),
    ),
    Case(
        name="shared-exchange-a",
        destination="shared-a.test",
        title="an exchange shared by three domains: its own",
        expected=opportunistic(verified("2 1 1")),
        zones=(Zone("shared-a.test", ("@ MX 10 mx", "mx A {mx}", "_25._tcp.mx TLSA 2 1 1 {inter}")),),
        listeners=(Listener(),),
    ),
    Case(
        name="shared-exchange-b",
        destination="shared-b.test",
        title="an exchange shared by three domains: another signed domain",
        expected=opportunistic(verified("2 1 1")),
        zones=(Zone("shared-b.test", ("@ MX 10 mx.shared-a.test.",)),),
    ),
    Case(
        name="shared-exchange-c",
        destination="shared-c.test",
        title="an exchange shared by three domains: an unsigned domain",
        expected=opportunistic(trusted(True, "2 1 1"), trusted(False, "2 1 1")),
        zones=(Zone("shared-c.test", ("@ MX 10 mx.shared-a.test.",), Delegation.INSECURE),),
    ),
    Case(
        name="null-mx",
        destination="null-mx.test",
        title="the domain takes no mail",
        expected=unreachable("null_mx"),
        zones=(Zone("null-mx.test", ("@ MX 0 .", "@ A 127.0.3.1")),),
        matrix_row=49,
    ),
    Case(
        name="null-mx-and-others",
        destination="null-mx-and-others.test",
        title="a null MX beside a real one, which RFC 7505 forbids: Postfix refuses both",
        expected=unreachable("null_mx"),
        zones=(Zone("null-mx-and-others.test", ("@ MX 0 .", "@ MX 10 mx", "mx A 127.0.3.1")),),
        matrix_row=49,
    ),
    Case(
        name="mx-literal",
        destination="mx-literal.test",
        title="the MX record holds an address in place of a name: used, without DANE",
        expected=without_dane(),
        zones=(Zone("mx-literal.test", ("@ MX 10 {mx}.",)),),
        listeners=(Listener(),),
    ),
    Case(
        name="mx-without-address",
        destination="mx-without-address.test",
        title="the exchange exists and has no address",
        expected=unreachable("dns_not_found"),
        zones=(Zone("mx-without-address.test", ("@ MX 10 mx", "mx TXT nothing")),),
    ),
    Case(
        name="no-mx",
        destination="no-mx.test",
        title="no MX record: the domain's own address, with TLSA there",
        expected=opportunistic(EE),
        zones=(Zone("no-mx.test", ("@ A {mx}", "_25._tcp TLSA 3 1 1 {mx.leaf}")),),
        listeners=(Listener(host="no-mx.test"),),
    ),
    Case(
        name="no-such-domain",
        destination="no-such-domain.test",
        title="the domain does not exist",
        expected=unreachable("dns_not_found"),
    ),
)

PORTS = (
    Case(
        name="bracket-host",
        destination="[mx.bracket-host.test]",
        title="a host in brackets: no MX lookup, TLSA of the host",
        expected=opportunistic(EE),
        zones=(Zone("bracket-host.test", ("@ MX 10 nowhere", "mx A {mx}", "_25._tcp.mx TLSA 3 1 1 {mx.leaf}")),),
        listeners=(Listener(),),
    ),
    Case(
        name="bracket-address",
        destination="[{mx}]",
        title="an address in brackets: nothing DANE can ask for",
        expected=without_dane(),
        listeners=(Listener(),),
    ),
    Case(
        name="bracket-address-ca",
        destination="[{mx}]",
        title="an address and a CA: verify and secure cannot succeed without an address in the certificate",
        expected=with_ca_without_dane(untrusted(), verify=untrusted()),
        listeners=(Listener(),),
        options={"ca": True},
        matrix_row=36,
    ),
    Case(
        name="host-port",
        destination="[mx.host-port.test]:587",
        title="submission with STARTTLS on port 587, TLSA there",
        expected=opportunistic(EE),
        zones=(Zone("host-port.test", ("mx A {mx}", "_587._tcp.mx TLSA 3 1 1 {mx.leaf}", "_25._tcp.mx TLSA 3 1 1 {other}")),),
        listeners=(Listener(port=587),),
    ),
    Case(
        name="domain-port",
        destination="domain-port.test:2525",
        title="MX lookup with another port: TLSA of that port counts",
        expected=opportunistic(EE),
        zones=(Zone("domain-port.test", ("@ MX 10 mx", "mx A {mx}", "_2525._tcp.mx TLSA 3 1 1 {mx.leaf}")),),
        listeners=(Listener(port=2525),),
    ),
    Case(
        name="implicit-tls",
        destination="[mx.implicit-tls.test]:465",
        title="TLS from the first byte on port 465, TLSA there",
        expected={key: value for key, value in opportunistic(EE).items() if key != "none"},
        zones=(Zone("implicit-tls.test", ("mx A {mx}", "_465._tcp.mx TLSA 3 1 1 {mx.leaf}")),),
        listeners=(Listener(port=465, implicit=True),),
        options={"tls_mode": "implicit"},
        unlike_smtp={"may": "smtp_tls_wrappermode is refused below encrypt"},
    ),
    Case(
        name="implicit-tls-plaintext",
        destination="[mx.implicit-tls-plaintext.test]:465",
        title="TLS from the first byte expected, plaintext found: there is nothing to fall back to",
        expected=handshake_fails("may", "encrypt", "dane", "dane-only", "verify", "secure"),
        zones=(Zone("implicit-tls-plaintext.test", ("mx A {mx}",)),),
        listeners=(Listener(port=465),),
        options={"tls_mode": "implicit"},
    ),
)

FAMILIES = (
    Case(
        name="ipv6-only",
        destination="ipv6-only.test",
        title="the exchange has only an IPv6 address",
        expected=opportunistic(EE),
        zones=(Zone("ipv6-only.test", ("@ MX 10 mx", "mx AAAA {mx}", "_25._tcp.mx TLSA 3 1 1 {mx.leaf}")),),
        listeners=(Listener(address="::1"),),
    ),
    Case(
        name="ipv6-literal",
        destination="[ipv6:::1]",
        title="an IPv6 address in brackets",
        expected=without_dane(),
    ),
    Case(
        name="both-families-ipv6",
        destination="both-families.test",
        title="IPv4 and IPv6, IPv6 preferred: the certificate there matches",
        expected=opportunistic(EE),
        zones=(
            Zone("both-families.test", ("@ MX 10 mx", "mx A {four}", "mx AAAA {six}", "_25._tcp.mx TLSA 3 1 1 {six.leaf}")),
        ),
        listeners=(
            Listener("four", host="mx.both-families.test"),
            Listener("six", host="mx.both-families.test", address="2001:db8::25"),
        ),
        options={"address_family": "ipv6"},
    ),
    Case(
        name="both-families-ipv4",
        destination="both-families.test",
        title="the same, IPv4 preferred: another certificate answers there",
        expected=opportunistic(untrusted()),
        options={"address_family": "ipv4"},
        unlike_smtp=dict.fromkeys(("dane", "dane-only"), "smtp(8) goes on to the IPv6 address and delivers there"),
    ),
    Case(
        name="srv",
        destination="srv.test:submission",
        title="SRV lookup: the record's port decides where TLSA is looked up",
        expected=opportunistic(untrusted(True), untrusted()),
        zones=(
            Zone("srv.test", ("_submission._tcp SRV 0 0 2525 mx", "mx A {mx}", "_2525._tcp.mx TLSA 3 1 1 {mx.leaf}")),
        ),
        listeners=(Listener(port=2525),),
        options={"lookup": "srv"},
        matrix_row=50,
        unsupported37="SRV lookup (-R) came with Postfix 3.8",
    ),
)

NAMES = (
    Case(
        name="idn",
        destination="b\u00fccher.test",
        title="a domain that is not ASCII",
        expected=opportunistic(EE),
        zones=(Zone("xn--bcher-kva.test", ("@ MX 10 mx", "mx A {mx}", "_25._tcp.mx TLSA 3 1 1 {mx.leaf}")),),
        listeners=(Listener(),),
    ),
    Case(
        name="hosts-only",
        destination="[in-hosts-file.test]",
        title="a host that is in the hosts file and not in DNS",
        expected=without_dane(),
        listeners=(Listener(host="in-hosts-file.test"),),
        options={"host_lookup": ("dns", "native")},
        hosts={"in-hosts-file.test": "mx"},
    ),
    Case(
        name="hosts-only-not-asked",
        destination="[in-hosts-file.test]",
        title="the same host, asked for in DNS alone",
        expected=unreachable("dns_not_found"),
    ),
    Case(
        name="native-only",
        destination="[mx.dane-ee.test]",
        title="a host with TLSA records, looked up without DNSSEC",
        expected=without_dane(),
        options={"host_lookup": ("native",)},
    ),
    Case(
        name="names-of-others",
        destination="names-of-others.test",
        title="the first exchange has TLSA records and takes no connection, the second has none: its names are other ones",
        expected=with_ca(replace(mismatched_name(), satisfied=True), mismatched_name()),
        zones=(
            Zone(
                "names-of-others.test",
                ("@ MX 10 dead", "@ MX 20 mx", "dead A {dead}", "mx A {mx}", "_25._tcp.dead TLSA 3 1 1 {dead.leaf}"),
            ),
        ),
        listeners=(Listener("dead", closed=True), Listener()),
        options={"ca": True},
    ),
)

CASES = (*EXCHANGES, *PORTS, *FAMILIES, *NAMES)
