# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of each finding on what mail clients are told, as far as it needs no connection, a case that has it and a near one that has not."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import setup
from ansible_collections.mailops.tls.plugins.module_utils._domain.fetching import DocumentState
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.tests.unit.domain_cases.world import FindingCase, Page, Situation, lines, page

PLACE = "https://autoconfig.example.com/mail/config-v1.1.xml?emailaddress=postmaster@example.com"
INSECURE_PLACE = "http://autoconfig.example.com/mail/config-v1.1.xml"
OUTLOOK = "https://example.com/autodiscover/autodiscover.xml"
CONFIG = (
    '<clientConfig version="1.1"><emailProvider id="example.com"><domain>example.com</domain><incomingServer type="imap">'
    "<hostname>mail.example.com</hostname><port>993</port><socketType>SSL</socketType><username>%EMAILADDRESS%</username>"
    "</incomingServer></emailProvider></clientConfig>"
)
_PROTOCOL = "<Protocol><Type>IMAP</Type><Server>mail.example.com</Server><Port>993</Port><SSL>on</SSL></Protocol>"
ANSWER = f'<Autodiscover xmlns="x"><Response><Account>{_PROTOCOL}</Account></Response></Autodiscover>'


def served(url: str, text: str, *more: str) -> Situation:
    """Return a situation in which there is a document."""
    return replace(lines(*more), pages={url: text.encode()})


def _config(kind: FindingKind, old: str, new: str, right: str = CONFIG) -> FindingCase:
    """A document in which something stands in place of what is right."""
    assert old in CONFIG
    return FindingCase(kind, served(PLACE, CONFIG.replace(old, new)), served(PLACE, right))


def _answer(kind: FindingKind, old: str, new: str, right: str = ANSWER) -> FindingCase:
    assert old in ANSWER
    return FindingCase(kind, served(OUTLOOK, ANSWER.replace(old, new)), served(OUTLOOK, right))


def _srv(kind: FindingKind, wrong: str, right: str, *both: str) -> FindingCase:
    return FindingCase(kind, lines(wrong, *both), lines(right, *both))


def _fails(state: DocumentState) -> Situation:
    """Return a domain of which one place gives nothing."""
    failure = Failure(ErrorKind.HTTP_ERROR, CommonPhase.CONNECT, "status 503")
    return replace(lines(), pages={PLACE: page(PLACE, state=state, failure=failure, verified=None)})


def _over_http() -> Situation:
    one: Page = page(INSECURE_PLACE, CONFIG.encode(), verified=None)
    return replace(lines(), pages={INSECURE_PLACE: one})


IMAPS = "_imaps._tcp SRV 0 1 993 mail.example.com"
_MAIL = "mail A 192.0.0.9"
_ALIAS = "mail A>host.example.com 192.0.0.9"
SETUP_CASES = (
    FindingCase(setup.SRV_TARGET_ALIAS, lines(IMAPS, _ALIAS), lines(IMAPS, _MAIL)),
    FindingCase(setup.SRV_TARGET_NO_ADDRESS, lines(IMAPS), lines(IMAPS, "mail A !")),
    _srv(setup.SRV_PORT_UNUSUAL, IMAPS.replace("993", "143"), IMAPS.replace("993", "9993"), _MAIL),
    _srv(
        setup.SRV_UNREGISTERED_NAME,
        "_smtps._tcp SRV 0 1 465 mail.example.com", "_submissions._tcp SRV 0 1 465 mail.example.com", _MAIL,
    ),  # fmt: skip
    FindingCase(
        setup.SRV_NO_IMPLICIT_TLS,
        lines("_imap._tcp SRV 0 1 143 mail.example.com", _MAIL),
        lines("_imap._tcp SRV 0 1 143 mail.example.com", IMAPS, _MAIL),
    ),
    FindingCase(setup.AUTOCONFIG_MISSING, lines(), served(PLACE, CONFIG)),
    FindingCase(setup.AUTOCONFIG_UNREACHABLE, _fails(DocumentState.BROKEN), _fails(DocumentState.ABSENT)),
    FindingCase(setup.AUTOCONFIG_HTTP_ONLY, _over_http(), served(PLACE, CONFIG)),
    _config(setup.AUTOCONFIG_DOCUMENT_INVALID, "</emailProvider>", ""),
    _config(setup.AUTOCONFIG_ENTITY, "<clientConfig", '<!DOCTYPE c [<!ENTITY a "b">]><clientConfig'),
    _config(
        setup.AUTOCONFIG_DOMAIN_NOT_LISTED, "n>example.com", "n>example.net", CONFIG.replace("n>example.com", "n>%EMAILDOMAIN%")
    ),
    _config(setup.AUTOCONFIG_CLEARTEXT_SERVER, "SSL", "plain", CONFIG.replace("SSL", "STARTTLS")),
    _config(
        setup.AUTOCONFIG_SOCKET_TYPE_UNKNOWN, "SSL", "secure", CONFIG.replace("SSL", "ssl")
    ),
    _config(setup.AUTOCONFIG_PLACEHOLDER_UNKNOWN, "%EMAILADDRESS%", "%USER%", CONFIG.replace("%EMAILADDRESS%", "%EMAILLOCALPART%")),
    FindingCase(
        setup.AUTOCONFIG_SOURCES_DIFFER,
        served(PLACE, CONFIG, "_imaps._tcp SRV 0 1 993 other.example.com", "other A 192.0.0.9"),
        served(PLACE, CONFIG, IMAPS, _MAIL),
    ),
    _answer(setup.AUTODISCOVER_INVALID, "<Server>mail.example.com</Server>", ""),
    _answer(setup.AUTODISCOVER_ENCRYPTION_CONFLICT, "993", "143", ANSWER.replace("993", "9993")),
    _answer(setup.AUTODISCOVER_SSL_EMPTY, "<SSL>on", "<SSL>", ANSWER.replace("<SSL>on</SSL>", "")),
)
