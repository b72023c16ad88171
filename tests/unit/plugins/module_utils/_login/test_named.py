# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forged SRV record leads no password anywhere: whose name counts for secrets (RFC 6186 section 6)."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import SrvRecord
from ansible_collections.mailops.tls.plugins.module_utils._login.named import login_judge
from ansible_collections.mailops.tls.plugins.module_utils._login.outcome import LoginOutcome
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailProtocol, MailService
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.way import Announcement, ServiceAddress
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate
from ansible_collections.mailops.tls.plugins.module_utils._probe.judgement import Criteria
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_judge import SessionJudge
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_policy import fixed_policy
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import reference_names
from ansible_collections.mailops.tls.tests.unit.makers.certificates import NOW
from ansible_collections.mailops.tls.tests.unit.makers.judging import NAME
from ansible_collections.mailops.tls.tests.unit.makers.login_scenes import login


def judge(domain: str | None, match: tuple[str, ...] = (), *, secure: bool = False, host: str = NAME) -> SessionJudge:
    """Return what judges logins at a host that this domain announces, or that the user named."""
    announced = None
    if domain is not None:
        announced = Announcement(MailService.IMAPS, f"_imaps._tcp.{domain}", SrvRecord(0, 0, 993, host), secure)
    place = ServiceAddress(MailService.IMAPS, Candidate(host, host, "192.0.2.1", 993), announced)
    target = MailTarget(domain or host, domain or host, by_srv=domain is not None)
    references = reference_names(match or (target.name, host), nexthop=target.name, hostname=host)
    return login_judge(target, place, match, fixed_policy(SecurityLevel.VERIFY), Criteria(references), NOW)


@pytest.mark.parametrize(
    "judged",
    [
        judge(None),
        judge("example.com"),
        judge("EXAMPLE.com"),
        judge("example.net", secure=True),
        judge("example.net", (NAME,)),
        judge("example.net", (f" {NAME.upper()}",)),
        judge("example.net", (".example.com",)),
        judge(NAME, host="imap.example.net"),
    ],
)
def test_a_server_that_is_the_one_meant(judged: SessionJudge) -> None:
    seen = login(MailProtocol.IMAP, "PLAIN", b"a2 OK in\r\n", judge=judged)
    assert seen.note.outcome is LoginOutcome.ACCEPTED


@pytest.mark.parametrize("judged", [judge("example.net"), judge("example.net", ("hostname",)), judge("com.example.net"), judge("le.com")])
def test_a_server_that_dns_alone_names_gets_nothing(judged: SessionJudge) -> None:
    """Its certificate is right for its own name, which is what everybody has for a server of their own."""
    seen = login(MailProtocol.IMAP, "PLAIN", judge=judged)
    assert seen.note.outcome is LoginOutcome.WITHHELD and b"AUTHENTICATE" not in seen.sent
    assert seen.note.reason is not None and f"{NAME} is not in" in seen.note.reason and "match" in seen.note.reason
