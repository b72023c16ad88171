# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SRV records of mail services, and sources that differ."""

from __future__ import annotations

import asyncio

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, SrvRecord
from ansible_collections.mailops.tls.plugins.module_utils._domain.announced import (
    AnnouncedServer,
    AnnouncedTls,
    ProbedServer,
    differing_sources,
)
from ansible_collections.mailops.tls.plugins.module_utils._domain.srv import SERVICES, SrvEntry, announced_by_srv, judge_srv, look_up_srv
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.tests.unit.makers.small_dns import SmallDns, failed, found

HOST = found("mail.example.org", "A", "192.0.2.1")


def srv(service: str, port: int, target: str = "mail.example.org", priority: int = 0, weight: int = 1) -> Answer:
    return found(f"_{service}._tcp.example.org", "SRV", SrvRecord(priority, weight, port, target))


def look_up(*answers: Answer) -> tuple[SrvEntry, ...]:
    return asyncio.run(look_up_srv("example.org", SmallDns(answers).ask))


def ids(*answers: Answer) -> list[str]:
    return [one.id for one in judge_srv("example.org", look_up(*answers))]


def test_every_service_is_looked_up() -> None:
    assert SERVICES == ("imap", "imaps", "pop3", "pop3s", "sieve", "submission", "submissions", "jmap", "smtps")
    dns = SmallDns()
    assert asyncio.run(look_up_srv("example.org", dns.ask)) == ()
    assert dns.asked == [(f"_{one}._tcp.example.org", "SRV") for one in SERVICES]


def test_facts() -> None:
    [entry] = look_up(srv("imaps", 993), HOST)
    assert entry.as_facts({"status": "trusted"}) == {
        "service": "imaps", "owner": "_imaps._tcp.example.org", "priority": 0, "weight": 1, "port": 993, "target": "mail.example.org",
        "secure": True, "not_offered": False, "alias": False, "probe": {"status": "trusted"}, "error": None,
    }  # fmt: skip


def test_records_come_in_the_order_of_clients() -> None:
    records = [SrvRecord(10, 0, 993, "c"), SrvRecord(0, 1, 993, "b"), SrvRecord(0, 5, 993, "a")]
    entries = look_up(found("_imaps._tcp.example.org", "SRV", *records))
    assert [one.record.target for one in entries if one.record] == ["a", "b", "c"]


def test_all_is_well() -> None:
    ports = {"imaps": 993, "submissions": 465, "imap": 143, "submission": 587, "jmap": 443, "sieve": 4190}
    good = (HOST, *(srv(service, port) for service, port in ports.items()))
    assert ids(*good) == []
    assert [one.port for one in announced_by_srv(look_up(*good))] == [143, 993, 587, 465]


def test_a_dot_is_not_offered_and_no_mistake() -> None:
    entries = look_up(srv("pop3", 0, "", weight=0), srv("pop3s", 0, "", weight=0))
    assert [(one.not_offered, one.offered, one.alias) for one in entries] == [(True, False, None)] * 2
    assert judge_srv("example.org", entries) == () == announced_by_srv(entries)


def test_an_alias_and_no_address() -> None:
    alias = found("mail.example.org", "A", "192.0.2.1", canonical_name="host.example.org")
    assert ids(srv("imaps", 993), alias) == ["srv_target_alias"]
    assert ids(srv("imaps", 993)) == ["srv_target_no_address"]


def test_what_dns_does_not_tell_is_not_absent() -> None:
    half = (failed("mail.example.org", "A"), srv("imaps", 993))
    assert ids(*half) == [] and look_up(*half)[0].has_address is None
    [unknown] = look_up(failed("_imaps._tcp.example.org", "SRV"))
    assert unknown.record is None and unknown.as_facts()["error"]["kind"] == "dns_error" and not unknown.not_offered


def test_ports_of_other_services() -> None:
    assert ids(HOST, srv("imaps", 995)) == ["srv_port_unusual"] and ids(HOST, srv("imaps", 10993)) == []


def test_a_name_that_clients_do_not_ask_for() -> None:
    assert ids(HOST, srv("smtps", 465)) == ["srv_unregistered_name"] and ids(srv("smtps", 0, "")) == []


def test_implicit_tls_is_offered_too() -> None:
    assert ids(HOST, srv("imap", 143)) == ["srv_no_implicit_tls"]
    assert ids(HOST, srv("imap", 143), srv("imaps", 0, "")) == ["srv_no_implicit_tls"]
    assert ids(HOST, srv("imap", 143), failed("_imaps._tcp.example.org", "SRV")) == []


def test_a_server_that_fails() -> None:
    entries = look_up(HOST, srv("imaps", 993))
    for satisfied, expected in ((False, ["srv_server_fails"]), (True, []), (None, [])):
        probed = {entries[0].name: ProbedServer(satisfied, "connection refused")}
        assert [one.id for one in judge_srv("example.org", entries, probed)] == expected


def test_the_service_of_an_announced_server() -> None:
    assert AnnouncedServer("incoming", "imap", tls_mode=AnnouncedTls.IMPLICIT).service is MailService.IMAPS
    assert AnnouncedServer("outgoing", "smtp", tls_mode=AnnouncedTls.STARTTLS).service is MailService.SUBMISSION
    assert AnnouncedServer("incoming", "imap", tls_mode=AnnouncedTls.PLAIN).service is None
    assert AnnouncedServer("incoming", "jmap", tls_mode=AnnouncedTls.IMPLICIT).service is None


def test_sources_that_name_other_hosts() -> None:
    one = AnnouncedServer("incoming", "imap", "imap.a.example", 993)
    other = AnnouncedServer("incoming", "imap", "imap.b.example", 993)
    same = AnnouncedServer("incoming", "imap", "IMAP.a.example.", 143)
    pop = AnnouncedServer("incoming", "pop3", "pop.a.example", 995)
    [finding] = differing_sources("example.org", {"SRV": [one], "autoconfig": [other, pop]})
    assert finding.id == "autoconfig_sources_differ" and "imap.a.example (SRV)" in finding.text and "pop" not in finding.text
    assert differing_sources("example.org", {"SRV": [one, same], "autoconfig": [same], "autodiscover": [pop], "none": []}) == ()
