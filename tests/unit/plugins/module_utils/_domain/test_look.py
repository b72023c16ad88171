# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One domain in the shape of results, from a dictionary for DNS, documents in memory, and exchanges that speak TLS."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, MxRecord, SrvRecord, TxtRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_exchange import AuthoritativeExchange
from ansible_collections.mailops.tls.plugins.module_utils._dns.known import KnownAnswers
from ansible_collections.mailops.tls.plugins.module_utils._domain.announced_probe import AnnouncedProbe
from ansible_collections.mailops.tls.plugins.module_utils._domain.domain_result import JudgedDomain, summarize
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import Document, DocumentRequest, DocumentState, Fetch
from ansible_collections.mailops.tls.plugins.module_utils._domain.invalid import invalid_domain_facts
from ansible_collections.mailops.tls.plugins.module_utils._domain.look import DomainLook, LookTools
from ansible_collections.mailops.tls.plugins.module_utils._domain.sender_views import SenderViews
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import DEFAULT_CHECKS, Check, DomainSettings, MailDomain
from ansible_collections.mailops.tls.plugins.module_utils._domain.zone_look import ZoneLook
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._results.domain_report import domain_report
from ansible_collections.mailops.tls.plugins.module_utils._results.domain_shape import DOMAIN_RESULT
from ansible_collections.mailops.tls.plugins.module_utils._results.shape import has_shape
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.tests.unit.makers.certificates import hierarchy
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import SETTINGS, TURNS

NOW = datetime(2026, 11, 29, tzinfo=timezone.utc)
DOMAIN = MailDomain("Example.com", "example.com")
PUBLIC = "192.0.0.9"
"""An address that counts as global and that nobody has (RFC 7723); it is never connected to here."""
POLICY_URL = "https://mta-sts.example.com/.well-known/mta-sts.txt"
POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 604800\r\n"


def zone(**texts: str) -> FakeDns:
    """Return DNS of example.com with an exchange that nobody can be connected to, and these TXT records; `_at_` stands for the domain."""
    dns = FakeDns().found("example.com", "MX", [MxRecord(10, "mx.example.com")]).found("mx.example.com", "A", [PUBLIC])
    dns.found("example.com", "SOA", ["ns.example.com. hostmaster.example.com. 7 3600 900 604800 300"])
    for name, text in texts.items():
        owner = "example.com" if name == "_at_" else f"{name}.example.com"
        dns.found(owner, "TXT", [TxtRecord((text.encode(),))])
    return dns


def fetch_from(documents: Mapping[str, bytes]) -> Fetch:
    """Return what fetches these documents; all others are not there."""

    async def fetch(request: DocumentRequest) -> Document:
        body = documents.get(request.url)
        if body is None:
            failure = Failure(ErrorKind.DNS_NOT_FOUND, CommonPhase.DNS, "no such host")
            return Document(request.url, DocumentState.ABSENT, failure=failure)
        return Document(request.url, DocumentState.FOUND, (), 200, "text/plain", body, len(body), verified=True)

    return fetch


def look(dns: FakeDns, documents: Mapping[str, bytes] | None = None, tls: TlsParameters | None = None, **settings: Any) -> dict[str, Any]:
    """Return the result for the domain; without `senders` nothing is connected to."""
    chosen = DomainSettings(**{"checks": frozenset(DEFAULT_CHECKS) - {Check.SENDERS, Check.NS}, "probe_announced": False, **settings})

    async def run() -> dict[str, Any]:
        prober = Prober(TlsContexts(tls or TlsParameters()), TURNS)
        announced = AnnouncedProbe(MailboxProbeSettings(), dns.ask, prober, NOW, Detail(), private_allowed=chosen.private_allowed)
        tools = LookTools(
            ask=dns.ask,
            fetch=fetch_from(documents or {}),
            views=SenderViews(SETTINGS, dns.ask, prober),
            zones=ZoneLook(dns.ask, AuthoritativeExchange(1, 1)),
            announced=announced.probe if chosen.probes_announced else None,
        )
        view = await DomainLook(chosen, tools).look(DOMAIN)
        return JudgedDomain(view, chosen, Detail(), NOW).as_facts()

    return asyncio.run(run())


def ids(result: Mapping[str, Any]) -> set[str]:
    """Return the findings of a result."""
    return {one["id"] for one in result["lint"]}


