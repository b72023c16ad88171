# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every difference between Postfix and the RFCs that is told, in whole probes; and none where both agree."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import InsecureMxPolicy, SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._smtp.result import EndpointResult
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Hierarchy, Issued, hierarchy, issue
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Script, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import (
    key_record,
    mail_server,
    mx_zone,
    probe_one,
    serve,
    server_with,
)

Level = SecurityLevel
DROPPED = TlsaRecord(1, 1, 1, bytes(32))
UNUSABLE = TlsaRecord(3, 1, 3, b"\xaa\xbb")
OTHER_KEY = TlsaRecord(3, 1, 1, b"x" * 32)
DIFFERENCES = {
    "no TLSA": "without TLSA records TLS is opportunistic",
    "unusable": "with unusable TLSA records only",
    "alias": "before CNAME expansion",
    "insecure names": "only the TLSA base domain is a reference identifier",
    "mandatory": "mandatory DANE needs a validated MX RRset",
    "address": "an iPAddress that matches is enough",
}


@functools.cache
def chain(*names: str) -> Hierarchy:
    return hierarchy(names)


def anchor(of: Hierarchy) -> TlsaRecord:
    return TlsaRecord(2, 0, 1, hashlib.sha256(of.intermediate.der).digest())


def healthy(of: Hierarchy) -> Script:
    return mail_server(MemoryServer(of.served_pem, of.leaf.key.pem))


def reading(endpoint: EndpointResult) -> tuple[list[str], str | None, bool, bool]:
    """Return the differences told (by the words above), the level, whether mail is delivered by the RFC, and by Postfix."""
    assert endpoint.rfc is not None
    facts = endpoint.rfc.as_facts()
    told = [word for word, text in DIFFERENCES.items() if any(text in one for one in facts["differences"])]
    assert len(told) == len(facts["differences"])
    return told, facts["level"], facts["satisfied"], endpoint.satisfied


def read(script: Script, records: Sequence[TlsaRecord] = (), *, secure: bool = True, **changes: Any) -> Any:
    """Probe example.com, whose exchange has these records, and return its reading."""

    async def run(server: ScriptedServer) -> EndpointResult:
        return await probe_one(mx_zone(server.port, records, secure=secure), f"example.com:{server.port}", **changes)

    return reading(serve(run, ScriptedServer(script)))


# --- none ------------------------------------------------------------------------------------------------------------------


def test_both_agree_on_records_that_match_or_do_not() -> None:
    assert read(server_with(leaf("rsa")), [key_record(leaf("rsa"))]) == ([], "dane", True, True)
    assert read(server_with(leaf("rsa")), [OTHER_KEY]) == ([], "dane", False, False)
    assert read(healthy(chain("mx.example.com")), [anchor(chain("mx.example.com"))]) == ([], "dane", True, True)
    assert read(healthy(chain("example.com")), [anchor(chain("example.com"))]) == ([], "dane", True, True)
    assert read(healthy(chain("other.example")), [anchor(chain("other.example"))]) == ([], "dane", False, False)


@pytest.mark.parametrize("level", [Level.MAY, Level.ENCRYPT, Level.VERIFY, Level.SECURE])
def test_both_agree_at_levels_without_dane(level: SecurityLevel) -> None:
    satisfied = level in (Level.MAY, Level.ENCRYPT)
    assert read(server_with(leaf("rsa")), security_level=level) == ([], level.value, satisfied, satisfied)


def test_both_agree_when_the_library_finds_all_records_unusable() -> None:
    assert read(server_with(leaf("rsa")), [UNUSABLE]) == ([], "encrypt", True, True)


def test_both_agree_that_dane_only_needs_usable_records() -> None:
    for records in ([], [DROPPED], [UNUSABLE]):
        assert read(server_with(leaf("rsa")), records, security_level=Level.DANE_ONLY) == ([], None, False, False)


@pytest.mark.parametrize(("policy", "level"), [(InsecureMxPolicy.MAY, "may"), (InsecureMxPolicy.ENCRYPT, "encrypt")])
def test_both_agree_when_an_insecure_mx_is_not_used_for_dane(policy: InsecureMxPolicy, level: str) -> None:
    record = key_record(leaf("rsa"))
    assert read(server_with(leaf("rsa")), [record], secure=False, insecure_mx_policy=policy) == ([], level, True, True)


# --- levels ----------------------------------------------------------------------------------------------------------------


def test_without_records_tls_is_opportunistic() -> None:
    assert read(server_with(leaf("rsa"))) == (["no TLSA"], "may", True, True)


@pytest.mark.parametrize("records", [[DROPPED], [DROPPED, TlsaRecord(3, 1, 255, bytes(32))]])
def test_with_unusable_records_tls_is_mandatory(records: Sequence[TlsaRecord]) -> None:
    assert read(server_with(leaf("rsa")), records) == (["unusable"], "encrypt", True, True)


