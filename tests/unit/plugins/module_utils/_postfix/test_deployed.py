# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an instance serves, for every way to configure it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed import Deployed, Deployment, deployment, is_for, is_of_main
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import map_entries, read_instance
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Key, hierarchy, issue
from ansible_collections.mailops.tls.tests.unit.worlds.fake_postfix import FakeFiles, FakePostfix

RSA, ECDSA, OTHER = hierarchy(kind="rsa"), hierarchy(), hierarchy()
ED25519 = issue("ed", key=Key.generate("ed25519"))
FILES = {
    "/rsa.key": RSA.leaf.key.pem,
    "/rsa.crt": RSA.served_pem,
    "/rsa.all": RSA.served_pem + RSA.leaf.key.pem,
    "/rsa.chain": RSA.leaf.key.pem + RSA.served_pem,
    "/ec.key": ECDSA.leaf.key.pem,
    "/ec.crt": ECDSA.served_pem,
    "/ec.chain": ECDSA.leaf.key.pem + ECDSA.served_pem,
    "/other.chain": OTHER.leaf.key.pem + OTHER.served_pem,
    "/ed.chain": ED25519.key.pem + ED25519.pem,
    "/var/spool/postfix/tls/ec.chain": OTHER.leaf.key.pem + OTHER.served_pem,
}
TWO = {"smtp/inet": ("smtpd", {}), "submission/inet": ("smtpd", {"syslog_name": "postfix/submission"}), "relay/unix": ("smtp", {})}


def deployed(
    main: Mapping[str, str],
    services: Mapping[str, tuple[str, Mapping[str, str]]] | None = None,
    tables: Mapping[str, Mapping[str, str]] | None = None,
    broken: Mapping[str, str] | None = None,
) -> Deployment:
    postfix = FakePostfix(main, services, tables=tables, broken=broken)
    instance = read_instance(postfix)
    return deployment(instance, FakeFiles(FILES), lambda table: map_entries(postfix, instance.config_directory, table))


def the_only(found: Deployment) -> Deployed:
    (item,) = found.items
    return item


def ids(item: Deployed) -> list[str]:
    return [problem.id for problem in item.problems]


def test_nothing_is_deployed_by_default() -> None:
    assert deployed({}) == Deployment(())


def test_a_pair_of_each_algorithm() -> None:
    found = deployed({
        "smtpd_tls_eccert_file": "/ec.crt", "smtpd_tls_eckey_file": "/ec.key",
        "smtpd_tls_cert_file": "/rsa.crt", "smtpd_tls_key_file": "/rsa.key",
    })  # fmt: skip
    assert [(item.source, item.key_parameter, item.algorithm) for item in found.items] == [
        ("smtpd_tls_cert_file", "smtpd_tls_key_file", "rsa"),
        ("smtpd_tls_eccert_file", "smtpd_tls_eckey_file", "ecdsa"),
    ]
    assert all(item.usable and item.services == ("smtp/inet",) and item.server_name is None for item in found.items)
    assert [file.path for file in found.items[0].files] == ["/rsa.key", "/rsa.crt"]
    assert found.items[0].public_key_sha256 == hashlib.sha256(RSA.leaf.key.spki).hexdigest()


def test_the_key_is_in_the_certificates_file_when_it_has_no_other() -> None:
    item = the_only(deployed({"smtpd_tls_cert_file": "/rsa.all"}))
    assert item.usable
    assert (item.key_parameter, item.material.key_name) == ("smtpd_tls_cert_file", "/rsa.all")
    assert [file.path for file in item.files] == ["/rsa.all"]


def test_chain_files_take_the_place_of_pairs() -> None:
    found = deployed({"smtpd_tls_chain_files": "/rsa.chain, /ec.chain /ed.chain", "smtpd_tls_cert_file": "/nowhere"})
    assert [(item.source, item.algorithm, item.usable) for item in found.items] == [
        ("smtpd_tls_chain_files", "rsa", True),
        ("smtpd_tls_chain_files", "ecdsa", True),
        ("smtpd_tls_chain_files", "ed25519", True),
    ]
    assert [file.path for file in found.items[1].files] == ["/ec.chain"]


def test_a_file_that_is_missing_concerns_all_chains() -> None:
    found = deployed({"smtpd_tls_chain_files": "/rsa.chain /nowhere /ec.chain"})
    assert [(item.algorithm, ids(item)) for item in found.items] == [("rsa", ["file_unreadable"]), ("ecdsa", ["file_unreadable"])]
    assert found.items[0].problems[0].text == "/nowhere: No such file or directory"


def test_without_any_file_the_item_is_still_there() -> None:
    item = the_only(deployed({"smtpd_tls_chain_files": "/nowhere"}))
    assert (item.algorithm, item.public_key, item.public_key_sha256, ids(item)) == (None, None, None, ["file_unreadable"])
    assert [file.path for file in item.files] == ["/nowhere"]


def test_two_keys_of_one_kind_in_chain_files() -> None:
    found = deployed({"smtpd_tls_chain_files": "/ec.chain /other.chain"})
    assert [ids(item) for item in found.items] == [[], ["duplicate_algorithm"]]


