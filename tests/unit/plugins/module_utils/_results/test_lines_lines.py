# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of real probes, line by line: each is one that readers of posttls-finger's output know, or a known one of our own."""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import MxRecord
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._results.lines import ReportDetail, report_lines
from ansible_collections.mailops.tls.plugins.module_utils._smtp.lint import lint
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters
from ansible_collections.mailops.tls.tests.unit.makers.certificates import hierarchy
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import (
    SETTINGS,
    key_record,
    mail_server,
    mx_zone,
    probe,
    serve,
    server_with,
)

# What the lines of posttls-finger 3.7 to 3.12 match, validated against its output.
PEER = r"(?P<host>[^\[\]\s]+)\[(?P<addr>[^\]]+)\](?::(?P<port>\d+))?"
POSTFIX = {
    "CONNECTED": r"^Connected to " + PEER + r"$",
    "CHAT": r"^(?P<dir>[<>]) (?P<line>.*)$",
    "LOOKUP_FAIL": r"^Destination address lookup failed: (?P<reason>.*)$",
    "CONN_FAIL": (
        r"^Failed to establish session to (?P<dest>.+?)(?: via (?P<via>\S+?)(?::(?P<port>\d+))?)?: "
        r"(?P<reason>(?:connect to|TLSA lookup error|network address|unix-domain name) ?.*)$"
    ),
    "SUMMARY": (
        r"^(?P<status>Verified|Trusted|Untrusted|Anonymous) TLS connection (?P<usage>established|reused) to " + PEER +
        r": (?P<proto>\S+) with cipher (?P<cipher>\S+) \((?P<usebits>\d+)/(?P<algbits>\d+) bits\)"
        r"(?: key-exchange (?P<kex>\S+)(?: \((?P<kexd>[^)]*)\))?)?"
        r"(?: server-signature (?P<sig>\S+)(?: \((?P<sigd>[^)]*)\))?(?: server-digest (?P<sdig>\S+))?)?"
        r"(?: client-signature (?P<csig>\S+)(?: \((?P<csigd>[^)]*)\))?(?: client-digest (?P<cdig>\S+))?)?$"
    ),
    "CERT_39": (
        r"^" + PEER + r": subject_CN=(?P<cn>.*), issuer=(?P<issuer>.*), cert fingerprint=(?P<cfp>[0-9A-F:]+), "
        r"pkey fingerprint=(?P<pfp>[0-9A-F:]+)$"
    ),
    "PEERNAME": r"^" + PEER + r": matched peername: (?P<name>\S+)$",
    "MATCH_DANE": (
        r"^" + PEER + r": Matched DANE (?P<kind>EE certificate|TA certificate|TA public key verified certificate|"
        r"raw public key)(?: at depth (?P<depth>\d+))?: (?P<u>\d+) (?P<s>\d+) (?P<m>\d+) "
        r"(?P<data>[0-9A-F]+(?:\.\.\.[0-9A-F]+)?)$"
    ),
    "VFY_FAIL": (
        r"^(?:(?P<purpose>CA|server) )?certificate verification failed for " + PEER + r": (?:num=(?P<num>\d+):)?(?P<why>.*)$"
    ),
    "UNUSABLE": (
        r"^" + PEER + r": (?:unusable TLSA RR|error loading trust settings): "
        r"(?P<u>\d+) (?P<s>\d+) (?P<m>\d+) (?P<data>[0-9A-F.]+)$"
    ),
    "TLSA_DROP": (
        r"^(?P<name>\S+(?: -> \S+)?) (?P<why>unsupported TLSA certificate usage|reserved private-use matching type): "
        r"(?P<u>\d+) (?P<s>\d+) (?P<m>\d+) (?P<data>[0-9A-F.]+)$"
    ),
    "TLSA_SHORT": r"^(?P<name>\S+(?: -> \S+)?): truncated TLSA RR length == (?P<len>\d+)$",
    "TLSA_RR": (
        r"^DNSSEC-signed TLSA record: (?P<owner>\S+): (?P<u>\d+) (?P<s>\d+) (?P<m>\d+) (?P<data>[0-9A-F.]+)$"
    ),
    "RECONNECT": (
        r"^(?:Reconnecting after \d+ seconds|Server declined session caching\. Done reconnecting\."
        r"|Found a previously used server\.  Done reconnecting\.|Maximum reconnect count reached\.)$"
    ),
    "ANONYMOUS": r"^Server is anonymous$",
    "NO_ADDR": r"^no (?:MX|SRV) host for (?P<name>\S+) has a valid address record$",
}  # fmt: skip
OURS = {
    "DESTINATION": r"^\S+: (?:verified|trusted|untrusted|anonymous|plaintext|failed), (?:not )?satisfied$",
    "LEVEL": r"^" + PEER + r": (?:no (?:usable )?TLSA records found|all TLSA records are unusable|the MX RRset is insecure: .*)$",
    "FAILED": r"^Failed to establish session to \S+ via " + PEER + r": .*$",
    "REUSED": r"^" + PEER + r": Reusing old session$",
    "RECONNECTED": r"^" + PEER + r": reconnected to a (?:new|known) server, session (?:not )?resumed: \S+$",
    "LINT": r"^[a-z0-9_]+: \S+: .*$",
    "DUMP": r"^(?:---|Certificate chain| *\d+ subject: .*|    issuer: .*|   (?:cert|pkey) digest=[0-9A-F:]+|"
            r"-----(?:BEGIN|END) CERTIFICATE-----|[A-Za-z0-9+/=]{1,64})$",
}  # fmt: skip


