# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DANE-EE: records with usage 3 (RFC 7672 section 3.1.1), right, wrong, several, unusable."""

from __future__ import annotations

from ..case import Case, Leaf, Listener, Zone
from ..expectation import opportunistic, trusted, untrusted, verified, with_ca, without_dane

EE = verified("3 1 1")


def _zone(name: str, *tlsa: str) -> tuple[Zone, ...]:
    """A signed domain with one exchange and these TLSA records."""
    return (Zone(name + ".test", ("@ MX 10 mx", "mx A {mx}", *("_25._tcp.mx TLSA " + record for record in tlsa))),)


CASES = (
    Case(
        name="dane-ee",
        destination="dane-ee.test",
        title="TLSA 3 1 1 of the leaf: the ordinary DANE domain",
        expected=opportunistic(EE),
        zones=_zone("dane-ee", "3 1 1 {mx.leaf}"),
        listeners=(Listener(),),
        matrix_row=1,
    ),
    Case(
        name="dane-ee-expired",
        destination="dane-ee-expired.test",
        title="3 1 1 of a leaf that is expired and has another name: neither counts with usage 3",
        expected=opportunistic(EE),
        zones=_zone("dane-ee-expired", "3 1 1 {mx.leaf}"),
        listeners=(Listener(leaves=(Leaf(names=("elsewhere.invalid",), expired=True),)),),
        matrix_row=2,
    ),
    Case(
        name="dane-ee-mismatch",
        destination="dane-ee-mismatch.test",
        title="3 1 1 of another key, as after a key change without DNS",
        expected=opportunistic(untrusted()),
        zones=_zone("dane-ee-mismatch", "3 1 1 {other}"),
        listeners=(Listener(),),
        matrix_row=3,
    ),
    Case(
        name="dane-ee-agility",
        destination="dane-ee-agility.test",
        title="wrong 3 1 2 and right 3 1 1: digest agility believes only the stronger digest (RFC 7671 section 9)",
        expected=opportunistic(untrusted()),
        zones=_zone("dane-ee-agility", "3 1 2 {other}", "3 1 1 {mx.leaf}"),
        listeners=(Listener(),),
        matrix_row=4,
    ),
    Case(
        name="dane-ee-agility-selectors",
        destination="dane-ee-agility-selectors.test",
        title="wrong 3 0 2 and right 3 1 1: agility works for each selector on its own",
        expected=opportunistic(EE),
        zones=_zone("dane-ee-agility-selectors", "3 0 2 {other}", "3 1 1 {mx.leaf}"),
        listeners=(Listener(),),
    ),
    Case(
        name="dane-ee-sha256-preferred",
        destination="dane-ee-sha256-preferred.test",
        title="sha256 before sha512 by tls_dane_digests: wrong 3 1 1 defeats right 3 1 2",
        expected=opportunistic(untrusted()),
        zones=_zone("dane-ee-sha256-preferred", "3 1 1 {other}", "3 1 2 {mx.leaf}"),
        listeners=(Listener(),),
        options={"tls_dane_digests": "sha256 sha512"},
        matrix_row=5,
    ),
    Case(
        name="dane-ee-sha512-disabled",
        destination="dane-ee-sha512-disabled.test",
        title="3 1 2 only, and sha512 disabled by tls_dane_digests: unusable, TLS without authentication",
        expected=opportunistic(untrusted(True), untrusted()),
        zones=_zone("dane-ee-sha512-disabled", "3 1 2 {mx.leaf}"),
        listeners=(Listener(),),
        options={"tls_dane_digests": "sha256"},
        matrix_row=6,
    ),
    Case(
        name="usage-1-only",
        destination="usage-1-only.test",
        title="1 1 1 of the leaf only: usages 0 and 1 do not count in SMTP (RFC 7672 section 3.1.3)",
        expected=without_dane(),
        zones=_zone("usage-1-only", "1 1 1 {mx.leaf}"),
        listeners=(Listener(),),
        matrix_row=22,
    ),
    Case(
        name="unusable-only-ca",
        destination="unusable-only-ca.test",
        title="3 1 3 only, and a CA file: nothing usable, the CA makes it Trusted",
        expected=with_ca(trusted(), untrusted()),
        zones=_zone("unusable-only-ca", "3 1 3 aabb"),
        listeners=(Listener(),),
        options={"ca": True},
        matrix_row=23,
    ),
    Case(
        name="unusable-only",
        destination="unusable-only.test",
        title="3 1 3 only: nothing usable, dane goes on without authentication, dane-only does not",
        expected=without_dane(),
        zones=_zone("unusable-only", "3 1 3 aabb"),
        listeners=(Listener(),),
        matrix_row=24,
    ),
    Case(
        name="unusable-short-digest",
        destination="unusable-short-digest.test",
        title="3 1 1 one byte short and 3 2 1 with an unknown selector: nothing usable",
        expected=without_dane(),
        zones=_zone("unusable-short-digest", "3 1 1 {mx.leaf:short}", "3 2 1 {mx.leaf}"),
        listeners=(Listener(),),
    ),
    Case(
        name="unusable-empty",
        destination="unusable-empty.test",
        title="3 1 1 without any data: dropped",
        expected=without_dane(),
        zones=_zone("unusable-empty", "3 1 1"),
        listeners=(Listener(),),
        unsupported37="Postfix before the patch levels of mid-2026 ends in a panic on a TLSA record of three bytes",
    ),
    Case(
        name="dane-ee-among-garbage",
        destination="dane-ee-among-garbage.test",
        title="unknown matching type, short digest, usage 1, and the right 3 1 1 among them",
        expected=opportunistic(EE),
        zones=_zone("dane-ee-among-garbage", "3 1 3 aabb", "3 1 1 {mx.leaf:short}", "1 1 1 {mx.leaf}", "3 1 1 {mx.leaf}"),
        listeners=(Listener(),),
        matrix_row=25,
    ),
    Case(
        name="dane-ee-agility-malformed",
        destination="dane-ee-agility-malformed.test",
        title="3 1 2 of wrong length does not defeat the right 3 1 1",
        expected=opportunistic(EE),
        zones=_zone("dane-ee-agility-malformed", "3 1 2 {mx.leaf:short}", "3 1 1 {mx.leaf}"),
        listeners=(Listener(),),
    ),
    Case(
        name="dane-ee-301",
        destination="dane-ee-301.test",
        title="3 0 1: the whole certificate",
        expected=opportunistic(verified("3 0 1")),
        zones=_zone("dane-ee-301", "3 0 1 {mx.leaf}"),
        listeners=(Listener(),),
    ),
    Case(
        name="dane-ee-312",
        destination="dane-ee-312.test",
        title="3 1 2: SHA-512 of the key",
        expected=opportunistic(verified("3 1 2")),
        zones=_zone("dane-ee-312", "3 1 2 {mx.leaf}"),
        listeners=(Listener(),),
    ),
    Case(
        name="dane-ee-310",
        destination="dane-ee-310.test",
        title="3 1 0: the whole key in DNS",
        expected=opportunistic(verified("3 1 0")),
        zones=_zone("dane-ee-310", "3 1 0 {mx.leaf}"),
        listeners=(Listener(),),
    ),
    Case(
        name="dane-ee-self-signed",
        destination="dane-ee-self-signed.test",
        title="3 1 1 of a self-signed certificate without names, as postfix tls makes them",
        expected=opportunistic(EE),
        zones=_zone("dane-ee-self-signed", "3 1 1 {mx.leaf}"),
        listeners=(Listener(leaves=(Leaf(names=(), common_name="{host}", issuer="self"),), chains=(("leaf",),)),),
    ),
    Case(
        name="rollover-before",
        destination="rollover-before.test",
        title="rollover in progress: 3 1 1 of the current key and of the next, the current one served",
        expected=opportunistic(EE),
        zones=_zone("rollover-before", "3 1 1 {mx.leaf}", "3 1 1 {mx.next}"),
        listeners=(Listener(leaves=(Leaf(), Leaf(tag="next"))),),
    ),
    Case(
        name="rollover-after",
        destination="rollover-after.test",
        title="rollover in progress: both records, the next key served already",
        expected=opportunistic(EE),
        zones=_zone("rollover-after", "3 1 1 {mx.leaf}", "3 1 1 {mx.next}"),
        listeners=(Listener(leaves=(Leaf(), Leaf(tag="next")), chains=(("next", "inter"),)),),
    ),
    Case(
        name="renewed-same-key",
        destination="renewed-same-key.test",
        title="renewed certificate with the old key: 3 1 1 still matches, the old certificate's 3 0 1 does not",
        expected=opportunistic(EE),
        zones=_zone("renewed-same-key", "3 0 1 {mx.leaf}", "3 1 1 {mx.leaf}"),
        listeners=(Listener(leaves=(Leaf(), Leaf(tag="renewed", same_key="leaf")), chains=(("renewed", "inter"),)),),
    ),
)
