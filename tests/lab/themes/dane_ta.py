# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DANE-TA: records with usage 2, trust anchors, the paths to them and names (RFC 7672 section 3.1.2, RFC 7671 section 5.2)."""

from __future__ import annotations

from ..authorities import DEEP_CHAIN, LONG_CHAIN
from ..case import Case, Leaf, Listener, Zone
from ..expectation import mismatched_name, opportunistic, untrusted, verified

BAD = opportunistic(untrusted())


def _zone(name: str, *tlsa: str) -> tuple[Zone, ...]:
    """A signed domain with one exchange and these TLSA records."""
    return (Zone(name + ".test", ("@ MX 10 mx", "mx A {mx}", *("_25._tcp.mx TLSA " + record for record in tlsa))),)


ORDINARY = Leaf()


def _listener(*above: str, leaf: Leaf = ORDINARY) -> tuple[Listener, ...]:
    """One listener that sends its leaf and these authorities' certificates."""
    return (Listener(leaves=(leaf,), chains=(("leaf", *above),)),)


ANCHORS = (
    Case(
        name="dane-ta",
        destination="dane-ta.test",
        title="2 0 1 of the intermediate that is sent",
        expected=opportunistic(verified("2 0 1")),
        zones=_zone("dane-ta", "2 0 1 {inter}"),
        listeners=_listener("inter"),
        matrix_row=7,
    ),
    Case(
        name="dane-ta-key",
        destination="dane-ta-key.test",
        title="2 1 1 of the intermediate, the usual form with a public CA",
        expected=opportunistic(verified("2 1 1")),
        zones=_zone("dane-ta-key", "2 1 1 {inter}"),
        listeners=_listener("inter"),
    ),
    Case(
        name="dane-ta-unrelated",
        destination="dane-ta-unrelated.test",
        title="2 0 1 of a certificate that has nothing to do with the chain",
        expected=BAD,
        zones=_zone("dane-ta-unrelated", "2 0 1 {other}"),
        listeners=_listener("inter"),
        matrix_row=8,
    ),
    Case(
        name="dane-ta-bare-key",
        destination="dane-ta-bare-key.test",
        title="2 1 0 of the root's key, root not sent: the bare key verifies the intermediate",
        expected=opportunistic(verified("2 1 0")),
        zones=_zone("dane-ta-bare-key", "2 1 0 {root}"),
        listeners=_listener("inter"),
        matrix_row=9,
    ),
    Case(
        name="dane-ta-root-absent",
        destination="dane-ta-root-absent.test",
        title="2 0 1 of the root, which the server does not send",
        expected=BAD,
        zones=_zone("dane-ta-root-absent", "2 0 1 {root}"),
        listeners=_listener("inter"),
        matrix_row=10,
    ),
    Case(
        name="dane-ta-root-sent",
        destination="dane-ta-root-sent.test",
        title="2 0 1 of the root, and the server sends it",
        expected=opportunistic(verified("2 0 1")),
        zones=_zone("dane-ta-root-sent", "2 0 1 {root}"),
        listeners=_listener("inter", "root"),
    ),
    Case(
        name="dane-ta-full-root",
        destination="dane-ta-full-root.test",
        title="2 0 0 with the root in DNS, not on the wire",
        expected=opportunistic(verified("2 0 0")),
        zones=_zone("dane-ta-full-root", "2 0 0 {root}"),
        listeners=_listener("inter"),
    ),
    Case(
        name="dane-ta-full-inter",
        destination="dane-ta-full-inter.test",
        title="2 0 0 with the intermediate in DNS repairs a server that sends only its leaf",
        expected=opportunistic(verified("2 0 0")),
        zones=_zone("dane-ta-full-inter", "2 0 0 {inter}"),
        listeners=_listener(),
    ),
    Case(
        name="dane-ta-bare-key-direct",
        destination="dane-ta-bare-key-direct.test",
        title="2 1 0 of the intermediate's key, only the leaf sent",
        expected=opportunistic(verified("2 1 0")),
        zones=_zone("dane-ta-bare-key-direct", "2 1 0 {inter}"),
        listeners=_listener(),
    ),
    Case(
        name="dane-ta-inter-missing",
        destination="dane-ta-inter-missing.test",
        title="2 1 0 of the root's key does not help when the intermediate is missing",
        expected=BAD,
        zones=_zone("dane-ta-inter-missing", "2 1 0 {root}"),
        listeners=_listener(),
    ),
    Case(
        name="dane-ta-own-leaf",
        destination="dane-ta-own-leaf.test",
        title="2 0 1 of the self-signed leaf itself: a leaf is never its own anchor",
        expected=BAD,
        zones=_zone("dane-ta-own-leaf", "2 0 1 {mx.leaf}"),
        listeners=_listener(leaf=Leaf(issuer="self")),
    ),
    Case(
        name="dane-ta-own-key",
        destination="dane-ta-own-key.test",
        title="2 1 0 of the self-signed leaf's own key: the one exception",
        expected=opportunistic(verified("2 1 0")),
        zones=_zone("dane-ta-own-key", "2 1 0 {mx.leaf}"),
        listeners=_listener(leaf=Leaf(issuer="self")),
    ),
    Case(
        name="dane-mixed-usages",
        destination="dane-mixed-usages.test",
        title="3 1 1 of another key and 2 1 1 of the intermediate: one authenticated path is enough",
        expected=opportunistic(verified("2 1 1")),
        zones=_zone("dane-mixed-usages", "3 1 1 {other}", "2 1 1 {inter}"),
        listeners=_listener("inter"),
    ),
)