def kinds_of(line: str) -> list[str]:
    return [name for name, pattern in {**POSTFIX, **OURS}.items() if re.match(pattern, line)]


def kinds(lines: Sequence[str]) -> list[str]:
    """Return what each line is; each has to be exactly one thing."""
    found = []
    for line in lines:
        (kind,) = kinds_of(line) or [line]
        assert kind in POSTFIX or kind in OURS, line
        found.append(kind)
    return found


def reported(
    script: Script | None,
    detail: Collection[ReportDetail],
    records: Sequence[TlsaRecord] = (),
    *,
    secure: bool = True,
    pem: bool = False,
    transcript: bool = False,
    **changes: Any,
) -> list[str]:
    """Probe example.com at a server that follows the script (None: there is none) and return the report."""
    server = ScriptedServer(script or server_with(leaf("ecdsa")))

    async def run(_server: ScriptedServer) -> list[str]:
        port = server.port if script is not None else 1
        dns = mx_zone(port, records, secure=secure)
        dialogue = replace(SETTINGS.dialogue, transcript=transcript)
        (result,) = await probe(dns, f"example.com:{port}", dialogue=dialogue, **changes)
        facts = result.as_facts(Detail(include_pem=pem, transcript=transcript))
        facts["lint"] = [one.as_facts() for one in lint(result)]
        return report_lines([facts], detail)

    return serve(run, server)


GOOD = server_with(leaf("ecdsa"))
SUMMARY, CERTMATCH, PEERCERT = ReportDetail.SUMMARY, ReportDetail.CERTMATCH, ReportDetail.PEERCERT
UNTRUSTED, CACHE, VERBOSE = ReportDetail.UNTRUSTED, ReportDetail.CACHE, ReportDetail.VERBOSE
STALE = TlsaRecord(3, 1, 1, b"x" * 32)


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ((), []),
        ((SUMMARY,), ["SUMMARY"]),
        ((CERTMATCH,), ["MATCH_DANE", "CERT_39"]),
        ((PEERCERT,), ["CERT_39"]),
        ((UNTRUSTED,), []),
        ((CACHE,), []),
        ((VERBOSE,), ["TLSA_RR", "TLSA_RR", "LINT"]),
        ((SUMMARY, CERTMATCH), ["MATCH_DANE", "CERT_39", "SUMMARY"]),
        (tuple(ReportDetail), ["TLSA_RR", "TLSA_RR", "MATCH_DANE", "CERT_39", "SUMMARY", "LINT"]),
    ],
)
def test_every_detail_on_a_verified_endpoint(detail: Sequence[ReportDetail], expected: list[str]) -> None:
    lines = reported(GOOD, detail, [key_record(leaf("ecdsa")), STALE])
    assert kinds(lines) == ["DESTINATION", *expected]


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ((), ["VFY_FAIL"]),
        ((SUMMARY,), ["VFY_FAIL", "SUMMARY"]),
        ((CERTMATCH,), ["CERT_39", "VFY_FAIL"]),
        ((UNTRUSTED,), ["VFY_FAIL"]),
    ],
)
def test_every_detail_where_nothing_matches(detail: Sequence[ReportDetail], expected: list[str]) -> None:
    assert kinds(reported(GOOD, detail, [STALE])) == ["DESTINATION", *expected]


