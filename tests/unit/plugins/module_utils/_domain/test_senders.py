# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who can deliver: each kind of sender against servers that speak TLS, with DNS from a dictionary."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import MxRecord
from ansible_collections.mailops.tls.plugins.module_utils._domain.sender_views import MOST_ADDRESSES, SenderViews
from ansible_collections.mailops.tls.plugins.module_utils._domain.senders import (
    Outcome,
    Protection,
    Sender,
    SenderResult,
    StsView,
    judge_senders,
    senders,
)
from ansible_collections.mailops.tls.plugins.module_utils._finding import Severity
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober
from ansible_collections.mailops.tls.plugins.module_utils._results import domain_expect
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Hierarchy, hierarchy, issue
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, Script, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import SETTINGS, TURNS, key_record, mx_zone

WRONG = TlsaRecord(3, 1, 1, bytes(32))
ENFORCED = StsView(True, {"mx.example.com": True}, "")
OTHERS = StsView(True, {"mx.example.com": False}, "")
NO_POLICY = StsView()


@pytest.fixture(scope="module", name="chain")
def _chain() -> Hierarchy:
    return hierarchy(["mx.example.com"])


@pytest.fixture(name="authority")
def _authority(tmp_path: Path, chain: Hierarchy) -> TlsParameters:
    path = tmp_path / "ca.pem"
    path.write_bytes(chain.root.pem)
    return TlsParameters(ca_file=str(path))


def with_tls(chain: Hierarchy) -> Script:
    """A healthy server with this chain, for clients that want TLS and for those that do not."""
    return mail_server(MemoryServer(chain.served_pem, chain.leaf.key.pem), b"250-mx.example.com\r\n250 STARTTLS\r\n")


def mail_server(tls: MemoryServer | None, capabilities: bytes = b"250 mx.example.com\r\n") -> Script:
    """Return the script of a server that answers every command."""

    async def script(peer: Peer) -> None:
        await peer.send(b"220 mx.example.com ESMTP\r\n")
        while line := await peer.hear():
            if line == b"STARTTLS" and tls is not None:
                await peer.start_tls(tls.another())
            elif line == b"QUIT":
                await peer.send(b"221 bye\r\n")
                break
            else:
                await peer.send(capabilities)

    return script


def look(
    script: Script | None, tls: TlsParameters, sts: StsView = NO_POLICY, records: Sequence[TlsaRecord] = (), dns: FakeDns | None = None,
    down: frozenset[str] = frozenset(),
) -> dict[Sender, SenderResult]:  # fmt: skip
    """Return how each kind of sender fares at example.com, whose exchange runs a script, or nothing at all."""

    async def run() -> dict[Sender, SenderResult]:
        async with contextlib.AsyncExitStack() as stack:
            port = 1
            if script is not None:
                port = (await stack.enter_async_context(ScriptedServer(script))).port
            zone = dns or mx_zone(port, records)
            views = SenderViews(SETTINGS, zone.ask, Prober(TlsContexts(tls), TURNS), private_allowed=True)
            return {one.sender: one for one in senders(await views.look("example.com", port), sts, down)}

    return asyncio.run(run())


def words(found: dict[Sender, SenderResult]) -> dict[str, str]:
    """Return each sender's outcome and protection in one word."""
    return {
        sender.value: one.protection.value if one.outcome is Outcome.DELIVERED and one.protection else one.outcome.value
        for sender, one in found.items()
    }


def test_a_certificate_that_an_authority_vouches_for(chain: Hierarchy, authority: TlsParameters) -> None:
    found = look(with_tls(chain), authority, ENFORCED)
    assert words(found) == {
        "no_tls": "none", "opportunistic": "encrypted", "mta_sts": "verified",
        "dane": "encrypted", "dane_and_mta_sts": "verified", "mandatory": "verified",
    }  # fmt: skip
    assert found[Sender.DANE].fact == "mx.example.com: no TLSA records found"
    assert found[Sender.MTA_STS].fact == "mx.example.com: MTA-STS enforces: the certificate is valid for mx.example.com"


