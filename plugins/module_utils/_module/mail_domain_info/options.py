# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's options as one checked value. Every mistake is found here, before anything is asked."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import (
    dane,
    dkim,
    dmarc,
    dns,
    mail_dns,
    mailbox,
    mta_sts,
    setup,
    smtp,
    spf,
    x509,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver, parse_nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.settings import DnsSettings, dns_settings
from ansible_collections.mailops.tls.plugins.module_utils._domain.settings import Check, DmarcDiscovery, DomainSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.domains import check_domains, dns_name
from ansible_collections.mailops.tls.plugins.module_utils._module.options import seconds
from ansible_collections.mailops.tls.plugins.module_utils._module.probe_options import check_files, ehlo_name, resumes, turns
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_options import StreamOptions, progress_path, stream_options
from ansible_collections.mailops.tls.plugins.module_utils._module.streamed_subjects import given_texts
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import AddressFamily
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._results.domain_expect import DomainExpectation, parse_domain_expectation
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import ProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters

WRITTEN = ("results_file", "progress_file")
_SUBJECTS = (dane, dkim, dmarc, dns, mail_dns, mailbox, mta_sts, setup, smtp, spf, x509)
"""Those of the catalogue that a look at a domain can find."""
_LARGEST_DOCUMENT = 16 * 1024 * 1024


@dataclass(frozen=True)
class DomainOptions:
    """Everything a task says. `texts` are the domains as given in a list; else they are in `domains_file`."""

    stream: StreamOptions
    texts: tuple[str, ...] = ()
    domains_file: str | None = None
    settings: DomainSettings = DomainSettings()
    turns: ProberSettings = ProberSettings()
    tls: TlsParameters = TlsParameters()
    dns: DnsSettings = DnsSettings()
    results_file: str | None = None
    resume: bool = False
    detail: Detail = Detail()
    expect: DomainExpectation | None = None


def domain_options(params: Mapping[str, Any]) -> DomainOptions:
    """Turn the parameters of `mail_domain_info` into options.

    Raises:
        OptionError: for the first value that cannot be used.
    """
    check_files({**params, "progress_file": progress_path(params)}, WRITTEN)
    texts = given_texts(params, "domains", check_domains)
    settings = _settings(params)
    return DomainOptions(
        stream=stream_options(params),
        texts=texts,
        domains_file=params["domains_file"],
        settings=settings,
        turns=turns(params),
        tls=TlsParameters(ca_file=params["ca_file"], ca_path=params["ca_path"], system_ca=params["system_ca"]),
        dns=dns_settings(params["nameservers"], params["trust_ad"]),
        results_file=params["results_file"],
        resume=resumes(params),
        detail=Detail(params["include_pem"], params["transcript"]),
        expect=_expectation(params["expect"], settings),
    )


def _settings(params: Mapping[str, Any]) -> DomainSettings:
    if not params["checks"]:
        raise OptionError("checks", [], "names nothing to look at")
    checks = frozenset(Check(name) for name in params["checks"])
    if params["dnsbl"] and "dnsbl" not in params["checks"]:
        checks |= {Check.DNSBL}
    if Check.DNSBL in checks and not params["dnsbl"]:
        raise OptionError("dnsbl", None, "is needed for the check dnsbl: name the zones of block lists to ask")
    dialogue = SmtpSettings(ehlo_name(params["ehlo_name"]), transcript=params["transcript"])
    return DomainSettings(
        checks=checks,
        selectors=tuple(_selector(text) for text in params["dkim_selectors"] or ()),
        dkim_expected=_expected_keys(params["dkim_expected"] or {}),
        blocklists=tuple(dns_name("dnsbl", text) for text in params["dnsbl"] or ()),
        sending_addresses=tuple(_address(text) for text in params["sending_addresses"] or ()),
        compared=tuple(_nameserver(text) for text in params["compare_nameservers"] or ()),
        expected_down=frozenset(dns_name("expected_down", text) for text in params["expected_down"] or ()),
        probe_announced=params["probe_announced"],
        dmarc_discovery=DmarcDiscovery(params["dmarc_discovery"]),
        http_seconds=seconds(params["http_timeout"], "http_timeout"),
        document_limit=_limit(params["document_limit"]),
        private_allowed=params["allow_private_addresses"],
        mailbox=_mailbox(params["mailbox_example"]),
        ignored=_ignored(params["ignore"] or ()),
        smtp=ProbeSettings(dialogue=dialogue, address_family=AddressFamily(params["address_family"])),
    )


def _selector(text: str, option: str = "dkim_selectors") -> tuple[str, str | None]:
    """Read `selector` or `selector@domain`; a selector can have dots (RFC 6376 section 3.1)."""
    selector, _at, domain = text.strip().partition("@")
    if _at and not domain:
        raise OptionError(option, text, "has no domain behind the @")
    return dns_name(option, selector, text), dns_name(option, domain, text) if domain else None


def _expected_keys(given: Mapping[str, Any]) -> dict[str, str]:
    keys = {}
    for name, record in given.items():
        selector, domain = _selector(str(name), "dkim_expected")
        if not isinstance(record, str) or not record.strip():
            raise OptionError("dkim_expected", {name: record}, "is not the text of a record")
        keys[f"{selector}@{domain}" if domain else selector] = record
    return keys


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        raise OptionError("sending_addresses", text, "is not an IPv4 or IPv6 address") from None


def _nameserver(text: str) -> Nameserver:
    try:
        return parse_nameserver(text)
    except OptionError as error:
        raise OptionError("compare_nameservers", text, error.reason) from error


def _limit(number: int) -> int:
    if not 1024 <= number <= _LARGEST_DOCUMENT:
        raise OptionError("document_limit", number, f"is not a number of bytes from 1024 to {_LARGEST_DOCUMENT}")
    return number


def _mailbox(text: str | None) -> str | None:
    if text is not None and (text.count("@") != 1 or not all(text.split("@")) or clean(text, 320) != text or " " in text):
        raise OptionError("mailbox_example", text, "is not a mail address, as in postmaster@example.org")
    return text


def _ignored(names: Sequence[str]) -> frozenset[str]:
    known = {kind.id for subject in _SUBJECTS for kind in vars(subject).values() if isinstance(kind, FindingKind)}
    for name in names:
        if name not in known:
            raise OptionError("ignore", name, "is no finding of this collection; the page of findings lists them")
    return frozenset(names)


def _expectation(value: Mapping[str, Any] | None, settings: DomainSettings) -> DomainExpectation | None:
    if value is None:
        return None
    expectation = parse_domain_expectation(value)
    missing = sorted(expectation.parts - {check.value for check in settings.checks})
    if missing:
        raise OptionError("expect", missing[0], "is expected, but checks leaves it out")
    return expectation