def test_a_domain_is_asked_once_whatever_its_ttl() -> None:
    """Records that change meanwhile would otherwise give a policy of before beside exchanges of after."""
    clock = itertools.count(0, 1000)
    known: KnownAnswers[tuple[str, str, bool], Answer] = KnownAnswers(lambda: float(next(clock)))
    dns = zone(_at_="v=spf1 mx -all", _dmarc="v=DMARC1; p=none")
    asked, ask = dns.asked, dns.ask

    async def forgetful(name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
        key = name, rdtype, want_dnssec
        answer = known.get(key)
        if answer is None:
            answer = await ask(*key)
            known.put(key, answer, 0, 1)
            known.use(key, answer)
        return answer

    dns.ask = forgetful  # type: ignore[method-assign]
    look(dns)
    assert len(asked) == len(set(asked)) > 10


def test_a_bare_domain() -> None:
    result = look(zone())
    assert {"spf_missing", "dmarc_missing"} <= ids(result) and result["worst"] == "warning"
    assert result["spf"]["status"] == result["dmarc"]["status"] == result["tlsrpt"]["status"] == "none"
    assert result["mta_sts"]["status"] == "none" and result["autoconfig"]["status"] == "none"
    assert result["zone"] is result["senders"] is None and result["dnsbl"] == []
    assert [one["exchange"] for one in result["mx"]["exchanges"]] == ["mx.example.com"]
    assert result["domain"] == "Example.com" and result["error"] is None


def test_a_domain_that_has_everything() -> None:
    dns = zone(_at_="v=spf1 mx -all", _dmarc="v=DMARC1; p=reject; rua=mailto:r@example.com")
    dns.found("_mta-sts.example.com", "TXT", [TxtRecord((b"v=STSv1; id=1",))])
    dns.found("9.0.0.192.in-addr.arpa", "PTR", ["mx.example.com"])
    dns.found("_smtp._tls.example.com", "TXT", [TxtRecord((b"v=TLSRPTv1; rua=mailto:r@example.com",))])
    result = look(dns, {POLICY_URL: POLICY})
    assert result["role"] == "sends_and_receives"
    assert result["spf"]["status"] == result["dmarc"]["status"] == result["mta_sts"]["status"] == result["tlsrpt"]["status"] == "valid"
    assert result["dmarc"]["applied_policy"] == "reject" and result["mta_sts"]["policy"]["mode"] == "enforce"
    assert result["mta_sts"]["exchanges"] == [
        {"exchange": "mx.example.com", "pattern": "mx.example.com", "matched": True, "certificate_valid": None}
    ]
    assert [one for one in result["lint"] if one["severity"] == "error"] == []


def test_what_is_left_out_is_null_and_asks_nobody() -> None:
    dns = zone()
    result = look(dns, checks=frozenset([Check.SPF]))
    absent = ("zone", "mx", "dmarc", "mta_sts", "tlsrpt", "caa", "autoconfig", "autodiscover", "bimi", "senders")
    assert [result[name] for name in absent] == [None] * len(absent)
    assert not [name for name, _rdtype, _dnssec in dns.asked if name.startswith("_")]


def test_a_domain_that_does_not_exist() -> None:
    result = look(FakeDns())
    assert result["error"] == {"kind": "dns_not_found", "phase": "dns", "text": "example.com: there is no such domain"}
    assert result["worst"] == "error"
    assert result["lint"] == []  # what a name lacks that nobody has is nobody's mistake
    assert domain_report([result]) == ["example.com: there is no such domain"]


def test_an_exchange_without_address_is_no_failure_of_the_resolver() -> None:
    dns = zone().found("example.com", "MX", [MxRecord(10, "gone.example.com")])
    result = look(dns, checks=frozenset([Check.DANE, Check.MX]))
    assert result["dane"][0]["lookup"] == "skipped" and result["dane"][0]["error"] is None
    assert "mx_exchange_no_address" in ids(result) and "resolver_failure" not in ids(result)


def test_a_failure_of_dns_is_not_absence() -> None:
    class Down(FakeDns):
        async def ask(self, name: str, rdtype: str, want_dnssec: bool = True) -> Any:
            self.error(name, rdtype)
            return await super().ask(name, rdtype, want_dnssec)

    result = look(Down())
    assert result["error"]["kind"] == "dns_error" and result["role"] == "unknown"
    assert result["worst"] == "error" and "resolver_failure" in ids(result)
    assert domain_report([result])[0] == "MX records of example.com: SERVFAIL from 127.0.0.1"
    assert result["spf"]["status"] == "temperror" and result["dmarc"]["status"] == result["tlsrpt"]["status"] == "error"
    assert not {"spf_missing", "dmarc_missing", "mx_missing"} & ids(result)


def test_a_domain_that_takes_no_mail_needs_no_settings_for_clients() -> None:
    parked = FakeDns().found("example.com", "MX", [MxRecord(0, "")]).found("example.com", "TXT", [TxtRecord((b"v=spf1 -all",))])
    parked.found("_dmarc.example.com", "TXT", [TxtRecord((b"v=DMARC1; p=reject",))])
    result = look(parked)
    assert result["role"] == "parked" and "autoconfig_missing" not in ids(result) and "autoconfig_missing" in ids(look(zone()))


def test_findings_that_are_known_are_left_out() -> None:
    assert "spf_missing" not in ids(look(zone(), ignored=frozenset(["spf_missing"])))


def test_servers_that_are_announced_and_not_global_are_not_connected_to() -> None:
    dns = zone().found("_imaps._tcp.example.com", "SRV", [SrvRecord(0, 1, 993, "mail.example.com")])
    dns.found("mail.example.com", "A", ["10.0.0.1"])
    result = look(dns, probe_announced=True)
    assert result["srv"][0]["target"] == "mail.example.com" and result["srv"][0]["probe"] is None
    assert "srv_server_fails" not in ids(result)


def test_senders_of_a_domain_that_cannot_be_reached(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_bytes(hierarchy().root.pem)
    dns = zone().found("mx.example.com", "A", ["10.0.0.1"])
    result = look(dns, checks=frozenset([Check.SENDERS, Check.MX]), tls=TlsParameters(ca_file=str(authority)))
    assert {one["outcome"] for one in result["senders"].values()} == {"unknown"}
    assert result["mta_sts"]["status"] == "none"
    assert "mx_exchange_private_address" in ids(result) and "mx_exchange_down" not in ids(result)


@pytest.mark.parametrize("width", [60, 100, 200])
def test_the_report_is_a_page_of_the_wanted_width(width: int) -> None:
    no_domain = invalid_domain_facts("a b", Failure(ErrorKind.INVALID_DESTINATION, CommonPhase.DESTINATION, "no"))
    results = [look(zone(_at_="v=spf1 mx -all")), no_domain]
    lines = domain_report(results, width)
    assert lines[0].startswith("Example.com, sends and receives mail, worst finding: warning")
    assert any(line.startswith("  SPF            valid: v=spf1 mx -all") for line in lines)
    assert lines[-1] == "a b: no"
    assert "" in lines and max(map(len, lines)) <= width
    assert summarize(results) == {"domains": 2, "by_worst": {"warning": 1, "error": 1}}


def test_results_have_the_shape_that_readers_rely_on() -> None:
    assert has_shape(look(zone()), DOMAIN_RESULT)
    assert has_shape(invalid_domain_facts("x", Failure(ErrorKind.INVALID_DESTINATION, CommonPhase.DESTINATION, "no")), DOMAIN_RESULT)


def test_of_an_announced_server_a_few_addresses_are_connected_to() -> None:
    dns = zone().found("_imaps._tcp.example.com", "SRV", [SrvRecord(0, 1, 1, "mail.example.com")])
    dns.found("_pop3s._tcp.example.com", "SRV", [SrvRecord(0, 1, 995, "")])
    dns.found("mail.example.com", "A", [f"127.0.1.{number}" for number in range(1, 101)])
    asked: list[str] = []

    async def connected(self: Prober, plan: Any, *rest: Any, **more: Any) -> Any:
        asked.append(plan.target.address)
        return await probe(self, plan, *rest, **more)

    probe = Prober.probe
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Prober, "probe", connected)
        result = look(dns, probe_announced=True, private_allowed=True, checks=frozenset([Check.SRV]))
    assert sorted(set(asked)) == ["127.0.1.1", "127.0.1.2"]
    assert [(one["id"], one["subject"], one["text"]) for one in result["lint"] if one["id"] == "addresses_left_out"] == [
        ("addresses_left_out", "mail.example.com", "98 addresses of mail.example.com were not connected to")
    ]
