# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of a pair before anything is touched."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._deploy.pair import check_pair, pair_lint, read_pair
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import FileState
from ansible_collections.mailops.tls.plugins.module_utils._x509.chain_files import Pem, load_sequence
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import reference_name
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, SmallRsaKey, hierarchy, issue, name
from ansible_collections.mailops.tls.tests.unit.worlds.deploying import issued, pair_of

NAMES = (reference_name("mx.example.com"),)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "ed25519"])
def test_combined_file_is_what_postfix_loads(kind: str) -> None:
    leaf = issued(kind)
    pair = pair_of(leaf)
    loaded = load_sequence([Pem("file", pair.combined)])
    assert (loaded.problem, pair.algorithm, pair.spki) == (None, kind, leaf.key.spki)
    assert loaded.chains[0].agrees and loaded.chains[0].chain == pair.chain
    assert leaf.key.pem.decode().split("\n")[1] not in repr(pair)


def test_name_follows_content() -> None:
    one, two = issued(), issued()
    assert pair_of(one).file_name == pair_of(one).file_name
    assert pair_of(one).file_name != pair_of(two).file_name
    assert pair_of(one).file_name.startswith("chain-ecdsa-")


def test_key_of_another_certificate() -> None:
    with pytest.raises(OptionError, match="privatekey_path.*is not the key of the first certificate"):
        read_pair(FileState("/c.pem", issued().pem), FileState("/k.pem", issued().key.pem))


@pytest.mark.parametrize(
    ("certificate", "key", "option"),
    [
        (FileState("/c.pem", error="Permission denied"), FileState("/k.pem", b""), "certificate_path"),
        (FileState("/c.pem", b"nothing"), FileState("/k.pem", b""), "certificate_path"),
        (FileState("/c.pem", issued().pem), FileState("/k.pem", error="Permission denied"), "privatekey_path"),
        (FileState("/c.pem", issued().pem), FileState("/k.pem", b"nothing"), "privatekey_path"),
        (
            FileState("/c.pem", issued().pem),
            FileState("/k.pem", b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"),
            "privatekey_path",
        ),
    ],
    ids=["certificate-unreadable", "no-certificate", "key-unreadable", "no-key", "key-encrypted"],
)
def test_unusable_files(certificate: FileState, key: FileState, option: str) -> None:
    with pytest.raises(OptionError) as caught:
        read_pair(certificate, key)
    assert caught.value.option == option


def test_other_kinds_of_keys() -> None:
    with pytest.raises(OptionError, match="cannot be deployed: ed448"):
        pair_of(issued("ed448"))


def test_good_chains() -> None:
    made = hierarchy()
    for pair in (pair_of(made.leaf, made.intermediate), pair_of(made.leaf, made.intermediate, made.root), pair_of(issued())):
        check_pair(pair, NAMES, NOW, 300)
        assert pair_lint(pair, NOW) == ()
    check_pair(pair_of(made.leaf), NAMES, NOW, 300)
    assert [one.id for one in pair_lint(pair_of(made.leaf), NOW)] == ["chain_incomplete"]


def test_chains_out_of_order() -> None:
    made, other = hierarchy(), hierarchy()
    for issuers in ((made.root,), (made.root, made.intermediate), (other.intermediate,)):
        with pytest.raises(OptionError, match="does not follow the certificate that it issued"):
            check_pair(pair_of(made.leaf, *issuers), NAMES, NOW, 0)


def test_what_is_in_order_though_senders_object_to_it_is_lint() -> None:
    """The flag of an authority that lacks, and a signature that the library here does not check: decided for all in _x509/chain.py."""
    root, weak = issue("Root", ca=True), issue("Weak", ca=True, key=SmallRsaKey(512))
    between = issue("between", issuer=root)
    of_between, of_weak = (issue(issuer=one, dns_names=("mx.example.com",)) for one in (between, weak))
    for chain, identifier in (((of_between, between, root), "issuer_not_ca"), ((of_weak, weak), "key_too_weak")):
        pair = pair_of(*chain)
        check_pair(pair, NAMES, NOW, 0)
        assert identifier in [one.id for one in pair_lint(pair, NOW)]


def test_names_and_dates() -> None:
    pair = pair_of(issued())
    with pytest.raises(OptionError, match="names: 'mx2.example.com' is not a name of the certificate"):
        check_pair(pair, (*NAMES, reference_name("mx2.example.com")), NOW, 0)
    check_pair(pair, (), NOW, 0)
    with pytest.raises(OptionError, match="min_days_left.*less than 366 days"):
        check_pair(pair, NAMES, NOW, 366)
    for moment in (NOW - 2 * DAY, NOW + 400 * DAY):
        with pytest.raises(OptionError, match="is not valid now"):
            check_pair(pair, NAMES, moment, 0)


def test_a_certificate_without_subject_and_names_is_told_in_whole_sentences() -> None:
    nameless = issue(subject=name(None))
    with pytest.raises(OptionError, match="names: 'mx.example.com' is not a name of the certificate, which has no DNS name$"):
        check_pair(pair_of(nameless), NAMES, NOW, 0)
    with pytest.raises(OptionError, match="'a certificate without subject' is not valid now: it is valid from .* to "):
        check_pair(pair_of(nameless), (), NOW + 400 * DAY, 0)
    with pytest.raises(OptionError, match="'a certificate without subject' is valid until .*, which is less than 366 days"):
        check_pair(pair_of(nameless), (), NOW, 366)


def test_an_issuer_that_ends_first() -> None:
    root = issue("Root", ca=True, not_after=NOW + 3 * DAY)
    leaf = issue("leaf", issuer=root, dns_names=("mx.example.com",))
    with pytest.raises(OptionError, match="min_days_left: 'CN=Root'"):
        check_pair(pair_of(leaf, root), NAMES, NOW, 7)
