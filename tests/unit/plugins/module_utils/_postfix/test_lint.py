# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lint of a Postfix instance: every finding, with what is just not one."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._catalogue import postfix, x509
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed import deployment
from ansible_collections.mailops.tls.plugins.module_utils._postfix.lint import lint, reference_names
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import map_entries, read_instance
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import ReferenceKind, ReferenceName
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, Hierarchy, Issued, Key, hierarchy, issue
from ansible_collections.mailops.tls.tests.unit.worlds.fake_postfix import FakeFiles, FakePostfix

NAME = "mx.example.com"
RSA, ECDSA = hierarchy(kind="rsa"), hierarchy()
KEY = Key.generate("rsa")
GOOD = {"smtpd_tls_security_level": "may", "smtpd_tls_chain_files": "/good"}


def served(*chain: Issued) -> bytes:
    return chain[0].key.pem + b"".join(one.pem for one in chain)


def good_pair(chain: Hierarchy = RSA) -> dict[str, bytes]:
    return {"/c": chain.served_pem, "/k": chain.leaf.key.pem, "/good": chain.leaf.key.pem + chain.served_pem}


def findings(
    main: Mapping[str, str],
    files: FakeFiles | None = None,
    *,
    services: Mapping[str, tuple[str, Mapping[str, str]]] | None = None,
    tables: Mapping[str, Mapping[str, str]] | None = None,
    names: Sequence[str] = (NAME,),
) -> list[Finding]:
    postfix = FakePostfix(main, services, tables=tables)
    instance = read_instance(postfix)
    read = files or FakeFiles(good_pair())
    found = deployment(instance, read, lambda table: map_entries(postfix, instance.config_directory, table))
    return lint(instance, found, read, names=reference_names(names, ""), now=NOW, min_days_left=14)


def ids(found: Sequence[Finding]) -> list[str]:
    return [one.id for one in found]


def of_chain(*chain: Issued) -> list[str]:
    return ids(findings(GOOD, FakeFiles({"/good": served(*chain)})))


def test_nothing_is_wrong_with_a_good_instance() -> None:
    assert findings(GOOD) == []
    assert findings({"smtpd_tls_security_level": "may", "smtpd_tls_cert_file": "/c", "smtpd_tls_key_file": "/k"}) == []
    assert findings({}) == []


# --- certificates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        (-2, 13, ["certificate_expires_soon"]),
        (-2, 15, []),
        (-2, -1, ["certificate_expired"]),
        (1, 90, ["certificate_not_yet_valid"]),
    ],
)
def test_validity(begin: int, end: int, expected: list[str]) -> None:
    assert of_chain(issue(key=KEY, dns_names=[NAME], not_before=NOW + begin * DAY, not_after=NOW + end * DAY)) == expected


def test_an_issuer_that_expired() -> None:
    issuer = issue("CA", ca=True, not_after=NOW - DAY)
    assert of_chain(issue(key=KEY, dns_names=[NAME], issuer=issuer), issuer) == ["certificate_expired"]


def test_chains() -> None:
    leaf, intermediate, root = RSA.leaf, RSA.intermediate, RSA.root
    assert of_chain(leaf, intermediate, root) == []
    assert of_chain(issue(key=KEY, dns_names=[NAME])) == []
    assert of_chain(leaf) == ["chain_incomplete"]
    assert of_chain(leaf, root, intermediate) == ["chain_unordered"]
    assert of_chain(leaf, intermediate, intermediate) == ["chain_unordered"]


def test_an_issuer_with_the_right_name_and_another_key() -> None:
    impostor = issue("Inter", issuer=RSA.root, ca=True, key_identifiers=False, key=Key.generate("rsa"))
    leaf = issue(key=KEY, dns_names=[NAME], issuer=RSA.intermediate, key_identifiers=False)
    assert of_chain(leaf, impostor) == ["chain_unordered"]


def test_names() -> None:
    assert ids(findings(GOOD, names=[NAME, "mx2.example.com", ".example.com"])) == ["name_missing"]
    assert ids(findings(GOOD, names=[])) == []
    tables = {"texthash:/t": {NAME: "/good", ".example.com": "/good", "other.example": "/good", ".": "/good"}}
    found = findings({**GOOD, "tls_server_sni_maps": "texthash:/t"}, tables=tables, names=[])
    assert found == [Finding(x509.NAME_MISSING, "/good", "/good: the certificate is not for other.example")]


def test_names_are_the_users_or_the_hosts() -> None:
    assert reference_names(None, NAME) == (ReferenceName(ReferenceKind.DNS, NAME),)
    assert reference_names(None, "/etc/mailname") == ()
    assert reference_names(["a.example"], NAME) == (ReferenceName(ReferenceKind.DNS, "a.example"),)
    with pytest.raises(OptionError, match="names"):
        reference_names(["."], NAME)


