# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The deployed key of an algorithm, wherever it is configured; where there is none, never another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._postfix.configured import Configured, given_file_reader
from ansible_collections.mailops.tls.plugins.module_utils._postfix.deployed_keys import DeployedKey, deployed_key
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Key, issue
from ansible_collections.mailops.tls.tests.unit.worlds.fake_postfix import FakePostfix

RSA, OTHER, ECDSA = issue("a", key=Key.generate("rsa")), issue("b", key=Key.generate("rsa")), issue("c", key=Key.generate())
ED25519 = issue("d", key=Key.generate("ed25519"))
FILES = {
    "rsa.key": RSA.key.pem,
    "rsa.crt": RSA.pem,
    "rsa.both": RSA.pem + RSA.key.pem,
    "other.both": OTHER.pem + OTHER.key.pem,
    "ec.both": ECDSA.key.pem + ECDSA.pem,
    "chains": RSA.key.pem + RSA.pem + ECDSA.key.pem + ECDSA.pem + ED25519.key.pem + ED25519.pem,
}
Services = Mapping[str, tuple[str, Mapping[str, str]]]
SERVICES: Services = {"smtp/inet": ("smtpd", {}), "submission/inet": ("smtpd", {"smtpd_tls_cert_file": "DIR/other.both"})}
PLAIN: Services = {"smtp/inet": ("smtpd", {})}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def find(folder: Path, main: Mapping[str, str], *wanted: str, services: Services | None = None) -> DeployedKey:
    def here(values: Mapping[str, str]) -> dict[str, str]:
        return {name: value.replace("DIR", str(folder)) for name, value in values.items()}

    placed = {name: (program, here(options)) for name, (program, options) in (PLAIN if services is None else services).items()}
    configured = Configured(FakePostfix(here(main), placed), "/etc/postfix")
    return deployed_key(configured, [KeyAlgorithm(one) for one in wanted], given_file_reader("reuse_key"), "algorithm")


@pytest.mark.parametrize(
    ("main", "algorithm", "name", "spki"),
    [
        ({"smtpd_tls_cert_file": "DIR/rsa.crt", "smtpd_tls_key_file": "DIR/rsa.key"}, "rsa", "rsa.key", RSA.key.spki),
        ({"smtpd_tls_cert_file": "DIR/rsa.both"}, "rsa", "rsa.both", RSA.key.spki),
        ({"smtpd_tls_eccert_file": "DIR/ec.both"}, "ecdsa", "ec.both", ECDSA.key.spki),
        ({"smtpd_tls_cert_file": "DIR/ec.both"}, "ecdsa", "ec.both", ECDSA.key.spki),
        ({"smtpd_tls_chain_files": "DIR/chains"}, "rsa", "chains", RSA.key.spki),
        ({"smtpd_tls_chain_files": "DIR/chains"}, "ecdsa", "chains", ECDSA.key.spki),
        ({"smtpd_tls_chain_files": "DIR/chains"}, "ed25519", "chains", ED25519.key.spki),
        ({"smtpd_tls_chain_files": "DIR/chains", "smtpd_tls_cert_file": "DIR/other.both"}, "rsa", "chains", RSA.key.spki),
    ],
    ids=["pair", "combined", "eccert", "ecdsa-in-rsa-parameter", "chain-rsa", "chain-ecdsa", "chain-ed25519", "chain-shadows"],
)
def test_found(folder: Path, main: Mapping[str, str], algorithm: str, name: str, spki: bytes) -> None:
    found = find(folder, main, algorithm)
    assert (found.path, found.key.spki) == (str(folder / name), spki)


def test_order_of_algorithms(folder: Path) -> None:
    main = {"smtpd_tls_cert_file": "DIR/rsa.both", "smtpd_tls_eccert_file": "DIR/ec.both"}
    assert find(folder, main, "rsa", "ecdsa", "ed25519").key.spki == RSA.key.spki
    assert find(folder, main, "ed25519", "ecdsa").key.spki == ECDSA.key.spki


def test_main_comes_before_services(folder: Path) -> None:
    assert find(folder, {"smtpd_tls_cert_file": "DIR/rsa.both"}, "rsa", services=SERVICES).key.spki == RSA.key.spki


def test_services_count_when_main_has_none(folder: Path) -> None:
    assert find(folder, {}, "rsa", services=SERVICES).key.spki == OTHER.key.spki


def test_services_that_disagree(folder: Path) -> None:
    services = {**SERVICES, "smtps/inet": ("smtpd", {"smtpd_tls_cert_file": "DIR/rsa.both"})}
    with pytest.raises(OptionError, match="several deployed keys: .*other.both, .*rsa.both"):
        find(folder, {}, "rsa", services=services)


def test_two_keys_of_one_algorithm_in_main(folder: Path) -> None:
    main = {"smtpd_tls_cert_file": "DIR/rsa.both", "smtpd_tls_dcert_file": "DIR/other.both"}
    with pytest.raises(OptionError, match="several"):
        find(folder, main, "rsa")


@pytest.mark.parametrize(
    ("main", "shown"),
    [
        ({}, "none is configured"),
        ({"smtpd_tls_eccert_file": "DIR/ec.both"}, "ecdsa in .*ec.both"),
        ({"smtpd_tls_cert_file": "DIR/missing"}, "missing: No such file"),
        ({"smtpd_tls_cert_file": "DIR/rsa.crt"}, "rsa.crt: no private key"),
    ],
    ids=["nothing", "another", "missing", "no-key"],
)
def test_not_found_says_what_there_is(folder: Path, main: Mapping[str, str], shown: str) -> None:
    with pytest.raises(OptionError, match=shown) as raised:
        find(folder, main, "rsa")
    assert raised.value.option == "algorithm"


def test_keys_by_server_name_do_not_count(folder: Path) -> None:
    table = f"texthash:{folder}/sni"
    postfix = FakePostfix({"tls_server_sni_maps": table}, tables={table: {"mx.example.org": f"{folder}/chains"}})
    configured = Configured(postfix, "/etc/postfix")
    assert [one.server_name for one in configured.deployment.items] == ["mx.example.org"] * 3
    with pytest.raises(OptionError, match="not an algorithm of a deployed key"):
        deployed_key(configured, [KeyAlgorithm.RSA], given_file_reader("reuse_key"), "algorithm")


def test_files_of_all_instances_count_as_deployed(folder: Path) -> None:
    (folder / "link").symlink_to(folder / "rsa.both")
    postfix = FakePostfix({"smtpd_tls_cert_file": str(folder / "link")}, instances=("/etc/postfix", "/etc/postfix-out"))
    configured = Configured(postfix, "/etc/postfix")
    assert configured.deployed_files() == {str(folder / "rsa.both")}
    assert any("/etc/postfix-out" in command for command in postfix.commands)


def test_paths_of_users(folder: Path) -> None:
    configured = Configured(FakePostfix(), "/etc/postfix-in")
    assert configured.resolve("a.pem") == "/etc/postfix-in/a.pem"
    assert configured.resolve("/a.pem") == "/a.pem"
    assert Configured(FakePostfix(), None).resolve("a.pem") == "/etc/postfix/a.pem"
