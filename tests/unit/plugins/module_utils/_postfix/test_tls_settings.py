# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changed parameters and security levels, by the rules of `postfix tls` and of the daemons."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import Scope, read_instance
from ansible_collections.mailops.tls.plugins.module_utils._postfix.tls_settings import (
    Changes,
    Level,
    Side,
    changes,
    client_level,
    server_level,
)
from ansible_collections.mailops.tls.tests.unit.worlds.fake_postfix import FakePostfix

LOOKED_AT = {
    Side.CLIENT: [
        "smtp_use_tls", "smtp_enforce_tls", "smtp_tls_enforce_peername", "smtp_tls_security_level",
        "smtp_tls_cert_file", "smtp_tls_dcert_file", "smtp_tls_eccert_file",
    ],
    Side.SERVER: [
        "smtpd_use_tls", "smtpd_enforce_tls", "smtpd_tls_security_level",
        "smtpd_tls_cert_file", "smtpd_tls_dcert_file", "smtpd_tls_eccert_file",
    ],
}  # fmt: skip
PARAMETERS = [(side, name) for side, names in LOOKED_AT.items() for name in names]


def changed(side: Side, main: Mapping[str, str]) -> Changes:
    return changes(read_instance(FakePostfix(main)), side, ("smtpd",))


@pytest.mark.parametrize(("side", "parameter"), PARAMETERS, ids=[name for _side, name in PARAMETERS])
def test_every_parameter_of_postfix_tls_counts_for_its_side(side: Side, parameter: str) -> None:
    assert changed(side, {parameter: "no"}) == Changes((parameter,), ())
    assert not changed(side, {parameter: "no"}).all_default
    assert changed(side, {parameter: ""}).all_default
    other = Side.SERVER if side is Side.CLIENT else Side.CLIENT
    assert changed(other, {parameter: "no"}) == Changes((), ())


@pytest.mark.parametrize(
    ("side", "parameter"),
    [
        (Side.CLIENT, "smtp_tls_chain_files"),
        (Side.CLIENT, "smtp_tls_policy_maps"),
        (Side.SERVER, "smtpd_tls_chain_files"),
        (Side.SERVER, "smtpd_tls_eckey_file"),
        (Side.SERVER, "smtpd_tls_wrappermode"),
        (Side.SERVER, "tls_server_sni_maps"),
        (Side.SERVER, "tlsproxy_tls_chain_files"),
    ],
)
def test_what_postfix_tls_misses_is_told_and_changes_nothing(side: Side, parameter: str) -> None:
    assert changed(side, {parameter: "x"}) == Changes((), (parameter,))
    assert changed(side, {parameter: "x"}).all_default


def test_other_tls_parameters_are_no_change() -> None:
    assert changed(Side.SERVER, {"smtpd_tls_loglevel": "1"}) == Changes((), ())


def test_options_of_services_are_missed_too() -> None:
    services = {"submission/inet": ("smtpd", {"smtpd_tls_security_level": "encrypt", "smtpd_sasl_auth_enable": "yes"})}
    found = changes(read_instance(FakePostfix({}, services)), Side.SERVER, ("smtpd",))
    assert found == Changes((), ("submission/inet/smtpd_tls_security_level",))
    assert changes(read_instance(FakePostfix({}, services)), Side.SERVER, ("tlsproxy",)) == Changes((), ())


def scope(**values: str) -> Scope:
    return Scope("main.cf", values, values)


@pytest.mark.parametrize(
    ("values", "level", "parameter"),
    [
        ({}, "none", None),
        ({"smtp_use_tls": "yes"}, "may", "smtp_use_tls"),
        ({"smtp_enforce_tls": "yes", "smtp_tls_enforce_peername": "no"}, "encrypt", "smtp_enforce_tls"),
        ({"smtp_enforce_tls": "YES", "smtp_tls_enforce_peername": "yes", "smtp_use_tls": "yes"}, "verify", "smtp_enforce_tls"),
        ({"smtp_tls_security_level": "none", "smtp_enforce_tls": "yes"}, "none", "smtp_tls_security_level"),
        ({"smtp_tls_security_level": "Dane-Only"}, "dane-only", "smtp_tls_security_level"),
        ({"smtp_tls_security_level": "mya"}, None, "smtp_tls_security_level"),
    ],
)
def test_the_clients_level(values: dict[str, str], level: str | None, parameter: str | None) -> None:
    assert client_level(scope(**values)) == Level(level, parameter)


@pytest.mark.parametrize(
    ("values", "level", "parameter"),
    [
        ({}, "none", None),
        ({"smtpd_use_tls": "yes"}, "may", "smtpd_use_tls"),
        ({"smtpd_use_tls": "yes", "smtpd_enforce_tls": "yes"}, "encrypt", "smtpd_enforce_tls"),
        ({"smtpd_tls_security_level": "may", "smtpd_enforce_tls": "yes"}, "may", "smtpd_tls_security_level"),
        ({"smtpd_tls_security_level": "none", "smtpd_tls_wrappermode": "yes"}, "encrypt", "smtpd_tls_wrappermode"),
        ({"smtpd_tls_security_level": "secure"}, "encrypt", "smtpd_tls_security_level"),
        ({"smtpd_tls_security_level": "dane", "smtpd_tls_wrappermode": "yes"}, None, "smtpd_tls_security_level"),
    ],
)
def test_the_servers_level(values: dict[str, str], level: str | None, parameter: str | None) -> None:
    assert server_level(scope(**values)) == Level(level, parameter)


def test_a_default_that_is_a_level_has_no_parameter() -> None:
    assert client_level(Scope("main.cf", {"smtp_tls_security_level": "may"}, {})) == Level("may", None)