# --- keys ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "gid", "uid", "expected"),
    [
        (0o600, 0, 0, []),
        (0o640, 0, 0, []),
        (0o640, 42, 0, ["key_readable_by_group"]),
        (0o644, 42, 0, ["key_readable_by_others"]),
        (0o602, 0, 0, ["key_readable_by_others"]),
        (0o600, 0, 1000, ["key_not_owned_by_root"]),
    ],
)
def test_who_can_read_a_key(mode: int, gid: int, uid: int, expected: list[str]) -> None:
    files = FakeFiles(good_pair(), mode=mode)
    files.gid, files.uid = gid, uid
    assert ids(findings(GOOD, files)) == expected
    pair = {"smtpd_tls_security_level": "may", "smtpd_tls_cert_file": "/c", "smtpd_tls_key_file": "/k"}
    assert [(one.id, one.subject) for one in findings(pair, files)] == [(id_, "/k") for id_ in expected]


def test_a_table_with_keys_that_everybody_can_read() -> None:
    tables = {"hash:/t": {NAME: base64.b64encode(served(RSA.leaf, RSA.intermediate)).decode()}}
    found = findings({"tls_server_sni_maps": "hash:/t"}, FakeFiles({"/t.db": b""}, mode=0o644), tables=tables)
    assert [(one.id, one.subject) for one in found] == [("key_readable_by_others", "/t.db")]


def test_traps_of_postfix_tls() -> None:
    both = {"smtpd_tls_security_level": "may", "smtpd_tls_cert_file": "/good"}
    assert [(one.id, one.subject) for one in findings(both)] == [("key_parameter_not_set", "smtpd_tls_key_file")]
    pair = {"smtpd_tls_security_level": "may", "smtpd_tls_eccert_file": "/c", "smtpd_tls_eckey_file": "/k"}
    assert ids(findings(pair)) == ["unexpected_algorithm"]
    assert ids(findings(pair, FakeFiles(good_pair(ECDSA)))) == ["no_rsa_key"]


# --- settings --------------------------------------------------------------------------------------------------------------


def test_chain_files_in_place_of_pairs() -> None:
    main = {**GOOD, "smtpd_tls_cert_file": "/c", "smtpd_tls_eccert_file": "/c"}
    text = "smtpd_tls_chain_files is set, so Postfix ignores smtpd_tls_cert_file and smtpd_tls_eccert_file"
    assert findings(main) == [Finding(postfix.CHAIN_FILES_SHADOW_LEGACY_PARAMETERS, "smtpd_tls_chain_files", text)]
    assert findings({**GOOD, "smtpd_tls_cert_file": "none"}) == []


def test_relative_names() -> None:
    files = FakeFiles({"/var/spool/postfix" + path: data for path, data in good_pair().items()})
    (found,) = findings({**GOOD, "smtpd_tls_chain_files": "good"}, files)
    assert (found.id, found.subject) == ("relative_path_in_main_cf", "smtpd_tls_chain_files")
    assert "/var/spool/postfix/good" in found.text
    pair = {"smtpd_tls_cert_file": "c", "smtpd_tls_key_file": "k"}
    assert [one.subject for one in findings(pair, files)] == ["smtpd_tls_cert_file", "smtpd_tls_key_file"]


def test_levels() -> None:
    found = findings({**GOOD, "smtpd_tls_security_level": "dane", "smtp_tls_security_level": "mya"})
    assert [(one.id, one.subject) for one in found] == [
        ("security_level_invalid", "smtp_tls_security_level"),
        ("security_level_invalid", "smtpd_tls_security_level"),
    ]
    assert ids(findings({**GOOD, "smtpd_tls_security_level": "verify"})) == ["security_level_unsupported"]


def test_a_service_is_named_only_for_what_is_its_own() -> None:
    main = {**GOOD, "smtpd_tls_security_level": "verify"}
    services = {"smtp/inet": ("smtpd", {}), "smtps/inet": ("smtpd", {"smtpd_tls_wrappermode": "yes", "smtpd_tls_cert_file": "/c"})}
    assert [(one.id, one.subject) for one in findings(main, services=services)] == [
        ("security_level_unsupported", "smtpd_tls_security_level"),
        ("chain_files_shadow_legacy_parameters", "smtps/inet/smtpd_tls_chain_files"),
    ]


def test_tls_without_certificate() -> None:
    found = findings({"smtpd_tls_security_level": "may"})
    assert [(one.id, one.subject) for one in found] == [("no_certificate", "smtp/inet")]
    assert findings({"smtpd_tls_security_level": "may", "smtpd_tls_cert_file": "none"}) == []


def test_one_broken_file_breaks_tls() -> None:
    found = findings({**GOOD, "smtpd_tls_chain_files": "/good /nowhere"})
    assert [(one.id, one.subject) for one in found] == [("tls_broken", "smtp/inet"), ("file_unreadable", "/nowhere")]
    assert ids(findings({"smtpd_tls_chain_files": "/nowhere"})) == ["file_unreadable"]


def test_postscreen_with_another_chain() -> None:
    services: dict[str, tuple[str, dict[str, str]]] = {"smtp/inet": ("postscreen", {}), "smtpd/pass": ("smtpd", {})}
    main = {**GOOD, "tlsproxy_tls_chain_files": "/other"}
    assert [(one.id, one.subject) for one in findings(main, services=services)] == [("tlsproxy_differs", "tlsproxy_tls_chain_files")]
    assert findings(GOOD, services=services) == []
    assert findings(main) == []
