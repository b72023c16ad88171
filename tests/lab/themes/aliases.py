# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CNAMEs: at the mail domain, at the exchange, at the TLSA owner; and the names that count then (RFC 7672 section 2.2.2)."""

from __future__ import annotations

from ..case import Case, Delegation, Leaf, Listener, Zone
from ..expectation import mismatched_name, opportunistic, trusted, unreachable, verified, without_dane

EE = verified("3 1 1")

EXCHANGE = (
    Case(
        name="mx-alias-expansion",
        destination="mx-alias-expansion.test",
        title="the exchange is an alias, TLSA at the expansion",
        expected=opportunistic(EE),
        zones=(
            Zone("mx-alias-expansion.test", ("@ MX 10 mx", "mx CNAME real.mx-alias-expansion-host.test.")),
            Zone("mx-alias-expansion-host.test", ("real A {mx}", "_25._tcp.real TLSA 3 1 1 {mx.leaf}")),
        ),
        listeners=(Listener(host="real.mx-alias-expansion-host.test"),),
        matrix_row=26,
    ),
    Case(
        name="mx-alias-owner",
        destination="mx-alias-owner.test",
        title="the exchange is an alias, TLSA only at the alias",
        expected=opportunistic(EE),
        zones=(
            Zone(
                "mx-alias-owner.test",
                ("@ MX 10 mx", "mx CNAME real.mx-alias-owner-host.test.", "_25._tcp.mx TLSA 3 1 1 {mx.leaf}"),
            ),
            Zone("mx-alias-owner-host.test", ("real A {mx}",)),
        ),
        listeners=(Listener(),),
        matrix_row=27,
    ),
    Case(
        name="mx-alias-unusable",
        destination="mx-alias-unusable.test",
        title="TLSA at the expansion all of usage 1, a good one at the alias that is not asked for",
        expected=without_dane(),
        zones=(
            Zone(
                "mx-alias-unusable.test",
                ("@ MX 10 mx", "mx CNAME real.mx-alias-unusable-host.test.", "_25._tcp.mx TLSA 3 1 1 {mx.leaf}"),
            ),
            Zone("mx-alias-unusable-host.test", ("real A {mx}", "_25._tcp.real TLSA 1 1 1 {mx.leaf}")),
        ),
        listeners=(Listener(),),
        matrix_row=28,
    ),
    Case(
        name="mx-alias-insecure",
        destination="mx-alias-insecure.test",
        title="secure alias to an insecure address, TLSA at the alias",
        expected=opportunistic(EE),
        zones=(
            Zone(
                "mx-alias-insecure.test",
                ("@ MX 10 mx", "mx CNAME real.mx-alias-insecure-host.test.", "_25._tcp.mx TLSA 3 1 1 {mx.leaf}"),
            ),
            Zone("mx-alias-insecure-host.test", ("real A {mx}",), Delegation.INSECURE),
        ),
        listeners=(Listener(),),
        matrix_row=29,
    ),
    Case(
        name="mx-alias-name",
        destination="mx-alias-name.test",
        title="2 1 1 at the expansion, the certificate names the expansion",
        expected=opportunistic(verified("2 1 1")),
        zones=(
            Zone("mx-alias-name.test", ("@ MX 10 mx", "mx CNAME real.mx-alias-name-host.test.")),
            Zone("mx-alias-name-host.test", ("real A {mx}", "_25._tcp.real TLSA 2 1 1 {inter}")),
        ),
        listeners=(Listener(host="real.mx-alias-name-host.test"),),
    ),
    Case(
        name="mx-alias-loop",
        destination="mx-alias-loop.test",
        title="the exchange is an alias of an alias of itself: Unbound answers SERVFAIL",
        expected=unreachable("dns_error"),
        zones=(Zone("mx-alias-loop.test", ("@ MX 10 mx", "mx CNAME other", "other CNAME mx")),),
    ),
    Case(
        name="tlsa-cname",
        destination="tlsa-cname.test",
        title="the TLSA owner is an alias to a name that many hosts share",
        expected=opportunistic(EE),
        zones=(Zone("tlsa-cname.test", ("@ MX 10 mx", "mx A {mx}", "_25._tcp.mx CNAME tlsa", "tlsa TLSA 3 1 1 {mx.leaf}")),),
        listeners=(Listener(),),
        matrix_row=30,
    ),
    Case(
        name="host-alias-bracket",
        destination="[mx.host-alias-bracket.test]",
        title="no MX: an alias with 2 0 1 at the expansion, the certificate names only the alias",
        expected=opportunistic(mismatched_name()),
        zones=(
            Zone("host-alias-bracket.test", ("mx CNAME real.host-alias-bracket-host.test.",)),
            Zone("host-alias-bracket-host.test", ("real A {mx}", "_25._tcp.real TLSA 2 0 1 {inter}")),
        ),
        listeners=(Listener(),),
        matrix_row=31,
    ),
)

DOMAIN = (
    Case(
        name="domain-alias",
        destination="alias.domain-alias.test",
        title="the mail domain is a secure alias; the certificate names the domain it stands for",
        expected=opportunistic(verified("2 0 1")),
        zones=(
            Zone("domain-alias.test", ("alias CNAME domain-alias-real.test.",)),
            Zone("domain-alias-real.test", ("@ MX 10 mx", "mx A {mx}", "_25._tcp.mx TLSA 2 0 1 {inter}")),
        ),
        listeners=(Listener(leaves=(Leaf(names=("domain-alias-real.test",)),)),),
    ),
    Case(
        name="domain-alias-insecure",
        destination="alias.domain-alias-insecure.test",
        title="the mail domain is an insecure alias of a secure domain: as an insecure MX",
        expected=opportunistic(trusted(True, "3 1 1"), trusted(False, "3 1 1")),
        zones=(
            Zone("domain-alias-insecure.test", ("alias CNAME domain-alias-insecure-real.test.",), Delegation.INSECURE),
            Zone("domain-alias-insecure-real.test", ("@ MX 10 mx", "mx A {mx}", "_25._tcp.mx TLSA 3 1 1 {mx.leaf}")),
        ),
        listeners=(Listener(host="mx.domain-alias-insecure-real.test"),),
    ),
    Case(
        name="domain-alias-loop",
        destination="one.domain-alias-loop.test",
        title="the mail domain is an alias of an alias of itself: Unbound answers SERVFAIL",
        expected=unreachable("dns_error"),
        zones=(Zone("domain-alias-loop.test", ("one CNAME two", "two CNAME one")),),
    ),
)

CASES = (*EXCHANGE, *DOMAIN)