def test_b4_mandatory_dane_is_not_satisfied_behind_an_insecure_mx() -> None:
    """posttls-finger accepts it; smtp(8) does not."""
    record = key_record(leaf("rsa"))
    only = Level.DANE_ONLY
    assert read(server_with(leaf("rsa")), [record], secure=False, security_level=only) == (["mandatory"], None, False, False)
    assert read(server_with(leaf("rsa")), [OTHER_KEY], secure=False, security_level=only) == ([], None, False, False)
    assert read(server_with(leaf("rsa")), [record], security_level=only) == ([], "dane-only", True, True)


# --- names -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("example.com", (["insecure names"], "half-dane", False, True)),
        ("mx.example.com", ([], "half-dane", True, True)),
        ("other.example", ([], "half-dane", False, False)),
    ],
)
def test_b6_behind_an_insecure_mx_the_next_hop_is_no_name(name: str, expected: Any) -> None:
    assert read(healthy(chain(name)), [anchor(chain(name))], secure=False) == expected


def test_behind_an_insecure_mx_names_do_not_count_for_the_key_itself() -> None:
    assert read(server_with(leaf("rsa")), [key_record(leaf("rsa"))], secure=False) == ([], "half-dane", True, True)


def read_alias(of: Hierarchy, *, tlsa_at: str = "real.example.net") -> Any:
    """Probe a host without MX records that is an alias, whose TLSA records are at the end of the aliases or at itself."""

    async def run(server: ScriptedServer) -> EndpointResult:
        dns = FakeDns().found("mx.example.com", "A", ["127.0.0.1"], canonical_name="real.example.net")
        dns.found(f"_{server.port}._tcp.{tlsa_at}", "TLSA", [anchor(of)])
        return await probe_one(dns, f"[mx.example.com]:{server.port}")

    return reading(serve(run, ScriptedServer(healthy(of))))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mx.example.com", (["alias"], "dane", True, False)),
        ("real.example.net", ([], "dane", True, True)),
        ("other.example", ([], "dane", False, False)),
    ],
)
def test_b6_the_name_before_aliases_is_a_name_without_mx(name: str, expected: Any) -> None:
    assert read_alias(chain(name)) == expected


def test_records_at_the_alias_itself_make_it_the_base_domain_in_either_reading() -> None:
    assert read_alias(chain("mx.example.com"), tlsa_at="mx.example.com") == ([], "dane", True, True)


# --- addresses -------------------------------------------------------------------------------------------------------------


def read_address(of: Issued, folder: Path, level: SecurityLevel, match: tuple[str, ...] = ()) -> Any:
    (folder / "ca.pem").write_bytes(of.pem)
    tls = TlsParameters(ca_file=str(folder / "ca.pem"))

    async def run(server: ScriptedServer) -> EndpointResult:
        return await probe_one(FakeDns(), f"[127.0.0.1]:{server.port}", security_level=level, tls=tls, match=match)

    return reading(serve(run, ScriptedServer(server_with(of))))


def test_b7_an_address_is_enough(tmp_path: Path) -> None:
    """At secure Postfix wants a name below the address as well, which no certificate has."""
    right, wrong = (issue("leaf", ip_addresses=[address]) for address in ("127.0.0.1", "127.0.0.2"))
    assert read_address(right, tmp_path, Level.SECURE) == (["address"], "secure", True, False)
    assert read_address(wrong, tmp_path, Level.SECURE) == ([], "secure", False, False)
    assert read_address(right, tmp_path, Level.VERIFY) == ([], "verify", True, True)


def test_an_address_beside_names_is_enough(tmp_path: Path) -> None:
    certificate = issue("leaf", ip_addresses=["127.0.0.1"], dns_names=["mx.example.com"])
    match = ("127.0.0.1", "other.example")
    assert read_address(certificate, tmp_path, Level.VERIFY, match) == (["address"], "verify", True, False)
    assert read_address(certificate, tmp_path, Level.VERIFY, ("127.0.0.1", "mx.example.com")) == ([], "verify", True, True)
    assert read_address(certificate, tmp_path, Level.VERIFY, ("other.example",)) == ([], "verify", False, False)


def test_the_address_of_a_certificate_that_nobody_vouches_for_is_not_enough() -> None:
    certificate = issue("leaf", ip_addresses=["127.0.0.1"])

    async def run(server: ScriptedServer) -> EndpointResult:
        return await probe_one(FakeDns(), f"[127.0.0.1]:{server.port}", security_level=Level.SECURE)

    assert reading(serve(run, ScriptedServer(server_with(certificate)))) == ([], "secure", False, False)