def test_a_record_that_matches_and_no_authority(chain: Hierarchy) -> None:
    found = look(with_tls(chain), TlsParameters(), ENFORCED, [key_record(chain.leaf)])
    assert words(found) == {
        "no_tls": "none", "opportunistic": "encrypted", "mta_sts": "delayed",
        "dane": "verified", "dane_and_mta_sts": "verified", "mandatory": "delayed",
    }  # fmt: skip
    assert found[Sender.DANE].fact == "mx.example.com: a TLSA record matches"


def test_mta_sts_does_not_override_dane_that_fails(chain: Hierarchy, authority: TlsParameters) -> None:
    found = look(with_tls(chain), authority, ENFORCED, [WRONG])
    assert words(found) == {
        "no_tls": "none", "opportunistic": "encrypted", "mta_sts": "verified",
        "dane": "delayed", "dane_and_mta_sts": "delayed", "mandatory": "verified",
    }  # fmt: skip


def test_a_policy_that_does_not_name_the_exchange(chain: Hierarchy, authority: TlsParameters) -> None:
    found = look(with_tls(chain), authority, OTHERS)
    assert found[Sender.MTA_STS].outcome is found[Sender.DANE_AND_MTA_STS].outcome is Outcome.DELAYED
    assert found[Sender.MTA_STS].fact == "mx.example.com: the MTA-STS policy does not name this exchange"
    assert words(found)["mandatory"] == "verified"


def test_a_policy_that_enforces_nothing_says_why(chain: Hierarchy, authority: TlsParameters) -> None:
    found = look(with_tls(chain), authority, StsView(fact="the MTA-STS policy is in mode testing"))
    assert found[Sender.MTA_STS].protection is Protection.ENCRYPTED
    assert found[Sender.MTA_STS].fact.startswith("mx.example.com: the MTA-STS policy is in mode testing; ")


def test_a_server_without_starttls(authority: TlsParameters) -> None:
    found = look(mail_server(None), authority, ENFORCED)
    assert words(found) == {
        "no_tls": "none", "opportunistic": "none", "mta_sts": "delayed",
        "dane": "none", "dane_and_mta_sts": "delayed", "mandatory": "delayed",
    }  # fmt: skip
    assert found[Sender.OPPORTUNISTIC].fact == "mx.example.com: the server does not offer STARTTLS"


def test_a_server_that_is_down(authority: TlsParameters) -> None:
    found = look(None, authority)
    assert {one.outcome for one in found.values()} == {Outcome.DELAYED}
    assert all(one.protection is None for one in found.values())


def test_tlsa_records_that_cannot_be_asked_delay_dane_senders_alone(chain: Hierarchy, authority: TlsParameters) -> None:
    class Broken(FakeDns):
        async def ask(self, name: str, rdtype: str, want_dnssec: bool = True):  # type: ignore[no-untyped-def]
            if rdtype == "TLSA":
                self.error(name, rdtype)
            return await super().ask(name, rdtype, want_dnssec)

    async def run() -> dict[Sender, SenderResult]:
        async with ScriptedServer(with_tls(chain)) as server:
            zone = Broken()
            zone.answers = mx_zone(server.port).answers
            views = SenderViews(SETTINGS, zone.ask, Prober(TlsContexts(authority), TURNS), private_allowed=True)
            return {one.sender: one for one in senders(await views.look("example.com", server.port), ENFORCED)}

    found = asyncio.run(run())
    assert found[Sender.DANE].outcome is found[Sender.DANE_AND_MTA_STS].outcome is Outcome.DELAYED
    assert "SERVFAIL" in found[Sender.DANE].fact
    assert words(found)["mta_sts"] == words(found)["mandatory"] == "verified"


@pytest.mark.parametrize(
    ("dns", "outcome", "fact"),
    [
        (FakeDns().found("example.com", "MX", [MxRecord(0, "")]), Outcome.REFUSED, "nullMX"),
        (FakeDns(), Outcome.REFUSED, "not found"),
        (FakeDns().error("example.com", "MX"), Outcome.DELAYED, "SERVFAIL"),
    ],
)
def test_a_domain_without_a_way(dns: FakeDns, outcome: Outcome, fact: str) -> None:
    found = look(None, TlsParameters(), dns=dns)
    assert {one.outcome for one in found.values()} == {outcome}
    assert all(fact in one.fact and not one.deliveries for one in found.values())


