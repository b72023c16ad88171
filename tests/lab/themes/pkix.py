# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certification authorities, names and fingerprints: the levels verify, secure and fingerprint without DANE (RFC 6125)."""

from __future__ import annotations

from ..case import Case, Expected, Leaf, Levels, Listener, Zone
from ..expectation import (
    mismatched_name,
    opportunistic,
    same,
    untrusted,
    verified,
    with_ca_without_dane,
    without_dane,
)

CA = {"ca": True}


def _zone(name: str) -> tuple[Zone, ...]:
    """A signed domain with one exchange and no TLSA records."""
    return (Zone(name + ".test", ("@ MX 10 mx", "mx A {mx}")),)


def _elsewhere(name: str) -> tuple[Zone, ...]:
    """A signed domain whose exchange is in another domain."""
    return (Zone(name + ".test", (f"@ MX 10 mx.{name}-host.test.",)), Zone(name + "-host.test", ("mx A {mx}",)))


NAME_MISMATCH: Levels = with_ca_without_dane(mismatched_name())
"""The chain is good; secure does not find its name, verify does."""

NAME_MISMATCH_ALL: Levels = with_ca_without_dane(mismatched_name(), verify=mismatched_name())
"""The chain is good; no name is found."""

NAMES = (
    Case(
        name="no-tlsa",
        destination="no-tlsa.test",
        title="no TLSA records and no CA: posttls-finger resorts to secure, smtp(8) to may",
        expected=without_dane(),
        zones=_zone("no-tlsa"),
        listeners=(Listener(),),
        matrix_row=16,
    ),
    Case(
        name="no-tlsa-ca",
        destination="no-tlsa.test",
        title="the same with a CA: the name mx.no-tlsa.test matches .no-tlsa.test",
        expected=with_ca_without_dane(),
        options=CA,
        matrix_row=17,
    ),
    Case(
        name="secure-other-domain",
        destination="secure-other-domain.test",
        title="secure and CA, the exchange is in another domain",
        expected=NAME_MISMATCH,
        zones=_elsewhere("secure-other-domain"),
        listeners=(Listener(host="mx.secure-other-domain-host.test"),),
        options=CA,
        matrix_row=32,
    ),
    Case(
        name="secure-other-domain-no-ca",
        destination="secure-other-domain.test",
        title="the same without CA",
        expected=without_dane(),
        matrix_row=33,
    ),
    Case(
        name="secure-match-subdomain",
        destination="secure-other-domain.test",
        title="the same with CA and match .secure-other-domain-host.test",
        expected=same(verified(), "verify", "secure"),
        options={"ca": True, "match": (".secure-other-domain-host.test",)},
        matrix_row=34,
    ),
    Case(
        name="verify-insecure-mx",
        destination="insecure-mx.test",
        title="verify and CA, insecure MX: the exchange's name is believed",
        expected=same(verified(), "verify"),
        options=CA,
        matrix_row=35,
    ),
    Case(
        name="encrypt-any-name",
        destination="encrypt-any-name.test",
        title="encrypt and CA, the certificate is for another host: Trusted",
        expected=NAME_MISMATCH_ALL,
        zones=_zone("encrypt-any-name"),
        listeners=(Listener(leaves=(Leaf(names=("elsewhere.invalid",)),)),),
        options=CA,
        matrix_row=37,
    ),
    Case(
        name="wildcard",
        destination="wildcard.test",
        title="wildcard certificate *.wildcard.test",
        expected=with_ca_without_dane(),
        zones=_zone("wildcard"),
        listeners=(Listener(leaves=(Leaf(names=("*.wildcard.test",)),)),),
        options=CA,
    ),
    Case(
        name="wildcard-two-labels",
        destination="wildcard-two-labels.test",
        title="*.wildcard-two-labels.test for a host two labels below: verify fails; secure takes the wildcard's own text for a sub-domain",
        expected=with_ca_without_dane(verify=mismatched_name()),
        zones=(Zone("wildcard-two-labels.test", ("@ MX 10 a.mx", "a.mx A {mx}")),),
        listeners=(Listener(host="a.mx.wildcard-two-labels.test", leaves=(Leaf(names=("*.wildcard-two-labels.test",)),)),),
        options=CA,
    ),
    Case(
        name="cn-only",
        destination="cn-only.test",
        title="no subjectAltName: the subject CN counts",
        expected=with_ca_without_dane(),
        zones=_zone("cn-only"),
        listeners=(Listener(leaves=(Leaf(names=(), common_name="{host}"),)),),
        options=CA,
    ),
    Case(
        name="cn-ignored",
        destination="cn-ignored.test",
        title="the right name only in the CN beside a subjectAltName: the CN does not count",
        expected=NAME_MISMATCH_ALL,
        zones=_zone("cn-ignored"),
        listeners=(Listener(leaves=(Leaf(names=("elsewhere.invalid",), common_name="{host}"),)),),
        options=CA,
    ),
    Case(
        name="address-certificate",
        destination="[{mx}]",
        title="an address destination and its address in the certificate: verify succeeds, secure cannot (its sub-domain name)",
        expected=with_ca_without_dane(mismatched_name()),
        listeners=(Listener(leaves=(Leaf(names=("elsewhere.invalid",), addresses=("{address}",)),)),),
        options=CA,
    ),
    Case(
        name="sni",
        destination="sni.test",
        title="another certificate for the name in SNI: sent at the DANE levels, not at the others",
        expected=opportunistic(verified("3 1 1")),
        zones=(Zone("sni.test", ("@ MX 10 mx", "mx A {mx}", "_25._tcp.mx TLSA 3 1 1 {mx.named}")),),
        listeners=(
            Listener(
                leaves=(Leaf(names=("default.invalid",)), Leaf(tag="named")),
                sni={"mx.sni.test": ("named", "inter")},
            ),
        ),
    ),
    Case(
        name="sni-absent",
        destination="sni.test",
        title="secure and CA without SNI: the default certificate has another name",
        expected=same(mismatched_name(), "verify", "secure"),
        options=CA,
    ),
    Case(
        name="sni-asked",
        destination="sni.test",
        title="secure and CA with SNI asked for",
        expected=same(verified(), "verify", "secure"),
        options={"ca": True, "sni": "mx.sni.test"},
    ),
)

