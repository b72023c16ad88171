# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS without DNSSEC on the way: at the MX record, at the address, at the TLSA record, and lookups that fail."""

from __future__ import annotations

from ..case import Case, Delegation, Leaf, Listener, Zone
from ..expectation import (
    mismatched_name,
    no_tls,
    opportunistic,
    trusted,
    unreachable,
    untrusted,
    verified,
    without_dane,
)

EE = verified("3 1 1")
HOST = "mx.insecure-mx-host.test"

INSECURE_MX = (
    Case(
        name="insecure-mx",
        destination="insecure-mx.test",
        title="insecure MX, secure exchange with 3 1 1: half-dane, a match is logged as Trusted; dane-only defers in smtp(8)",
        expected=opportunistic(trusted(True, "3 1 1"), trusted(False, "3 1 1")),
        zones=(
            Zone("insecure-mx.test", (f"@ MX 10 {HOST}.",), Delegation.INSECURE),
            Zone("insecure-mx-host.test", ("mx A {mx}", "_25._tcp.mx TLSA 3 1 1 {mx.leaf}")),
        ),
        listeners=(Listener(host=HOST),),
        matrix_row=12,
    ),
    Case(
        name="insecure-mx-dane-only",
        destination="insecure-mx.test",
        title="the same domain at dane-only: posttls-finger accepts it, smtp(8) does not",
        expected={"dane-only": trusted(False, "3 1 1")},
        matrix_row=15,
    ),
    Case(
        name="insecure-mx-encrypt",
        destination="insecure-mx.test",
        title="the same domain with insecure_mx_policy encrypt",
        expected={"dane": untrusted(True), "dane-only": untrusted()},
        options={"insecure_mx_policy": "encrypt"},
        matrix_row=14,
    ),
    Case(
        name="insecure-mx-may",
        destination="insecure-mx.test",
        title="the same domain with insecure_mx_policy may",
        expected={"dane": untrusted(True), "dane-only": untrusted()},
        options={"insecure_mx_policy": "may"},
        matrix_row=14,
    ),
    Case(
        name="insecure-mx-wrong-name",
        destination="insecure-mx-wrong-name.test",
        title="insecure MX, 2 0 1 and a certificate for another host: Trusted too, and nothing matched",
        expected=opportunistic(mismatched_name()),
        zones=(
            Zone("insecure-mx-wrong-name.test", ("@ MX 10 mx.insecure-mx-wrong-name-host.test.",), Delegation.INSECURE),
            Zone("insecure-mx-wrong-name-host.test", ("mx A {mx}", "_25._tcp.mx TLSA 2 0 1 {inter}")),
        ),
        listeners=(Listener(leaves=(Leaf(names=("elsewhere.invalid",)),)),),
        matrix_row=13,
    ),
    Case(
        name="insecure-mx-no-tlsa",
        destination="insecure-mx-no-tlsa.test",
        title="insecure MX and no TLSA: an ordinary domain without DNSSEC",
        expected=without_dane(),
        zones=(Zone("insecure-mx-no-tlsa.test", ("@ MX 10 mx", "mx A {mx}"), Delegation.INSECURE),),
        listeners=(Listener(),),
    ),
    Case(
        name="insecure-zone-tlsa",
        destination="insecure-zone-tlsa.test",
        title="TLSA published in an unsigned zone: worth nothing",
        expected=without_dane(),
        zones=(
            Zone("insecure-zone-tlsa.test", ("@ MX 10 mx", "mx A {mx}", "_25._tcp.mx TLSA 3 1 1 {mx.leaf}"), Delegation.INSECURE),
        ),
        listeners=(Listener(),),
    ),
)

