# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run of postfix_tls_info: its parameters, the shape of its facts, and that no private key is in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.state import FileState
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_info.arguments import info_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.postfix_tls_info.run import run_postfix_info
from ansible_collections.mailops.tls.tests.unit.makers.certificates import DAY, NOW, hierarchy
from ansible_collections.mailops.tls.tests.unit.worlds.fake_postfix import FakeFiles, FakePostfix

CHAIN = hierarchy(kind="rsa")
FILES = FakeFiles({"/k": CHAIN.leaf.key.pem, "/c": CHAIN.served_pem}, mode=0o640)
MAIN = {
    "smtpd_tls_security_level": "may",
    "smtpd_tls_cert_file": "/c",
    "smtpd_tls_key_file": "/k",
    "smtpd_tls_eccert_file": "/nowhere",
}
SERVICES = {"smtp/inet": ("smtpd", {}), "smtps/inet": ("smtpd", {"smtpd_tls_wrappermode": "yes"}), "relay/unix": ("smtp", {})}


def parameters(**given: Any) -> dict[str, Any]:
    return {**{name: one.get("default") for name, one in info_arguments().items()}, **given}


def run(postfix: FakePostfix, **given: Any) -> Mapping[str, Any]:
    return run_postfix_info(parameters(**given), postfix, files=FILES, now=NOW + DAY).facts


def test_facts() -> None:
    (instance,) = run(FakePostfix(MAIN, SERVICES))["instances"]
    assert list(instance) == [
        "config_directory", "mail_version", "myhostname", "all_default_client", "all_default_server",
        "changed_parameters", "security_level", "services", "deployed", "lint",
    ]  # fmt: skip
    assert instance["all_default_client"] is True
    assert instance["all_default_server"] is False
    assert instance["changed_parameters"]["server"] == {
        "looked_at": ["smtpd_tls_security_level", "smtpd_tls_cert_file", "smtpd_tls_eccert_file"],
        "missed": ["smtpd_tls_key_file", "smtps/inet/smtpd_tls_wrappermode"],
    }
    assert instance["security_level"] == {
        "client": {"level": "none", "parameter": None},
        "server": {"level": "may", "parameter": "smtpd_tls_security_level"},
    }
    assert instance["services"] == [
        {
            "name": "smtp/inet",
            "security_level": {"level": "may", "parameter": "smtpd_tls_security_level"},
            "wrappermode": False,
            "algorithms": ["rsa"],
        },
        {
            "name": "smtps/inet",
            "security_level": {"level": "encrypt", "parameter": "smtpd_tls_wrappermode"},
            "wrappermode": True,
            "algorithms": ["rsa"],
        },
    ]
    assert [one["id"] for one in instance["lint"]] == ["tls_broken", "tls_broken", "file_unreadable"]


def test_an_item_that_is_served() -> None:
    item = run(FakePostfix(MAIN, SERVICES))["instances"][0]["deployed"][0]
    chain = item.pop("chain")
    digest = chain[0]["fingerprints"]["public_key"]["sha256"]
    assert item == {
        "source": "smtpd_tls_cert_file",
        "key_parameter": "smtpd_tls_key_file",
        "services": ["smtp/inet", "smtps/inet"],
        "server_name": None,
        "usable": True,
        "algorithm": "rsa",
        "public_key": {"type": "rsa", "bits": 2048, "curve": None},
        "public_key_sha256": digest,
        "key_file": "/k",
        "certificate_files": ["/c"],
        "key_matches_certificate": True,
        "self_signed": False,
        "days_left": 364,
        "files": [
            {"path": "/k", "mode": "0640", "owner": "root", "group": "root", "error": None},
            {"path": "/c", "mode": "0640", "owner": "root", "group": "root", "error": None},
        ],
        "problems": [],
    }
    assert [(one["subject"], one["pem"]) for one in chain] == [("CN=leaf", None), ("CN=Inter", None)]


def test_an_item_that_is_not() -> None:
    item = run(FakePostfix(MAIN, SERVICES))["instances"][0]["deployed"][1]
    assert (item["usable"], item["algorithm"], item["key_file"], item["days_left"], item["chain"]) == (False, None, None, None, [])
    assert item["files"] == [{"path": "/nowhere", "mode": None, "owner": None, "group": None, "error": "No such file or directory"}]
    assert item["problems"][0]["id"] == "file_unreadable"


def test_what_may_not_be_read_is_not_broken() -> None:
    """Nothing is known of it, one warning says what is needed, and no finding says more."""
    def files(path: str) -> FileState:
        return FileState(path, b"", 0o600, 0, 0, "Permission denied", denied=True) if path == "/k" else FILES(path)

    main = {name: value for name, value in MAIN.items() if value != "/nowhere"}
    found = run_postfix_info(parameters(), FakePostfix(main, SERVICES), files=files, now=NOW + DAY)
    instances: Any = found.facts["instances"]
    (instance,) = instances
    assert instance["deployed"][0]["usable"] is None
    assert [one["id"] for one in instance["lint"]] == ["permission_denied"]
    assert any("it is not known whether TLS works with /k" in one for one in found.warnings)


def test_certificates_are_shown_on_request_and_keys_never() -> None:
    text = json.dumps(run(FakePostfix(MAIN, SERVICES), include_pem=True))
    assert CHAIN.leaf.pem.decode().splitlines()[1] in text
    assert "PRIVATE" not in text
    assert CHAIN.leaf.key.pem.decode().splitlines()[2] not in text


def test_instances_that_are_named() -> None:
    found = run(FakePostfix(), config_directories=["/b", "/a"])["instances"]
    assert [one["config_directory"] for one in found] == ["/b", "/a"]


def test_all_instances() -> None:
    found = run(FakePostfix(instances=["/etc/postfix", "/etc/postfix-out"]), all_instances=True)["instances"]
    assert [one["config_directory"] for one in found] == ["/etc/postfix", "/etc/postfix-out"]


def test_names_and_days_are_the_users() -> None:
    main = {"smtpd_tls_cert_file": "/c", "smtpd_tls_key_file": "/k"}
    (instance,) = run(FakePostfix(main), names=["other.example"], min_days_left=1000)["instances"]
    assert [one["id"] for one in instance["lint"]] == ["certificate_expires_soon", "name_missing"]


@pytest.mark.parametrize(("option", "value"), [("min_days_left", -1), ("names", [""])])
def test_mistakes(option: str, value: object) -> None:
    with pytest.raises(OptionError) as caught:
        run(FakePostfix(MAIN), **{option: value})
    assert caught.value.option == option


def test_warnings_name_the_instance() -> None:
    warned = run_postfix_info(parameters(), FakePostfix(warning="postconf: warning: unused parameter: x=1\n"), files=FILES)
    assert warned.warnings == ("/etc/postfix: unused parameter: x=1",)


def test_a_table_is_listed_once_for_all_services() -> None:
    postfix = FakePostfix({"tls_server_sni_maps": "texthash:/t"}, SERVICES, tables={"texthash:/t": {"a.example": "/k /c"}})
    run(postfix)
    assert sum(command[0] == "postmap" for command in postfix.commands) == 1