def test_an_exchange_that_may_be_down_counts_for_nothing(chain: Hierarchy, authority: TlsParameters) -> None:
    async def run(down: frozenset[str]) -> dict[Sender, SenderResult]:
        async with ScriptedServer(with_tls(chain)) as server:
            zone = mx_zone(server.port).found("example.com", "MX", [MxRecord(10, "mx.example.com"), MxRecord(20, "Backup.example.com")])
            zone.found("backup.example.com", "A", ["127.0.0.9"])
            views = SenderViews(SETTINGS, zone.ask, Prober(TlsContexts(authority), TURNS), private_allowed=True)
            return {one.sender: one for one in senders(await views.look("example.com", server.port), StsView(), down)}

    assert asyncio.run(run(frozenset()))[Sender.MANDATORY].outcome is Outcome.PARTLY
    found = asyncio.run(run(frozenset(["backup.example.com"])))
    assert found[Sender.MANDATORY].outcome is Outcome.DELIVERED
    assert [one.expected_down for one in found[Sender.MANDATORY].deliveries] == [False, True]


def test_the_words_of_results_and_of_expectations_are_the_same(chain: Hierarchy, authority: TlsParameters) -> None:
    found = look(with_tls(chain), authority)
    assert tuple(one.value for one in found) == domain_expect.SENDERS
    assert tuple(one.value for one in Protection) == domain_expect.PROTECTIONS
    assert tuple(one.value for one in Outcome) == domain_expect.OUTCOMES
    assert {one.as_facts()["outcome"] for one in found.values()} == {"delivered"}


def test_no_address_is_connected_to_that_is_not_everybodys(chain: Hierarchy, authority: TlsParameters) -> None:
    async def run() -> tuple[int, dict[Sender, SenderResult]]:
        async with ScriptedServer(with_tls(chain)) as server:
            views = SenderViews(SETTINGS, mx_zone(server.port).ask, Prober(TlsContexts(authority), TURNS))
            found = {one.sender: one for one in senders(await views.look("example.com", server.port), StsView())}
            return len(server.peers), found

    connections, found = asyncio.run(run())
    assert connections == 0 and {one.outcome for one in found.values()} == {Outcome.UNKNOWN}
    assert "the option allow_private_addresses allows it" in found[Sender.DANE].fact


def test_mail_that_waits_now_is_a_finding(chain: Hierarchy, authority: TlsParameters) -> None:
    good = look(with_tls(chain), authority, ENFORCED, [key_record(chain.leaf)])
    assert judge_senders("example.com", list(good.values())) == ()
    (finding,) = judge_senders("example.com", list(look(with_tls(chain), authority, ENFORCED, [WRONG]).values()))
    assert (finding.id, finding.severity) == ("senders_delayed", Severity.ERROR)
    assert finding.text.startswith("dane, dane_and_mta_sts delayed (mx.example.com: ") and "mandatory" not in finding.text


def test_a_backup_that_is_down_for_everybody_delays_nobody(chain: Hierarchy, authority: TlsParameters) -> None:
    async def run() -> list[SenderResult]:
        async with ScriptedServer(with_tls(chain)) as server:
            zone = mx_zone(server.port).found("example.com", "MX", [MxRecord(10, "mx.example.com"), MxRecord(20, "backup.example.com")])
            zone.found("backup.example.com", "A", ["127.0.0.9"])
            views = SenderViews(SETTINGS, zone.ask, Prober(TlsContexts(authority), TURNS), private_allowed=True)
            return list(senders(await views.look("example.com", server.port), ENFORCED))

    found = {one.sender: one for one in asyncio.run(run())}
    assert found[Sender.OPPORTUNISTIC].outcome is Outcome.PARTLY
    assert judge_senders("example.com", list(found.values())) == ()


