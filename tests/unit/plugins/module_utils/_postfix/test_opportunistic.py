# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What opportunistic TLS needs, and what counts as somebody's own decision."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._postfix import opportunistic
from ansible_collections.mailops.tls.plugins.module_utils._postfix.opportunistic import Standing
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import MAIN, Instance, MasterService, Scope
from ansible_collections.mailops.tls.plugins.module_utils._postfix.tls_settings import Side
from ansible_collections.mailops.tls.plugins.module_utils._x509.keys import KeyAlgorithm

SOURCE = "dev:/dev/urandom"
RSA = opportunistic.key_parameters(KeyAlgorithm.RSA)
ENABLED = {**opportunistic.server_settings(SOURCE), **opportunistic.key_settings(KeyAlgorithm.RSA, "/k", "/c")}


def instance(explicit: dict[str, str], *services: MasterService) -> Instance:
    main = Scope(MAIN, {"data_directory": "/var/lib/postfix", **explicit}, explicit)
    return Instance("/etc/postfix", main, services)


@pytest.mark.parametrize(
    ("types", "expected"),
    [("btree cidr lmdb", "lmdb"), ("hash btree", "btree"), ("hash cdb", None), ("", None)],
)
def test_type_of_the_session_cache(types: str, expected: str | None) -> None:
    assert opportunistic.session_cache_type(types.split()) == expected


def test_client_settings() -> None:
    main = instance({}).main
    expected = {"smtp_tls_security_level": "may", "smtp_tls_loglevel": "1", "tls_random_source": SOURCE}
    assert opportunistic.client_settings(main, None, SOURCE) == expected
    expected["smtp_tls_session_cache_database"] = "lmdb:/var/lib/postfix/smtp_scache"
    assert opportunistic.client_settings(main, "lmdb", SOURCE) == expected


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        (KeyAlgorithm.RSA, {"smtpd_tls_key_file": "/k", "smtpd_tls_cert_file": "/c"}),
        (KeyAlgorithm.ECDSA, {"smtpd_tls_eckey_file": "/k", "smtpd_tls_eccert_file": "/c"}),
        (KeyAlgorithm.ED25519, {"smtpd_tls_chain_files": "/k, /c"}),
    ],
    ids=lambda value: value.value if isinstance(value, KeyAlgorithm) else "settings",
)
def test_settings_for_a_key(algorithm: KeyAlgorithm, expected: dict[str, str]) -> None:
    assert opportunistic.key_settings(algorithm, "/k", "/c") == expected


@pytest.mark.parametrize(
    ("explicit", "expected"),
    [
        ({}, Standing.DEFAULT),
        ({"smtpd_tls_cert_file": "", "smtpd_tls_loglevel": "2", "smtp_tls_security_level": "dane"}, Standing.DEFAULT),
        ({"smtpd_tls_security_level": "may"}, Standing.CUSTOMIZED),
        ({"smtpd_use_tls": "no"}, Standing.CUSTOMIZED),
        ({"smtpd_tls_chain_files": "/both.pem"}, Standing.CUSTOMIZED),
        ({"smtpd_tls_key_file": "/key.pem"}, Standing.CUSTOMIZED),
        ({"tls_server_sni_maps": "hash:/sni"}, Standing.CUSTOMIZED),
        (ENABLED, Standing.ENABLED),
        ({**ENABLED, "smtpd_tls_loglevel": "2"}, Standing.CUSTOMIZED),
        ({**ENABLED, "smtpd_tls_chain_files": "/both.pem"}, Standing.CUSTOMIZED),
        ({**ENABLED, "smtpd_tls_eccert_file": "/ec.pem"}, Standing.CUSTOMIZED),
    ],
)
def test_standing_of_a_server(explicit: dict[str, str], expected: Standing) -> None:
    found = instance(explicit)
    custom = opportunistic.customizations(found, Side.SERVER)
    assert opportunistic.standing(found, opportunistic.server_settings(SOURCE), custom, RSA, serves=True) is expected


@pytest.mark.parametrize(
    ("explicit", "expected"),
    [
        ({}, Standing.DEFAULT),
        ({"smtpd_tls_chain_files": "/both.pem", "tls_server_sni_maps": "hash:/sni", "smtpd_tls_eckey_file": "/k"}, Standing.DEFAULT),
        ({"smtpd_tls_chain_files": "/both.pem", "smtpd_tls_wrappermode": "yes"}, Standing.CUSTOMIZED),
        ({"smtpd_tls_chain_files": "/both.pem", "smtpd_use_tls": "no"}, Standing.CUSTOMIZED),
        ({**ENABLED, "smtpd_tls_chain_files": "/both.pem"}, Standing.ENABLED),
        ({**ENABLED, "smtpd_tls_security_level": "encrypt"}, Standing.CUSTOMIZED),
    ],
)
def test_standing_of_a_server_beside_its_keys(explicit: dict[str, str], expected: Standing) -> None:
    found = instance(explicit, MasterService("submission/inet", "smtpd", {"smtpd_tls_chain_files": "/own.pem"}))
    custom = opportunistic.customizations(found, Side.SERVER, keys=False)
    assert opportunistic.standing(found, opportunistic.server_settings(SOURCE), custom, (), serves=True) is expected


def test_keys_that_cannot_be_used_are_not_as_desired() -> None:
    found = instance(ENABLED)
    custom = opportunistic.customizations(found, Side.SERVER)
    assert opportunistic.standing(found, opportunistic.server_settings(SOURCE), custom, RSA, serves=False) is Standing.CUSTOMIZED


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"smtpd_tls_security_level": "encrypt", "smtpd_tls_wrappermode": "yes"}, ()),
        ({"smtpd_tls_cert_file": "/own.pem"}, ("submission/inet/smtpd_tls_cert_file",)),
        ({"smtpd_tls_chain_files": "/own.pem"}, ("submission/inet/smtpd_tls_chain_files",)),
    ],
)
def test_services_count_by_their_keys(overrides: dict[str, str], expected: tuple[str, ...]) -> None:
    served = instance({}, MasterService("submission/inet", "smtpd", overrides))
    assert opportunistic.customizations(served, Side.SERVER) == expected


@pytest.mark.parametrize(
    ("explicit", "expected"),
    [
        ({"smtpd_tls_security_level": "may"}, Standing.DEFAULT),
        ({"smtp_tls_security_level": "may", "smtp_tls_loglevel": "1", "tls_random_source": SOURCE}, Standing.ENABLED),
        ({"smtp_tls_security_level": "may", "tls_random_source": SOURCE}, Standing.CUSTOMIZED),
        ({"smtp_tls_chain_files": "/client.pem"}, Standing.CUSTOMIZED),
        ({"smtp_tls_policy_maps": "hash:/policy"}, Standing.CUSTOMIZED),
    ],
)
def test_standing_of_a_client(explicit: dict[str, str], expected: Standing) -> None:
    found = instance(explicit)
    desired = opportunistic.client_settings(found.main, None, SOURCE)
    custom = opportunistic.customizations(found, Side.CLIENT)
    assert opportunistic.standing(found, desired, custom, (), serves=True) is expected