def test_untrusted_tells_of_chains_that_need_no_trust() -> None:
    level = SecurityLevel.MAY
    assert kinds(reported(GOOD, (SUMMARY,), security_level=level)) == ["DESTINATION", "SUMMARY"]
    assert kinds(reported(GOOD, (UNTRUSTED,), security_level=level)) == ["DESTINATION", "VFY_FAIL"]


def test_a_match_below_a_trust_anchor() -> None:
    chain = hierarchy()
    record = TlsaRecord(2, 0, 1, hashlib.sha256(chain.intermediate.der).digest())
    script = mail_server(MemoryServer(chain.served_pem, chain.leaf.key.pem))
    lines = reported(script, (CERTMATCH,), [record])
    assert kinds(lines) == ["DESTINATION", "PEERNAME", "MATCH_DANE", "CERT_39"]
    match = re.match(POSTFIX["MATCH_DANE"], lines[2])
    assert match is not None and (match["kind"], match["depth"], match["u"]) == ("TA certificate", "1", "2")


def test_a_match_by_the_bare_key_of_an_anchor() -> None:
    chain = hierarchy()
    script = mail_server(MemoryServer(chain.served_pem, chain.leaf.key.pem))
    lines = reported(script, (CERTMATCH,), [TlsaRecord(2, 1, 0, chain.root.key.spki)])
    match = re.match(POSTFIX["MATCH_DANE"], lines[2])
    assert match is not None and (match["kind"], match["depth"]) == ("TA public key verified certificate", "1")


def test_records_that_cannot_be_used() -> None:
    bad = [
        TlsaRecord(3, 1, 3, b"\xaa\xbb"), TlsaRecord(1, 1, 1, bytes(32)), TlsaRecord(3, 1, 255, bytes(32)),
        TlsaRecord(3, 1, 1, b"short"), TlsaRecord(3, 2, 1, bytes(100)), TlsaRecord(3, 1, 1, b""),
    ]  # fmt: skip
    lines = reported(GOOD, (CERTMATCH,), [*bad, key_record(leaf("ecdsa"))])
    assert kinds(lines) == [
        "DESTINATION", "UNUSABLE", "TLSA_DROP", "TLSA_DROP", "UNUSABLE", "UNUSABLE", "TLSA_SHORT", "MATCH_DANE", "CERT_39",
    ]  # fmt: skip
    assert lines[1].endswith(": unusable TLSA RR: 3 1 3 AABB")
    assert re.match(r"_\d+\._tcp\.mx\.example\.com unsupported TLSA certificate usage: 1 1 1 00", lines[2])


@pytest.mark.parametrize("record", [TlsaRecord(3, 1, 3, b"\xaa\xbb"), TlsaRecord(1, 1, 1, bytes(32))])
def test_verbose_tells_why_a_record_cannot_be_used(record: TlsaRecord) -> None:
    lines = reported(GOOD, (VERBOSE,), [record, key_record(leaf("ecdsa"))])
    assert kinds(lines) == ["DESTINATION", "TLSA_RR", "TLSA_RR", "LINT"]
    assert "cannot be used: " in lines[-1] or "is not for SMTP" in lines[-1]


@pytest.mark.parametrize(
    ("records", "secure"), [([], True), ([TlsaRecord(3, 1, 3, b"\xaa")], True), ([key_record(leaf("ecdsa"))], False)]
)
def test_the_reason_of_another_level(records: list[TlsaRecord], secure: bool) -> None:
    lines = reported(GOOD, (SUMMARY,), records, secure=secure)
    assert kinds(lines)[1] == "LEVEL" and kinds(lines)[-1] == "SUMMARY"