def test_where_mx_records_are_not_secure_mta_sts_names_the_exchanges(chain: Hierarchy, authority: TlsParameters) -> None:
    """Whoever forges the MX records chooses an exchange whose TLSA records match; the policy is what names the exchanges (RFC 8461)."""

    def looked(sts: StsView, records: Sequence[TlsaRecord]) -> dict[Sender, SenderResult]:
        async def run() -> dict[Sender, SenderResult]:
            async with ScriptedServer(with_tls(chain)) as server:
                zone = mx_zone(server.port, records, secure=False)
                views = SenderViews(SETTINGS, zone.ask, Prober(TlsContexts(authority), TURNS), private_allowed=True)
                return {one.sender: one for one in senders(await views.look("example.com", server.port), sts)}

        return asyncio.run(run())

    match = [key_record(chain.leaf)]
    assert words(looked(ENFORCED, match)) == {
        "no_tls": "none", "opportunistic": "encrypted", "mta_sts": "verified",
        "dane": "encrypted", "dane_and_mta_sts": "verified", "mandatory": "verified",
    }  # fmt: skip
    assert words(looked(OTHERS, match))["dane_and_mta_sts"] == "delayed"
    assert words(looked(NO_POLICY, match))["dane_and_mta_sts"] == "encrypted"
    assert words(looked(ENFORCED, [WRONG]))["dane_and_mta_sts"] == "delayed"


def test_records_that_cannot_be_used_leave_the_match_to_mta_sts(chain: Hierarchy, authority: TlsParameters) -> None:
    unusable = [TlsaRecord(3, 1, 7, bytes(32))]
    found = words(look(with_tls(chain), authority, ENFORCED, unusable))
    assert (found["dane"], found["dane_and_mta_sts"]) == ("encrypted", "verified")
    assert words(look(with_tls(chain), authority, OTHERS, unusable))["dane_and_mta_sts"] == "delayed"
    assert words(look(with_tls(chain), authority, NO_POLICY, unusable))["dane_and_mta_sts"] == "encrypted"


def test_mta_sts_wants_a_name_among_the_alternative_ones(authority: TlsParameters, chain: Hierarchy) -> None:
    """Postfix takes the common name in their place, RFC 8461 section 4.2 does not."""
    leaf = issue("mx.example.com", issuer=chain.intermediate)
    served = Hierarchy(chain.root, chain.intermediate, leaf)
    found = look(with_tls(served), authority, ENFORCED)
    assert words(found) == {
        "no_tls": "none", "opportunistic": "encrypted", "mta_sts": "delayed",
        "dane": "encrypted", "dane_and_mta_sts": "delayed", "mandatory": "verified",
    }  # fmt: skip
    assert "subjectAltName" in found[Sender.MTA_STS].fact
    assert found[Sender.MANDATORY].deliveries[0].as_facts()["has_dns_name"] is False


def test_a_policy_of_which_nobody_knows(chain: Hierarchy, authority: TlsParameters) -> None:
    found = look(with_tls(chain), authority, StsView(fact="the MTA-STS record could not be asked for", known=False))
    assert found[Sender.MTA_STS].outcome is found[Sender.DANE_AND_MTA_STS].outcome is Outcome.UNKNOWN
    assert found[Sender.MTA_STS].fact == "mx.example.com: the MTA-STS record could not be asked for"
    assert words(found)["dane"] == "encrypted"
    matched = look(with_tls(chain), authority, StsView(fact="unknown", known=False), [key_record(chain.leaf)])
    assert words(matched)["dane_and_mta_sts"] == "verified"


def test_a_backup_that_is_up_counts_for_how_mail_is_protected(chain: Hierarchy, authority: TlsParameters) -> None:
    """It may be down; while it is up, senders that find the first exchange busy leave their mail there."""

    async def run() -> dict[Sender, SenderResult]:
        async with ScriptedServer(with_tls(chain)) as server, ScriptedServer(mail_server(None), address="127.0.0.9", port=server.port):
            zone = mx_zone(server.port, [key_record(chain.leaf)])
            zone.found("example.com", "MX", [MxRecord(10, "mx.example.com"), MxRecord(20, "backup.example.com")])
            zone.found("backup.example.com", "A", ["127.0.0.9"])
            views = SenderViews(SETTINGS, zone.ask, Prober(TlsContexts(authority), TURNS), private_allowed=True)
            down = frozenset(["backup.example.com"])
            return {one.sender: one for one in senders(await views.look("example.com", server.port), StsView(), down)}

    found = asyncio.run(run())
    assert words(found) == {
        "no_tls": "none", "opportunistic": "none", "mta_sts": "none",
        "dane": "none", "dane_and_mta_sts": "none", "mandatory": "verified",
    }  # fmt: skip
    assert found[Sender.DANE].fact == "backup.example.com: the server does not offer STARTTLS"


