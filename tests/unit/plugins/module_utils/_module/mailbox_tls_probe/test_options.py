# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every mistake in an option is an error that names the option and the value, before anything is probed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.settings import MailboxProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_targets import InvalidTarget, Read
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_options import MailboxOptions
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.arguments import mailbox_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.options import mailbox_options
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail

DIGEST = "AB:" * 31 + "cd"


def options(**changes: Any) -> MailboxOptions:
    """Return the options of a task with these parameters, all others as the argument specification leaves them."""
    params: dict[str, Any] = {name: spec.get("default") for name, spec in mailbox_arguments().items()}
    assert set(changes) <= set(params)
    return mailbox_options({**params, "hosts": ["mail.example.org"], "ehlo_name": "probe.test", **changes})


def read(made: MailboxOptions) -> list[Read]:
    """Return what a run over the targets of these options is about."""
    with made.targets.subjects() as subjects:
        return [made.targets.read(text) for text in subjects.texts]


def test_the_defaults_are_those_of_a_mail_client() -> None:
    made = options()
    assert made.settings == MailboxProbeSettings(ehlo_name="probe.test")
    assert made.settings.security_level is SecurityLevel.VERIFY and made.tls.system_ca is True
    assert read(made) == [MailTarget("mail.example.org", "mail.example.org")]
    assert (made.detail, made.expect, made.results_file, made.resume, made.warnings) == (Detail(), None, None, False, ())


def test_what_is_given_arrives() -> None:
    made = options(
        hosts=["[2001:db8::1]:1993"],
        domains=["me@example.net"],
        services=["imaps", "imaps"],
        ports="all",
        security_level="fingerprint",
        match=[DIGEST],
        strict=True,
        injection_test=True,
        transcript=True,
        address_family="ipv6",
        sni="imap.example.org",
        expect={"port_state": "open", "auth_mechanisms": {"after_tls": ["PLAIN"]}, "min_days_left": 3},
        results_file="out",
        resume=True,
    )
    assert read(made) == [
        MailTarget("[2001:db8::1]:1993", "2001:db8::1", 1993),
        MailTarget("me@example.net", "example.net", by_srv=True),
    ]
    settings = made.settings
    assert (settings.services, settings.all_ports, settings.strict) == ((MailService.IMAPS,), True, True)
    assert (settings.injection_test, settings.transcript, settings.sni) == (True, True, "imap.example.org")
    assert (settings.fingerprints, settings.match) == ((bytes.fromhex("ab" * 31 + "cd"),), ())
    assert made.expect is not None and made.resume


@pytest.mark.parametrize(
    ("changes", "option", "reason"),
    [
        ({"hosts": None}, "hosts", "names nothing to probe"),
        ({"hosts": ["https://mail.example.org"]}, "hosts", "is no host"),
        ({"hosts": ["mail.example.org:0"]}, "hosts", "no port from 1 to 65535"),
        ({"hosts": ["mail.example.org:2525"]}, "hosts", "name exactly one service for port 2525"),
        ({"hosts": ["mail.example.org:993"], "services": ["imap", "pop3"]}, "hosts", "name exactly one service for port 993"),
        ({"hosts": ["mail.example.org:2525", "b.example.org"]}, "hosts", "name exactly one service for port 2525"),
        ({"hosts": None, "domains": ["192.0.2.1"]}, "domains", "has no SRV records"),
        ({"hosts": None, "domains": ["example.org"], "services": ["smtp", "lmtp"]}, "services", "announce by SRV records"),
        ({"services": []}, "services", "names no service"),
        ({"security_level": "fingerprint"}, "match", "at least one fingerprint"),
        ({"sni": "not a name"}, "sni", "is not a host name"),
        ({"ehlo_name": "not a name"}, "ehlo_name", "is not a host name"),
        ({"resume": True}, "resume", "needs results_file"),
        ({"return": "summary"}, "return", "needs results_file"),
        ({"run_id": "a b"}, "run_id", "is not a name"),
        ({"hosts_file": "list"}, "hosts_file", "cannot be given beside hosts"),
        ({"hosts": None, "hosts_file": "list", "results_file": "list"}, "results_file", "is the file of hosts_file as well"),
        ({"domains_file": "list.progress", "results_file": "list"}, "progress_file", "is the file of domains_file as well"),
        ({"results_file": "a", "trace_file": "a"}, "trace_file", "is the file of results_file as well"),
        ({"expect": {"server_name": "x"}}, "expect", "known are: address, apop, auth_mechanisms"),
        ({"expect": {"password_login": {"later": True}}}, "expect", "known are: before_tls, after_tls"),
        ({"expect": {}}, "expect", "expects nothing"),
        ({"concurrency": 0}, "concurrency", "is not a number from 1"),
        ({"deadline": 0}, "deadline", "seconds"),
        ({"tls_protocols": "TLSv9"}, "tls_protocols", ""),
    ],
)
def test_a_mistake_names_its_option(changes: dict[str, Any], option: str, reason: str) -> None:
    with pytest.raises(OptionError) as caught:
        options(**changes)
    assert caught.value.option == option and reason in str(caught.value)


@pytest.mark.parametrize(("services", "port"), [(["imap"], 2525), (["imap", "imaps"], 993), (["imap"], 993)])
def test_a_port_that_has_one_meaning(services: list[str], port: int) -> None:
    assert read(options(hosts=[f"mail.example.org:{port}"], services=services)) == [
        MailTarget(f"mail.example.org:{port}", "mail.example.org", port)
    ]


def test_one_bad_of_several_is_a_result() -> None:
    good, bad, domain = read(options(hosts=["a.example.org", "b\x1b[31m..org"], domains=["@"]))
    assert isinstance(good, MailTarget) and isinstance(bad, InvalidTarget) and isinstance(domain, InvalidTarget)
    assert (bad.by_srv, domain.by_srv, bad.failure.kind.value) == (False, True, "invalid_destination")
    assert bad.failure.text.isprintable()


def test_a_match_without_effect_is_told() -> None:
    assert options(security_level="encrypt", match=["a.example.org"]).warnings == (
        "security_level encrypt does not match certificates: the match arguments have no effect",
    )