@pytest.mark.parametrize("key", ["/ec.key", "/rsa.all"])
def test_a_key_of_another_certificate(key: str) -> None:
    main = {"smtpd_tls_eccert_file": "/ec.crt", "smtpd_tls_eckey_file": key}
    assert ids(the_only(deployed(main))) == ([] if key == "/ec.key" else ["key_certificate_mismatch"])


def test_an_ecdsa_key_may_stand_where_rsa_is_meant() -> None:
    item = the_only(deployed({"smtpd_tls_cert_file": "/ec.crt", "smtpd_tls_key_file": "/ec.key"}))
    assert (item.algorithm, item.usable) == ("ecdsa", True)


def test_none_means_no_certificate_and_only_there() -> None:
    assert deployed({"smtpd_tls_cert_file": "None"}).items == ()
    assert ids(the_only(deployed({"smtpd_tls_eccert_file": "none"}))) == ["file_unreadable"]


def test_relative_names_are_relative_to_the_queue_directory() -> None:
    item = the_only(deployed({"smtpd_tls_chain_files": "tls/ec.chain"}))
    assert item.files[0].path == "/var/spool/postfix/tls/ec.chain"
    assert item.material.key == OTHER.leaf.key.spki


def test_services_that_serve_the_same_share_an_item() -> None:
    item = the_only(deployed({"smtpd_tls_cert_file": "/rsa.all"}, TWO))
    assert item.services == ("smtp/inet", "submission/inet")


def test_a_service_may_have_keys_of_its_own() -> None:
    services = {"smtp/inet": ("smtpd", {}), "submission/inet": ("smtpd", {"smtpd_tls_cert_file": "/rsa.all"})}
    found = deployed({"smtpd_tls_cert_file": "/nowhere", "smtpd_tls_eccert_file": "/ec.crt", "smtpd_tls_eckey_file": "/ec.key"}, services)
    assert [(item.source, item.services, item.usable) for item in found.items] == [
        ("smtpd_tls_cert_file", ("smtp/inet",), False),
        ("smtpd_tls_eccert_file", ("smtp/inet", "submission/inet"), True),
        ("smtpd_tls_cert_file", ("submission/inet",), True),
    ]


def test_main_cf_counts_without_any_service() -> None:
    assert the_only(deployed({"smtpd_tls_cert_file": "/rsa.all"}, {})).services == ()


def test_chains_by_server_name() -> None:
    tables = {
        "hash:/sni": {"a.example": base64.b64encode(FILES["/rsa.chain"]).decode(), "bad.example": "/rsa.chain"},
        "texthash:/text": {"a.example": "/nowhere", ".b.example": "/ec.key /ec.crt", "c.example": "/nowhere"},
    }
    found = deployed({"tls_server_sni_maps": "hash:/sni, texthash:/text"}, tables=tables)
    assert [(item.server_name, item.algorithm, ids(item)) for item in found.items] == [
        ("a.example", "rsa", []),
        ("bad.example", None, ["sni_value_malformed"]),
        (".b.example", "ecdsa", []),
        ("c.example", None, ["file_unreadable"]),
    ]
    assert found.items[0].material.key_name == "hash:/sni"
    assert [file.path for file in found.items[2].files] == ["/ec.key", "/ec.crt"]
    assert all(item.source == "tls_server_sni_maps" for item in found.items)


def test_a_table_that_cannot_be_listed_is_a_problem_once() -> None:
    found = deployed({"tls_server_sni_maps": "regexp:/sni"}, TWO, broken={"postmap": "postmap: fatal: not supported"})
    assert [problem.id for problem in found.problems] == ["sni_map_unlisted"]


def test_a_private_key_in_the_wrong_place_is_not_shown() -> None:
    stored = base64.b64encode(FILES["/rsa.chain"]).decode()
    found = deployed({"tls_server_sni_maps": "texthash:/text"}, tables={"texthash:/text": {"a.example": stored}})
    assert ids(the_only(found)) == ["sni_value_malformed"]
    assert stored[:40] not in repr(found)


def test_what_main_cf_configures_and_what_single_services_do() -> None:
    own = {"smtpd_tls_chain_files": "/ed.chain"}
    postfix = FakePostfix({"smtpd_tls_chain_files": "/ec.chain"}, {"smtp/inet": ("smtpd", {}), "2525/inet": ("smtpd", own)})
    instance = read_instance(postfix)
    found = deployment(instance, FakeFiles(FILES), lambda table: map_entries(postfix, instance.config_directory, table))
    assert [(one.algorithm, is_of_main(instance, one)) for one in found.items] == [("ecdsa", True), ("ed25519", False)]
    alone = deployed({"smtpd_tls_chain_files": "/ec.chain"}, {})
    assert is_of_main(instance, the_only(alone))


@pytest.mark.parametrize(
    ("server_name", "host", "right"),
    [
        ("mx.example.org", "MX.example.org", True),
        ("mx.example.org", "mx2.example.org", False),
        ("mx.example.org", "a.mx.example.org", False),
        (".example.org", "mx.example.org", True),
        (".example.org", "a.b.Example.org", True),
        (".example.org", "example.org", False),
        (".example.org", "mx.badexample.org", False),
    ],
)
def test_whom_a_key_by_server_name_is_for(server_name: str, host: str, right: bool) -> None:
    assert is_for(server_name, host) is right