def test_the_chat() -> None:
    lines = reported(GOOD, (SUMMARY,), [key_record(leaf("ecdsa"))], transcript=True)
    found = kinds(lines)
    assert found == ["DESTINATION", "CONNECTED", *["CHAT"] * 6, "SUMMARY", *["CHAT"] * 4]
    assert lines[3:8:2] == ["> EHLO probe.example.net", "< 250 STARTTLS", "< 220 go"]
    assert lines[-1] == "> QUIT"


def test_the_dump_of_the_chain() -> None:
    found = kinds(reported(GOOD, (), [key_record(leaf("ecdsa"))], pem=True))
    assert found[0] == "DESTINATION" and set(found[1:]) == {"DUMP"} and len(found) > 10


def test_an_anonymous_server() -> None:
    script = mail_server(MemoryServer(None, ciphers="aNULL:@SECLEVEL=0", version=ssl.TLSVersion.TLSv1_2))
    lines = reported(script, tuple(ReportDetail), security_level=SecurityLevel.MAY)
    assert kinds(lines) == ["DESTINATION", "SUMMARY", "ANONYMOUS"]


def test_reconnects() -> None:
    lines = reported(GOOD, (SUMMARY, CACHE), reconnect_delay=0.01, security_level=SecurityLevel.MAY)
    assert kinds(lines) == ["DESTINATION", "SUMMARY", "RECONNECTED", "RECONNECT"]


def test_with_authorities_and_names(tmp_path: Path) -> None:
    chain = hierarchy(["mx.example.com"])
    (tmp_path / "ca.pem").write_bytes(chain.root.pem)
    script = mail_server(MemoryServer(chain.served_pem, chain.leaf.key.pem))
    tls = TlsParameters(ca_file=str(tmp_path / "ca.pem"))
    lines = reported(script, (SUMMARY, CERTMATCH), security_level=SecurityLevel.VERIFY, tls=tls)
    assert kinds(lines) == ["DESTINATION", "PEERNAME", "CERT_39", "SUMMARY"]


# --- failures ----------------------------------------------------------------------------------------------------------------


def test_no_connection() -> None:
    lines = reported(None, tuple(ReportDetail), security_level=SecurityLevel.MAY)
    assert kinds(lines) == ["DESTINATION", "CONN_FAIL"]
    assert lines[1] == (
        "Failed to establish session to example.com:1 via mx.example.com:1: "
        "connect to mx.example.com[127.0.0.1]:1: Connection refused"
    )


def test_a_failed_tlsa_lookup() -> None:
    async def run() -> list[str]:
        dns = mx_zone(25).error("_25._tcp.mx.example.com", "TLSA")
        (result,) = await probe(dns, "example.com")
        return report_lines([result.as_facts(Detail())], tuple(ReportDetail))

    lines = serve(run)
    assert kinds(lines) == ["DESTINATION", "CONN_FAIL"]
    assert lines[1].startswith(
        "Failed to establish session to example.com via mx.example.com:25: TLSA lookup error for mx.example.com:25: "
    )


def test_no_starttls_and_other_failures_of_a_dialogue() -> None:
    async def plain(peer: Peer) -> None:
        await peer.offer_tls(b"250 mx.example.com\r\n")

    async def closed(peer: Peer) -> None:
        await peer.send(b"554 no\r\n")

    assert kinds(reported(plain, (SUMMARY,), security_level=SecurityLevel.MAY)) == ["DESTINATION", "FAILED"]
    assert kinds(reported(closed, (SUMMARY,), security_level=SecurityLevel.MAY)) == ["DESTINATION", "FAILED"]


def test_no_route() -> None:
    async def run() -> list[str]:
        dns = FakeDns().found("nowhere.example", "MX", [MxRecord(10, "gone.example")])
        results = await probe(dns, "nowhere.example", "nxdomain.example")
        return report_lines([one.as_facts(Detail()) for one in results], (VERBOSE,))

    lines = serve(run)
    expected = ["DESTINATION", "NO_ADDR", "LOOKUP_FAIL", "FAILED", "DESTINATION", "LOOKUP_FAIL"]
    assert kinds(lines) == expected