INSECURE_HOST = (
    Case(
        name="insecure-address",
        destination="insecure-address.test",
        title="secure MX, the exchange's zone is unsigned and has a TLSA record: nobody asks for it",
        expected=without_dane(),
        zones=(
            Zone("insecure-address.test", ("@ MX 10 mx.insecure-address-host.test.",)),
            Zone("insecure-address-host.test", ("mx A {mx}", "_25._tcp.mx TLSA 3 1 1 {mx.leaf}"), Delegation.INSECURE),
        ),
        listeners=(Listener(),),
        matrix_row=18,
    ),
    Case(
        name="insecure-address-forced",
        destination="insecure-address-forced.test",
        title="unsigned exchange, signed TLSA below it by a trust anchor of its own, and force_tlsa: found and matched",
        expected=opportunistic(EE),
        zones=(
            Zone("insecure-address-forced.test", ("@ MX 10 mx.forced-host.test.",)),
            Zone("forced-host.test", ("mx A {mx}",), Delegation.INSECURE),
            Zone("_tcp.mx.forced-host.test", ("_25 TLSA 3 1 1 {mx.leaf}",), Delegation.ISLAND),
        ),
        listeners=(Listener(),),
        options={"force_tlsa": True},
        matrix_row=19,
    ),
    Case(
        name="insecure-address-not-forced",
        destination="insecure-address-forced.test",
        title="the same without force_tlsa: not asked for",
        expected=without_dane(),
    ),
    Case(
        name="tlsa-insecure",
        destination="tlsa-insecure.test",
        title="secure MX and address, the TLSA record in an unsigned zone: as if it were not there",
        expected=without_dane(),
        zones=(
            Zone("tlsa-insecure.test", ("@ MX 10 mx", "mx A {mx}")),
            Zone("_tcp.mx.tlsa-insecure.test", ("_25 TLSA 3 1 1 {mx.leaf}",), Delegation.INSECURE),
        ),
        listeners=(Listener(),),
        matrix_row=20,
    ),
    Case(
        name="tlsa-cname-insecure",
        destination="tlsa-cname-insecure.test",
        title="the TLSA owner is an alias into an unsigned zone",
        expected=without_dane(),
        zones=(
            Zone("tlsa-cname-insecure.test", ("@ MX 10 mx", "mx A {mx}", "_25._tcp.mx CNAME tlsa.tlsa-cname-target.test.")),
            Zone("tlsa-cname-target.test", ("tlsa TLSA 3 1 1 {mx.leaf}",), Delegation.INSECURE),
        ),
        listeners=(Listener(),),
    ),
)

FAILED_HOST = no_tls("tlsa_lookup_failed")

FAILED_LOOKUPS = (
    Case(
        name="tlsa-servfail",
        destination="tlsa-servfail.test",
        title="TLSA of the first exchange cannot be looked up: it is skipped, the second one is good",
        expected=opportunistic(EE),
        zones=(
            Zone(
                "tlsa-servfail.test",
                ("@ MX 10 first", "@ MX 20 second", "first A {first}", "second A {second}", "_25._tcp.second TLSA 3 1 1 {second.leaf}"),
            ),
            Zone("_tcp.first.tlsa-servfail.test", (), Delegation.LAME),
        ),
        listeners=(Listener("first"), Listener("second")),
        endpoints={"first.tlsa-servfail.test": opportunistic(FAILED_HOST), "second.tlsa-servfail.test": opportunistic(EE)},
        matrix_row=21,
    ),
    Case(
        name="tlsa-servfail-only",
        destination="tlsa-servfail-only.test",
        title="TLSA of the only exchange cannot be looked up: no downgrade, no delivery",
        expected=opportunistic(FAILED_HOST),
        zones=(
            Zone("tlsa-servfail-only.test", ("@ MX 10 mx", "mx A {mx}")),
            Zone("_tcp.mx.tlsa-servfail-only.test", (), Delegation.LAME),
        ),
        listeners=(Listener(),),
    ),
    Case(
        name="tlsa-bogus",
        destination="tlsa-bogus.test",
        title="the signature of the TLSA record is damaged",
        expected=opportunistic(FAILED_HOST),
        zones=(Zone("tlsa-bogus.test", ("@ MX 10 mx", "mx A {mx}", "_25._tcp.mx TLSA 3 1 1 {mx.leaf}"), broken=("TLSA",)),),
        listeners=(Listener(),),
    ),
    Case(
        name="zone-bogus-ds",
        destination="zone-bogus-ds.test",
        title="the parent's DS record is of another key",
        expected=unreachable("dns_error"),
        zones=(Zone("zone-bogus-ds.test", ("@ MX 10 mx", "mx A 127.0.3.1"), Delegation.BOGUS_DS),),
    ),
    Case(
        name="zone-expired",
        destination="zone-expired.test",
        title="the zone's signatures are out of date",
        expected=unreachable("dns_error"),
        zones=(Zone("zone-expired.test", ("@ MX 10 mx", "mx A 127.0.3.1"), Delegation.EXPIRED),),
    ),
    Case(
        name="zone-broken-mx",
        destination="zone-broken-mx.test",
        title="only the signature of the MX record is damaged",
        expected=unreachable("dns_error"),
        zones=(Zone("zone-broken-mx.test", ("@ MX 10 mx", "mx A 127.0.3.1"), broken=("MX",)),),
    ),
    Case(
        name="zone-lame",
        destination="zone-lame.test",
        title="the zone's name server refuses to answer for it",
        expected=unreachable("dns_error"),
        zones=(Zone("zone-lame.test", (), Delegation.LAME),),
    ),
    Case(
        name="address-bogus",
        destination="address-bogus.test",
        title="secure MX, the exchange's address record is bogus",
        expected=unreachable("dns_error"),
        zones=(Zone("address-bogus.test", ("@ MX 10 mx", "mx A 127.0.3.1"), broken=("A",)),),
    ),
)

CASES = (*INSECURE_MX, *INSECURE_HOST, *FAILED_LOOKUPS)
