# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Growing and judging one path (docs/postfix-semantics.md sections 3.4 and 4.3); every expected code was compared with OpenSSL 3.0."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.errors import verify_error
from ansible_collections.mailops.tls.plugins.module_utils._x509.path import (
    Anchor,
    find_issuer,
    grow_path,
    is_self_signed,
    likely_issued,
    path_errors,
)
from ansible_collections.mailops.tls.plugins.module_utils._x509.signature import is_signed_by
from ansible_collections.mailops.tls.plugins.module_utils._x509.store import store_error
from ansible_collections.mailops.tls.tests.unit.makers import certificates as make
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, Issued

PAST: dict[str, Any] = {"not_before": NOW - 9 * DAY, "not_after": NOW - DAY}


def loaded(*issued: Issued) -> list[Certificate]:
    return [Certificate(each.der) for each in issued]


def codes(*issued: Issued, anchor: Anchor = Anchor.CERTIFICATE) -> list[tuple[int, int]]:
    return [(error.code, error.depth) for error in path_errors(loaded(*issued), anchor, NOW)]


def chain(root: dict[str, Any], inter: dict[str, Any], leaf: dict[str, Any]) -> tuple[Issued, Issued, Issued]:
    top = make.issue("Root", **{"ca": True, **root})
    middle = make.issue("Inter", issuer=top, **{"ca": True, **inter})
    return make.issue("leaf", issuer=middle, **leaf), middle, top


def test_good_chain_with_either_anchor() -> None:
    leaf, inter, root = chain({}, {}, {})
    assert codes(leaf, inter, root) == [] and codes(leaf, inter) == []


@pytest.mark.parametrize("kind", ["rsa", "rsa1024", "ecdsa-p384", "ed25519", "ed448"])
def test_good_chain_of_every_key(kind: str) -> None:
    key = make.Key.generate(kind)
    leaf, inter, root = chain({"key": key}, {"key": make.Key.generate(kind)}, {})
    assert codes(leaf, inter, root) == []
    assert is_signed_by(Certificate(inter.der), key.spki) is True
    assert is_signed_by(Certificate(leaf.der), key.spki) is False


def test_pss_signatures() -> None:
    key = make.PssKey(make.Key.generate("rsa").private)
    root = make.issue("Root", ca=True, key=key)
    assert codes(make.issue("leaf", issuer=root), root) == []


