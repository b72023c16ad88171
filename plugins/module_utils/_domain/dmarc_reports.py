# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where DMARC reports go, and whether they arrive there: consent of foreign domains, and whether they take mail (RFC 9990 section 4)."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask, MxRecord, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._domain.dmarc_record import DmarcUri, is_dmarc, read_dmarc
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import texts
from ansible_collections.mailops.tls.plugins.module_utils._domain.spf_macro import is_askable
from ansible_collections.mailops.tls.plugins.module_utils._text import inert

Organizational = Callable[[str], Awaitable["str | None"]]
"""Finds the organisational domain of a name; None where nobody knows."""


@dataclass(frozen=True)
class ReportAddress:
    """An address for reports. What is None could not be learnt, or means nothing for it.

    `external` is whether its domain is another organisation's, `authorized` whether that one agreed, `accepts_mail` whether it
    takes mail.
    """

    uri: DmarcUri
    external: bool | None = None
    authorized: bool | None = None
    accepts_mail: bool | None = None

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `rua` and `ruf`."""
        uri = self.uri
        return {
            "uri": inert(uri.uri, 500),
            "scheme": uri.scheme,
            "address": None if uri.address is None else inert(uri.address, 500),
            "domain": uri.domain,
            "external": self.external,
            "authorized": self.authorized,
            "accepts_mail": self.accepts_mail,
        }


def consent_owner(location: str, host: str) -> str:
    """Return the name at which a host agrees to reports about the domain that has the record."""
    return f"{location}._report._dmarc.{host}"


async def look_up_address(uri: DmarcUri, location: str, own: str | None, ask: Ask, organizational: Organizational) -> ReportAddress:
    """Return what becomes of reports to an address.

    Args:
        uri: the address.
        location: the domain that has the record.
        own: the organisational domain of that one, None where nobody knows.
        ask: how DNS is asked.
        organizational: finds the organisational domain of the address's host.
    """
    host = uri.domain
    if host is None:
        return ReportAddress(uri)
    external = await _is_external(host, location, own, organizational)
    accepts = await _accepts_mail(host, ask) if uri.scheme == "mailto" else None
    authorized = await _is_authorized(host, location, ask) if external else True if external is False else None
    return ReportAddress(uri, external, authorized, accepts)


async def _is_external(host: str, location: str, own: str | None, organizational: Organizational) -> bool | None:
    if host in (location, own):
        return False
    theirs = await organizational(host) if own is not None else None
    return None if theirs is None else theirs != own


async def _is_authorized(host: str, location: str, ask: Ask) -> bool | None:
    """Return whether a host agreed: a TXT record of DMARC's version, and no other report address than at this host."""
    owner = consent_owner(location, host)
    if not is_askable(owner):
        return False
    answer = await ask(owner, "TXT", True)
    if answer.outcome is Outcome.ERROR:
        return None
    records = [read_dmarc(text) for text in texts(answer) if is_dmarc(text)]
    elsewhere = any(uri.domain not in (None, host) for record in records for uri in record.uris("rua"))
    return bool(records) and not elsewhere


async def _accepts_mail(host: str, ask: Ask) -> bool | None:
    """Return whether a domain takes mail: exchanges that are no null MX, or none and an address (RFC 5321 section 5.1, RFC 7505)."""
    answer = await ask(host, "MX", True)
    if answer.found:
        return any(record.exchange for record in answer.records if isinstance(record, MxRecord))
    if answer.outcome is Outcome.ERROR:
        return None
    outcomes = [(await ask(host, rdtype, True)).outcome for rdtype in ("A", "AAAA")]
    return True if Outcome.FOUND in outcomes else None if Outcome.ERROR in outcomes else False