def test_an_address_without_a_way_from_here_is_not_known(chain: Hierarchy, authority: TlsParameters) -> None:
    """Many a prober has no IPv6, and senders have. What nobody looked at is neither verified nor down."""

    async def run() -> dict[Sender, SenderResult]:
        async with ScriptedServer(with_tls(chain)) as server:
            zone = mx_zone(server.port, [key_record(chain.leaf)]).found("mx.example.com", "AAAA", ["2001:db8::25"])
            prober = Prober(TlsContexts(authority), TURNS)
            views = SenderViews(SETTINGS, zone.ask, prober, private_allowed=True, routed=lambda address: ":" not in address)
            return {one.sender: one for one in senders(await views.look("example.com", server.port), ENFORCED)}

    found = asyncio.run(run())
    assert {one.outcome for one in found.values()} == {Outcome.PARTLY}
    assert {row.address: row.outcome for row in found[Sender.DANE].deliveries}["2001:db8::25"] is Outcome.UNKNOWN
    assert found[Sender.DANE].fact == "mx.example.com: 2001:db8::25 was not connected to: this machine has no route to it"
    assert judge_senders("example.com", list(found.values())) == ()


def test_addresses_beyond_the_limit_are_not_known(chain: Hierarchy, authority: TlsParameters) -> None:
    """A domain can name a hundred exchanges of a hundred addresses each; what nobody looked at is not verified."""

    async def run() -> tuple[int, dict[Sender, SenderResult]]:
        async with ScriptedServer(with_tls(chain)) as server:
            zone = FakeDns().found("example.com", "MX", [MxRecord(10, "mx.example.com"), MxRecord(20, "more.example.com")])
            zone.found("mx.example.com", "A", ["127.0.0.1"])
            zone.found("more.example.com", "A", [f"127.0.2.{number}" for number in range(1, 100)])
            views = SenderViews(SETTINGS, zone.ask, Prober(TlsContexts(authority), TURNS), private_allowed=True)
            sts = StsView(True, {"mx.example.com": True, "more.example.com": True}, "")
            found = {one.sender: one for one in senders(await views.look("example.com", server.port), sts)}
            return sum(row.address is not None for row in found[Sender.DANE].deliveries), found

    number, found = asyncio.run(run())
    assert number == MOST_ADDRESSES
    for one in found.values():
        last = one.deliveries[-1]
        assert (last.exchange, last.address, last.outcome) == ("more.example.com", None, Outcome.UNKNOWN)
        assert last.fact.endswith("40 addresses were not connected to, as the domain has 100")


def test_a_handshake_that_fails_leaves_mail_unprotected(authority: TlsParameters) -> None:
    """Whoever takes any TLS delivers without it, then (Postfix's `may`); what comes over the line is readable."""

    async def refuses(peer: Peer) -> None:
        await peer.send(b"220 mx.example.com ESMTP\r\n")
        while line := await peer.hear():
            if line == b"STARTTLS":
                await peer.send(b"220 go\r\n")
                await peer.send(b"\x15\x03\x01\x00\x02\x02\x28")  # a fatal alert: handshake_failure
                return
            await peer.send(b"250-mx.example.com\r\n250 STARTTLS\r\n")

    found = look(refuses, authority, ENFORCED)
    assert words(found) == {
        "no_tls": "none", "opportunistic": "none", "mta_sts": "delayed",
        "dane": "none", "dane_and_mta_sts": "delayed", "mandatory": "delayed",
    }  # fmt: skip
    assert found[Sender.OPPORTUNISTIC].fact.endswith("; then it goes without TLS")


def test_domains_are_seen_side_by_side() -> None:
    dns = FakeDns()
    for number in range(5):
        dns.found(f"{number}.example.com", "MX", [MxRecord(10, "mx.example.com")])
    dns.found("mx.example.com", "A", ["10.0.0.1"])

    async def run() -> list[int]:
        views = SenderViews(SETTINGS, dns.ask, Prober(TlsContexts(TlsParameters()), TURNS))
        looks = asyncio.gather(*(views.look(f"{number}.example.com") for number in range(5)))
        return [len(levels) for levels in await asyncio.wait_for(looks, 600)]

    assert asyncio.run(run()) == [4] * 5