CASES = [
    ("expired leaf", {}, {}, PAST, [(10, 0)], [(10, 0)]),
    ("leaf not yet valid", {}, {}, {"not_before": NOW + DAY}, [(9, 0)], [(9, 0)]),
    ("expired intermediate counts only below the anchor", {}, PAST, {}, [(10, 1)], []),
    ("expired root counts", PAST, {}, {}, [(10, 2)], []),
    ("intermediate is no CA", {}, {"ca": False}, {}, [(79, 1), (26, 1)], [(79, 1), (26, 1)]),
    ("intermediate without constraints", {}, {"ca": None}, {}, [(79, 1), (26, 1)], [(79, 1), (26, 1)]),
    ("root is no CA", {"ca": False}, {}, {}, [(79, 2), (26, 2)], []),
    ("version 1 root", {"version": 1}, {}, {}, [], []),
    ("leaf for clients", {}, {}, {"extended_key_usage": [make.CLIENT_AUTH]}, [(26, 0)], [(26, 0)]),
    ("leaf for anything", {}, {}, {"extended_key_usage": [make.ANY_EXTENDED_KEY_USAGE]}, [(26, 0)], [(26, 0)]),
    ("leaf for both", {}, {}, {"extended_key_usage": [make.CLIENT_AUTH, make.SERVER_AUTH]}, [], []),
    ("intermediate for clients", {}, {"extended_key_usage": [make.CLIENT_AUTH]}, {}, [(26, 1)], [(26, 1)]),
    ("leaf may only sign certificates", {}, {}, {"key_usage": ["key_cert_sign"]}, [(26, 0)], [(26, 0)]),
    ("leaf may encipher keys", {}, {}, {"key_usage": ["key_encipherment"]}, [], []),
    ("path too long", {"path_length": 0}, {}, {}, [(25, 2)], []),
    ("path length zero of the intermediate", {}, {"path_length": 0}, {}, [], []),
    ("unknown critical extension", {}, {}, {"extensions": [make.extension("1.2.3.4", b"", True)]}, [(34, 0)], [(34, 0)]),
    ("unknown extension", {}, {}, {"extensions": [make.extension("1.2.3.4", b"\x05\x00")]}, [], []),
    ("weak issuer", {}, {"key": make.Key.generate("rsa768")}, {}, [(67, 1)], [(67, 1)]),
    ("SHA-1 below the anchor", {}, {"digest": "sha1"}, {}, [(68, 1)], []),
    ("SHA-1 of a root", {"digest": "sha1"}, {}, {}, [], []),
    ("SHA-1 of the leaf", {}, {}, {"digest": "sha1"}, [(68, 0)], [(68, 0)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("root", "inter", "leaf", "to_root", "to_inter"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_errors(root: Any, inter: Any, leaf: Any, to_root: object, to_inter: object) -> None:
    certificates = chain(root, inter, leaf)
    assert codes(*certificates) == to_root
    assert codes(*certificates[:2]) == to_inter


def test_md5_below_the_anchor() -> None:
    root = make.issue("Root", ca=True, key=make.Key.generate("rsa"))
    assert codes(make.issue("leaf", issuer=root, digest="md5"), root) == [(68, 0)]


def test_intermediate_that_may_not_sign() -> None:
    leaf, inter, _root = chain({}, {"key_usage": ["digital_signature"]}, {})
    assert codes(leaf, inter) == [(79, 1), (26, 1), (32, 1)]


def test_wrong_signature() -> None:
    leaf, inter, _root = chain({}, {}, {})
    impostor = make.issue("Inter", ca=True, key_identifiers=False)
    forged = make.issue("leaf", issuer=impostor, key_identifiers=False)
    assert codes(forged, inter) == [(7, 0)]
    assert codes(leaf, inter) == []


def test_name_constraints_are_left_to_openssl() -> None:
    permitted = make.sequence(make.tlv(0xA0, make.sequence(make.tlv(0x82, b"example.org"))))
    limit = {"extensions": [make.extension("2.5.29.30", permitted, True)]}
    outside = chain({}, limit, {"dns_names": ["mx.example.com"]})
    assert codes(*outside) == [(47, 0)]
    assert codes(*chain({}, limit, {"dns_names": ["mx.example.org"]})) == []


def test_under_a_bare_key_every_date_counts() -> None:
    leaf, inter, _root = chain({}, PAST, {})
    assert codes(leaf, inter, anchor=Anchor.KEY) == [(10, 1)]
    assert codes(leaf, inter, anchor=Anchor.CERTIFICATE) == []


def test_name_error_keeps_its_place() -> None:
    leaf, inter, _root = chain({}, {}, PAST)
    found = path_errors(loaded(leaf, inter), Anchor.CERTIFICATE, NOW, verify_error(62))
    assert [error.code for error in found] == [62, 10]


def test_validity_ends_are_exact() -> None:
    leaf, inter, _root = chain({}, {}, {"not_before": NOW, "not_after": NOW})
    assert codes(leaf, inter) == [(10, 0)]
    leaf, inter, _root = chain({}, {}, {"not_before": NOW})
    assert codes(leaf, inter) == []


def test_growing_stops_at_the_anchor_and_needs_no_order() -> None:
    leaf, inter, root = loaded(*chain({}, {}, {}))
    stranger = Certificate(make.issue("Stranger", ca=True).der)
    path = grow_path(leaf, [stranger, root, leaf, inter], NOW, lambda issuer: issuer == root)
    assert (path.certificates, path.anchored) == ((leaf, inter, root), True)
    path = grow_path(leaf, [root, inter], NOW, lambda issuer: True)
    assert (path.certificates, path.anchored) == ((leaf, inter), True)
    path = grow_path(leaf, [root], NOW, lambda issuer: True)
    assert (path.certificates, path.anchored, path.too_long) == ((leaf,), False, False)


def test_a_self_signed_leaf_has_no_issuer() -> None:
    own = Certificate(make.issue("self").der)
    assert is_self_signed(own)
    assert grow_path(own, [own], NOW, lambda issuer: True).certificates == (own,)


def test_a_valid_issuer_is_preferred_then_the_latest_end() -> None:
    root = make.issue("Root", ca=True)
    options: dict[str, Any] = {"issuer": root, "ca": True, "key": make.Key.generate()}
    old = make.issue("Inter", **options, **PAST)
    older = make.issue("Inter", **options, not_before=NOW - 9 * DAY, not_after=NOW - 2 * DAY)
    valid = make.issue("Inter", **options)
    leaf = Certificate(make.issue("leaf", issuer=valid).der)
    assert find_issuer(leaf, loaded(older, old, valid), NOW) == Certificate(valid.der)
    assert find_issuer(leaf, loaded(older, old), NOW) == Certificate(old.der)
    assert find_issuer(leaf, loaded(root), NOW) is None


def test_key_identifiers_must_agree() -> None:
    one, other = make.issue("Inter", ca=True), make.issue("Inter", ca=True)
    leaf = Certificate(make.issue("leaf", issuer=one).der)
    assert likely_issued(Certificate(one.der), leaf) and not likely_issued(Certificate(other.der), leaf)
    bare = make.issue("Inter", ca=True, key_identifiers=False)
    assert likely_issued(Certificate(bare.der), leaf)


def test_authority_serial_and_issuer_must_agree() -> None:
    root = make.issue("Root", ca=True, serial=7)
    for serial, name, expected in ((7, "Root", True), (8, "Root", False), (7, "Toor", False)):
        value = make.sequence(make.tlv(0xA1, make.tlv(0xA4, make.name(name))), make.tlv(0x82, bytes([serial])))
        leaf = make.issue("leaf", issuer=root, key_identifiers=False, extensions=[make.extension("2.5.29.35", value)])
        assert likely_issued(Certificate(root.der), Certificate(leaf.der)) is expected


def test_an_issuer_of_another_kind_of_key_is_none() -> None:
    rsa = make.issue("Inter", ca=True, key=make.Key.generate("rsa"), key_identifiers=False)
    leaf = make.issue("leaf", issuer=make.issue("Inter", ca=True), key_identifiers=False)
    assert not likely_issued(Certificate(rsa.der), Certificate(leaf.der))


def test_the_path_has_a_limit() -> None:
    issued = [make.issue("CA0", ca=True, key=make.Key.generate("ed25519"))]
    for number in range(1, 14):
        issued.append(make.issue(f"CA{number}", issuer=issued[-1], ca=True, key=make.Key.generate("ed25519")))
    candidates = loaded(*issued)
    for last, anchored in ((11, True), (12, False)):
        path = grow_path(candidates[last], candidates, NOW, lambda issuer: issuer == candidates[0])
        assert (path.anchored, path.too_long, len(path.certificates)) == (anchored, not anchored, 12)


def test_issuers_in_a_circle_end() -> None:
    one_key, other_key = make.Key.generate("ed25519"), make.Key.generate("ed25519")
    one = make.issue("One", issuer=Issued(b"", other_key, make.name("Other")), key=one_key, ca=True)
    other = make.issue("Other", issuer=Issued(b"", one_key, make.name("One")), key=other_key, ca=True)
    path = grow_path(Certificate(one.der), loaded(one, other), NOW, lambda issuer: False)
    assert path.certificates == tuple(loaded(one, other))


def test_the_store_never_takes_the_leaf_alone() -> None:
    with pytest.raises(ValueError, match="two certificates"):
        store_error(loaded(make.issue()))


def test_the_store_speaks_of_garbage_as_an_error() -> None:
    error = store_error([Certificate(make.issue().der), Certificate(b"garbage")])
    assert error is not None and error.code == 1
