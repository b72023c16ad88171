# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS itself: protocol versions, key types and strengths, several certificates, no certificate at all."""

from __future__ import annotations

from ..case import Case, Expected, Leaf, Listener, Zone
from ..expectation import PLAIN, handshake_fails, opportunistic, same, untrusted, verified

EE = verified("3 1 1")
ANONYMOUS = Expected("anonymous", True)
NO_ANONYMOUS = {"smtpd_tls_exclude_ciphers": "aNULL"}
"""Without it two Postfixes at may agree on a cipher without certificate, up to TLS 1.2."""


def _zone(name: str, *tlsa: str) -> tuple[Zone, ...]:
    """A signed domain with one exchange and these TLSA records."""
    return (Zone(name + ".test", ("@ MX 10 mx", "mx A {mx}", *("_25._tcp.mx TLSA " + record for record in tlsa))),)


VERSIONS = (
    Case(
        name="tls13-only",
        destination="tls13-only.test",
        title="TLS 1.3 only",
        expected=opportunistic(EE),
        zones=_zone("tls13-only", "3 1 1 {mx.leaf}"),
        listeners=(Listener(smtpd={"smtpd_tls_protocols": ">=TLSv1.3"}),),
    ),
    Case(
        name="tls12-only",
        destination="tls12-only.test",
        title="TLS 1.2 only",
        expected=opportunistic(EE),
        zones=_zone("tls12-only", "3 1 1 {mx.leaf}"),
        listeners=(Listener(smtpd={"smtpd_tls_protocols": "TLSv1.2", **NO_ANONYMOUS}),),
    ),
    Case(
        name="tls12-anonymous",
        destination="tls12-anonymous.test",
        title="TLS 1.2 with a good certificate, and anonymous ciphers allowed: Postfix prefers those where it does not authenticate",
        expected={**opportunistic(EE), **same(ANONYMOUS, "may", "encrypt")},
        zones=_zone("tls12-anonymous", "3 1 1 {mx.leaf}"),
        listeners=(Listener(smtpd={"smtpd_tls_protocols": "TLSv1.2"}),),
    ),
    Case(
        name="tls10-only",
        destination="tls10-only.test",
        title="TLS 1.0 only: good enough for may and encrypt",
        expected={
            **same(untrusted(True), "may", "encrypt"),
            **handshake_fails("verify", "secure", "dane-only"),
            **handshake_fails("dane", satisfied=True),
            "none": PLAIN,
        },
        zones=_zone("tls10-only"),
        listeners=(Listener(smtpd={"smtpd_tls_protocols": "TLSv1", **NO_ANONYMOUS}),),
        matrix_row=47,
    ),
    Case(
        name="tls10-only-dane",
        destination="tls10-only-dane.test",
        title="TLS 1.0 only, with TLSA records: no handshake, no delivery",
        expected=handshake_fails("dane", "dane-only"),
        zones=_zone("tls10-only-dane", "3 1 1 {mx.leaf}"),
        listeners=(Listener(smtpd={"smtpd_tls_protocols": "TLSv1", **NO_ANONYMOUS}),),
    ),
    Case(
        name="no-common-version",
        destination="tls12-only.test",
        title="TLS 1.3 demanded of a server with TLS 1.2 only",
        expected={**handshake_fails("may", satisfied=True), **handshake_fails("encrypt", "secure", "dane", "dane-only")},
        options={"tls_protocols": ">=TLSv1.3"},
    ),
    Case(
        name="anonymous",
        destination="anonymous.test",
        title="no certificate at all: anonymous ciphers of TLS 1.2",
        expected={**same(ANONYMOUS, "may", "encrypt"), "none": PLAIN},
        zones=_zone("anonymous"),
        listeners=(Listener(leaves=(), chains=()),),
        matrix_row=45,
    ),
    Case(
        name="anonymous-authenticated",
        destination="anonymous.test",
        title="the same server at the levels that need a certificate",
        expected={**handshake_fails("verify", "secure", "dane-only"), **handshake_fails("dane", satisfied=True)},
        matrix_row=46,
    ),
)

KEYS = (
    Case(
        name="rsa",
        destination="rsa.test",
        title="RSA 2048",
        expected=opportunistic(EE),
        zones=_zone("rsa", "3 1 1 {mx.leaf}"),
        listeners=(Listener(leaves=(Leaf(key="rsa"),)),),
    ),
    Case(
        name="ed25519",
        destination="ed25519.test",
        title="Ed25519",
        expected=opportunistic(EE),
        zones=_zone("ed25519", "3 1 1 {mx.leaf}"),
        listeners=(Listener(leaves=(Leaf(key="ed25519"),)),),
    ),
    Case(
        name="rsa-1024",
        destination="rsa-1024.test",
        title="RSA 1024: 80 bits of strength are just enough",
        expected=opportunistic(EE),
        zones=_zone("rsa-1024", "3 1 1 {mx.leaf}"),
        listeners=(Listener(leaves=(Leaf(key="rsa-1024"),)),),
    ),
    Case(
        name="rsa-768",
        destination="rsa-768.test",
        title="RSA 768: too weak although 3 1 1 matches",
        expected=opportunistic(untrusted()),
        zones=_zone("rsa-768", "3 1 1 {mx.leaf}"),
        listeners=(Listener(leaves=(Leaf(key="rsa-768"),)),),
    ),
    Case(
        name="dual",
        destination="dual.test",
        title="RSA and ECDSA certificates, TLSA for both",
        expected=opportunistic(EE),
        zones=_zone("dual", "3 1 1 {mx.rsa}", "3 1 1 {mx.ecdsa}"),
        listeners=(
            Listener(
                leaves=(Leaf(tag="rsa", key="rsa"), Leaf(tag="ecdsa")),
                chains=(("rsa", "inter"), ("ecdsa", "inter")),
            ),
        ),
    ),
    Case(
        name="dual-half-published",
        destination="dual-half-published.test",
        title="RSA and ECDSA certificates, TLSA only for RSA: whoever is offered ECDSA fails",
        expected=opportunistic(untrusted()),
        zones=_zone("dual-half-published", "3 1 1 {mx.rsa}"),
        listeners=(
            Listener(
                leaves=(Leaf(tag="rsa", key="rsa"), Leaf(tag="ecdsa")),
                chains=(("rsa", "inter"), ("ecdsa", "inter")),
            ),
        ),
    ),
    Case(
        name="dual-hidden-mismatch",
        destination="dual-hidden-mismatch.test",
        title="RSA and ECDSA certificates, TLSA only for ECDSA: well for clients of our days, who never see the RSA one",
        expected=opportunistic(EE),
        zones=_zone("dual-hidden-mismatch", "3 1 1 {mx.ecdsa}"),
        listeners=(
            Listener(
                leaves=(Leaf(tag="rsa", key="rsa"), Leaf(tag="ecdsa")),
                chains=(("rsa", "inter"), ("ecdsa", "inter")),
            ),
        ),
    ),
)

CASES = (*VERSIONS, *KEYS)
