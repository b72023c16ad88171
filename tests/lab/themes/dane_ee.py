# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DANE-EE: records with usage 3 (RFC 7672 section 3.1.1), right, wrong, several, unusable."""

from __future__ import annotations

from ..case import Case, Leaf, Listener, Zone
from ..expectation import opportunistic, untrusted, verified

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
)