CHAINS = (
    Case(
        name="expired-leaf",
        destination="expired-leaf.test",
        title="CA, the certificate has expired",
        expected=without_dane(),
        zones=_zone("expired-leaf"),
        listeners=(Listener(leaves=(Leaf(expired=True),)),),
        options=CA,
        matrix_row=40,
    ),
    Case(
        name="inter-not-sent",
        destination="inter-not-sent.test",
        title="CA, the server sends only its leaf",
        expected=without_dane(),
        zones=_zone("inter-not-sent"),
        listeners=(Listener(chains=(("leaf",),)),),
        options=CA,
        matrix_row=41,
    ),
    Case(
        name="self-signed",
        destination="self-signed.test",
        title="CA, a self-signed certificate",
        expected=without_dane(),
        zones=_zone("self-signed"),
        listeners=(Listener(leaves=(Leaf(issuer="self"),), chains=(("leaf",),)),),
        options=CA,
        matrix_row=42,
    ),
    Case(
        name="expired-inter",
        destination="expired-inter.test",
        title="CA, the intermediate has expired",
        expected=without_dane(),
        zones=_zone("expired-inter"),
        listeners=(Listener(leaves=(Leaf(issuer="expired-inter"),), chains=(("leaf", "expired-inter"),)),),
        options=CA,
    ),
    Case(
        name="expired-root",
        destination="expired-root.test",
        title="the CA file's root has expired",
        expected=without_dane(),
        zones=_zone("expired-root"),
        listeners=(Listener(leaves=(Leaf(issuer="expired-root-inter"),), chains=(("leaf", "expired-root-inter"),)),),
        options={"ca": "expired-root"},
    ),
    Case(
        name="ca-of-another",
        destination="no-tlsa.test",
        title="the CA file's root is another",
        expected=without_dane(),
        options={"ca": "other-root"},
    ),
    Case(
        name="intermediate-as-ca",
        destination="no-tlsa.test",
        title="the CA file has only the intermediate: a path must end in a root",
        expected=without_dane(),
        options={"ca": "inter"},
    ),
    Case(
        name="no-ca-inter",
        destination="no-ca-inter.test",
        title="CA, the intermediate is no CA",
        expected=without_dane(),
        zones=_zone("no-ca-inter"),
        listeners=(Listener(leaves=(Leaf(issuer="no-ca"),), chains=(("leaf", "no-ca"),)),),
        options=CA,
    ),
    Case(
        name="unordered-chain",
        destination="unordered-chain.test",
        title="CA, the chain in the wrong order with surplus certificates",
        expected=with_ca_without_dane(),
        zones=_zone("unordered-chain"),
        listeners=(Listener(chains=(("leaf", "other", "root", "inter"),)),),
        options=CA,
    ),
    Case(
        name="twin-intermediates",
        destination="twin-intermediates.test",
        title="CA, an expired intermediate is sent before its valid twin",
        expected=with_ca_without_dane(),
        zones=_zone("twin-intermediates"),
        listeners=(Listener(chains=(("leaf", "inter-expired-twin", "inter"),)),),
        options=CA,
    ),
)

FINGERPRINTS = (
    Case(
        name="fingerprint-certificate",
        destination="fingerprint.test",
        title="fingerprint of the certificate",
        expected=same(verified(), "fingerprint"),
        zones=_zone("fingerprint"),
        listeners=(Listener(leaves=(Leaf(names=("elsewhere.invalid",), expired=True),)),),
        options={"match": ("{certificate:mx.leaf}",)},
        matrix_row=43,
    ),
    Case(
        name="fingerprint-key",
        destination="fingerprint-key.test",
        title="fingerprint of the public key, the second of two",
        expected=same(verified(), "fingerprint"),
        zones=_zone("fingerprint-key"),
        listeners=(Listener(),),
        options={"match": ("{key:other}", "{key:mx.leaf}")},
        matrix_row=43,
    ),
    Case(
        name="fingerprint-other",
        destination="fingerprint.test",
        title="fingerprint of another certificate",
        expected=same(untrusted(), "fingerprint"),
        options={"match": ("{certificate:other}",)},
    ),
    Case(
        name="fingerprint-none-ca",
        destination="no-tlsa.test",
        title="fingerprint without any, and a CA: posttls-finger says Verified (its bug B1), smtp(8) refuses the configuration",
        expected=same(Expected("verified", False), "fingerprint"),
        options=CA,
        matrix_row=44,
    ),
)

CASES = (*NAMES, *CHAINS, *FINGERPRINTS)