NAMES = (
    Case(
        name="dane-ta-wrong-name",
        destination="dane-ta-wrong-name.test",
        title="2 0 1 of the intermediate, and the certificate is for another host",
        expected=opportunistic(mismatched_name()),
        zones=_zone("dane-ta-wrong-name", "2 0 1 {inter}"),
        listeners=_listener("inter", leaf=Leaf(names=("elsewhere.invalid",))),
        matrix_row=11,
    ),
    Case(
        name="dane-ta-nexthop-name",
        destination="dane-ta-nexthop-name.test",
        title="the certificate names the mail domain instead of the exchange: good with a secure MX",
        expected=opportunistic(verified("2 0 1")),
        zones=_zone("dane-ta-nexthop-name", "2 0 1 {inter}"),
        listeners=_listener("inter", leaf=Leaf(names=("dane-ta-nexthop-name.test",))),
    ),
    Case(
        name="dane-ta-wildcard",
        destination="dane-ta-wildcard.test",
        title="a wildcard certificate for the exchange's domain",
        expected=opportunistic(verified("2 1 1")),
        zones=_zone("dane-ta-wildcard", "2 1 1 {inter}"),
        listeners=_listener("inter", leaf=Leaf(names=("*.dane-ta-wildcard.test",))),
    ),
    Case(
        name="dane-ta-cn-only",
        destination="dane-ta-cn-only.test",
        title="no subjectAltName, the name is the subject CN",
        expected=opportunistic(verified("2 1 1")),
        zones=_zone("dane-ta-cn-only", "2 1 1 {inter}"),
        listeners=_listener("inter", leaf=Leaf(names=(), common_name="{host}")),
    ),
)

