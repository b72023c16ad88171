# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the keys that instances have deployed count for the exchanges, and what cannot be told."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._rollover.serving import Servings, servings
from ansible_collections.mailops.tls.tests.unit.worlds.deploying import combined, issued
from ansible_collections.mailops.tls.tests.unit.worlds.fake_postfix import FakePostfix

HOST = "mx.example.com"
PORTS = {"smtp": 25, "submission": 587, "smtps": 465}
MAIN, OTHER = issued(), issued()
Services = Mapping[str, tuple[str, Mapping[str, str]]]


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> Path:
    (tmp_path / "main.pem").write_bytes(combined(MAIN))
    (tmp_path / "other.pem").write_bytes(combined(OTHER))
    return tmp_path


def found(files: Path, services: Services | None = None, ports: Sequence[int] = (25,), **main: str) -> Servings:
    """Ask an instance that serves `main.pem`, with other services or parameters."""
    given = {"smtpd_tls_chain_files": str(files / "main.pem"), "smtpd_tls_security_level": "may", **main}
    return servings(FakePostfix(given, services), None, [HOST], ports, PORTS.get)


def keys(serving: Servings) -> list[bytes]:
    """The keys that count, without repetition."""
    return list(dict.fromkeys(one.spki for one in serving.found))


def test_the_keys_of_main_cf_can_be_replaced(files: Path) -> None:
    serving = found(files)
    (one,) = serving.found
    assert (serving.directories, serving.error, one.replaceable, one.algorithm) == (("/etc/postfix",), None, True, "ecdsa")
    chain = one.served_chain()
    assert (chain.key.spki, chain.certificate, chain.issuers, chain.place) == (MAIN.key.spki, MAIN.der, (), "/etc/postfix")
    assert one.pair().spki == MAIN.key.spki and serving.files == {str(files / "main.pem")}


@pytest.mark.parametrize(
    ("service", "ports", "counts"),
    [
        ("submission/inet", [25], False),
        ("587/inet", [25], False),
        ("192.0.2.1:smtps/inet", [25], False),
        ("submission/inet", [25, 587], True),
        ("smtps/inet", [25, 465], True),
        ("smtp/inet", [25], True),
        ("10025/inet", [25], True),
        ("unknown/inet", [25], True),
        ("smtpd/pass", [25], True),
    ],
)
def test_services_with_chains_of_their_own(files: Path, service: str, ports: list[int], counts: bool) -> None:
    own = {"smtpd_tls_chain_files": str(files / "other.pem")}
    serving = found(files, {"26/inet": ("smtpd", {}), service: ("smtpd", own)}, ports)
    assert keys(serving) == [MAIN.key.spki, OTHER.key.spki][: 1 + counts]
    assert [one.replaceable for one in serving.found] == [True, False][: 1 + counts]
    assert str(files / "other.pem") in serving.files


@pytest.mark.parametrize(
    ("name", "counts"), [(HOST, True), (".example.com", True), ("mx.example.net", False), (".mx.example.com", False)]
)
def test_chains_by_server_name(files: Path, name: str, counts: bool) -> None:
    main = {"smtpd_tls_chain_files": str(files / "main.pem"), "tls_server_sni_maps": "hash:/etc/postfix/sni"}
    postfix = FakePostfix(main, tables={"hash:/etc/postfix/sni": {name: base64.b64encode(combined(OTHER)).decode()}})
    serving = servings(postfix, None, [HOST], [25], PORTS.get)
    assert serving.error is None and keys(serving) == [MAIN.key.spki, OTHER.key.spki][: 1 + counts]
    assert [one.replaceable for one in serving.found] == [True, False][: 1 + counts]


def test_a_table_that_cannot_be_listed_leaves_open_what_is_served(files: Path) -> None:
    main = {"smtpd_tls_chain_files": str(files / "main.pem"), "tls_server_sni_maps": "pgsql:/etc/postfix/sni"}
    serving = servings(FakePostfix(main, broken={"postmap": "fatal: unsupported dictionary type"}), None, [HOST], [25], PORTS.get)
    assert serving.error is not None and "pgsql:/etc/postfix/sni" in serving.error


def test_what_cannot_be_used_is_told(files: Path) -> None:
    serving = found(files, smtpd_tls_chain_files=f"{files / 'main.pem'}, /nowhere.pem")
    assert serving.error is not None and "/nowhere.pem" in serving.error and not serving.found
    (files / "bare.pem").write_bytes(MAIN.pem)
    serving = found(files, smtpd_tls_chain_files=str(files / "bare.pem"))
    assert serving.error is not None and not serving.found


@pytest.mark.parametrize(
    ("service", "ports", "told"),
    [
        ("smtp/inet", [25], True),
        ("192.0.2.1:25/inet", [25], True),
        ("smtpd/pass", [25], True),
        ("submission/inet", [25], False),
        ("submission/inet", [25, 587], True),
        ("127.0.0.1:25/inet", [25], False),
        ("[::1]:25/inet", [25], False),
        ("10025/inet", [25], False),
    ],
)
def test_services_that_offer_no_tls(files: Path, service: str, ports: list[int], told: bool) -> None:
    services = {service: ("smtpd", {"smtpd_tls_security_level": "none"})}
    assert found(files, services, ports).without_tls == ((f"/etc/postfix: {service}",) if told else ())
    assert found(files, {service: ("smtpd", {})}, ports).without_tls == ()


def test_wrapped_tls_is_tls_and_no_level_is_none(files: Path) -> None:
    wrapped = {"smtps/inet": ("smtpd", {"smtpd_tls_security_level": "", "smtpd_tls_wrappermode": "yes"})}
    assert found(files, wrapped, [465]).without_tls == ()
    assert found(files, {"smtp/inet": ("smtpd", {})}, smtpd_tls_security_level="").without_tls == ("/etc/postfix: smtp/inet",)
    assert found(files, {"smtp/inet": ("smtpd", {})}, smtpd_tls_security_level="nonsense").without_tls != ()


def test_no_tls_is_nothing_and_no_error(files: Path) -> None:
    assert found(files, smtpd_tls_chain_files="") == Servings(("/etc/postfix",))


def test_an_instance_named_twice_is_refused(files: Path) -> None:
    with pytest.raises(OptionError, match="names an instance twice") as raised:
        servings(FakePostfix({}), ["/etc/postfix", "/etc/postfix/"], [HOST], [25], PORTS.get)
    assert raised.value.option == "config_directories"


def test_a_directory_that_is_no_instance_is_named() -> None:
    with pytest.raises(OptionError) as raised:
        servings(FakePostfix(broken={"postconf": "fatal: open /x/main.cf: No such file"}), ["/x"], [HOST], [25], PORTS.get)
    assert raised.value.option == "config_directories"