PATHS = (
    Case(
        name="dane-ta-expired-leaf",
        destination="dane-ta-expired-leaf.test",
        title="with usage 2 the leaf's dates count",
        expected=BAD,
        zones=_zone("dane-ta-expired-leaf", "2 1 1 {inter}"),
        listeners=_listener("inter", leaf=Leaf(expired=True)),
    ),
    Case(
        name="dane-ta-expired-inter",
        destination="dane-ta-expired-inter.test",
        title="an expired intermediate that is the anchor itself is accepted",
        expected=opportunistic(verified("2 0 1")),
        zones=_zone("dane-ta-expired-inter", "2 0 1 {expired-inter}"),
        listeners=_listener("expired-inter", leaf=Leaf(issuer="expired-inter")),
    ),
    Case(
        name="dane-ta-expired-below",
        destination="dane-ta-expired-below.test",
        title="an expired intermediate below the anchor is not",
        expected=BAD,
        zones=_zone("dane-ta-expired-below", "2 0 1 {root}"),
        listeners=_listener("expired-inter", "root", leaf=Leaf(issuer="expired-inter")),
    ),
    Case(
        name="dane-ta-expired-root",
        destination="dane-ta-expired-root.test",
        title="an expired root is rejected although it is the anchor",
        expected=BAD,
        zones=_zone("dane-ta-expired-root", "2 0 1 {expired-root}"),
        listeners=_listener("expired-root-inter", "expired-root", leaf=Leaf(issuer="expired-root-inter")),
    ),
    Case(
        name="dane-ta-expired-full-root",
        destination="dane-ta-expired-full-root.test",
        title="2 0 0 of an expired root in DNS is no better",
        expected=BAD,
        zones=_zone("dane-ta-expired-full-root", "2 0 0 {expired-root}"),
        listeners=_listener("expired-root-inter", leaf=Leaf(issuer="expired-root-inter")),
    ),
    Case(
        name="dane-ta-no-ca",
        destination="dane-ta-no-ca.test",
        title="the anchor is not a CA by its basic constraints",
        expected=BAD,
        zones=_zone("dane-ta-no-ca", "2 0 1 {no-ca}"),
        listeners=_listener("no-ca", leaf=Leaf(issuer="no-ca")),
    ),
    Case(
        name="dane-ta-client-purpose",
        destination="dane-ta-client-purpose.test",
        title="the leaf's extended key usage is clientAuth only",
        expected=BAD,
        zones=_zone("dane-ta-client-purpose", "2 1 1 {inter}"),
        listeners=_listener("inter", leaf=Leaf(purpose="client")),
    ),
    Case(
        name="dane-ta-sha1",
        destination="dane-ta-sha1.test",
        title="a leaf signed with SHA-1 under an anchor is too weak",
        expected=BAD,
        zones=_zone("dane-ta-sha1", "2 1 1 {inter}"),
        listeners=_listener("inter", leaf=Leaf(digest="sha1")),
    ),
    Case(
        name="dane-ee-sha1",
        destination="dane-ee-sha1.test",
        title="the same leaf pinned by 3 0 1: its signature does not count",
        expected=opportunistic(verified("3 0 1")),
        zones=_zone("dane-ee-sha1", "3 0 1 {mx.leaf}"),
        listeners=_listener("inter", leaf=Leaf(digest="sha1")),
    ),
    Case(
        name="dane-ta-twin-expired",
        destination="dane-ta-twin-expired.test",
        title="two intermediates of one name and key are sent, 2 0 1 names the expired one: only the valid one is tried",
        expected=BAD,
        zones=_zone("dane-ta-twin-expired", "2 0 1 {inter-expired-twin}"),
        listeners=_listener("inter-expired-twin", "inter"),
    ),
    Case(
        name="dane-ta-twin-key",
        destination="dane-ta-twin-key.test",
        title="the same two intermediates, 2 1 1 of the key they share",
        expected=opportunistic(verified("2 1 1")),
        zones=_zone("dane-ta-twin-key", "2 1 1 {inter}"),
        listeners=_listener("inter-expired-twin", "inter"),
    ),
    Case(
        name="dane-ta-unordered",
        destination="dane-ta-unordered.test",
        title="the chain above the leaf in the wrong order",
        expected=opportunistic(verified("2 0 1")),
        zones=_zone("dane-ta-unordered", "2 0 1 {root}"),
        listeners=_listener("root", "inter"),
    ),
    Case(
        name="dane-ta-surplus",
        destination="dane-ta-surplus.test",
        title="certificates that do not belong to the chain, and one twice",
        expected=opportunistic(verified("2 0 1")),
        zones=_zone("dane-ta-surplus", "2 0 1 {inter}"),
        listeners=_listener("other", "inter", "expired-root", "inter"),
    ),
    Case(
        name="dane-ta-deep",
        destination="dane-ta-deep.test",
        title="nine intermediates up to the root",
        expected=opportunistic(verified("2 0 1")),
        zones=_zone("dane-ta-deep", "2 0 1 {root}"),
        listeners=_listener(*reversed(DEEP_CHAIN), "root", leaf=Leaf(issuer=DEEP_CHAIN[-1])),
    ),
    Case(
        name="dane-ta-too-deep",
        destination="dane-ta-too-deep.test",
        title="eleven intermediates up to the root: longer than the verification depth",
        expected=BAD,
        zones=_zone("dane-ta-too-deep", "2 0 1 {root}"),
        listeners=_listener(*reversed(LONG_CHAIN), "root", leaf=Leaf(issuer=LONG_CHAIN[-1])),
    ),
)

CASES = (*ANCHORS, *NAMES, *PATHS)
