# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reverse names of addresses, and whether they lead back (RFC 8601 section 2.7.3, iprev)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import mail_dns as catalogue
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._domain.noticed import Noticed
from ansible_collections.mailops.tls.plugins.module_utils._domain.record_status import dns_failure
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._text import inert

MOST_NAMES = 10
"""Most names of an address that are followed, as SPF has it too."""


@dataclass(frozen=True)
class ReverseNames:
    """The PTR names of an address. `confirmed` is whether one of them leads back to it; None where nobody could be asked."""

    address: str
    names: tuple[str, ...] = ()
    confirmed: bool | None = None
    failure: Failure | None = None

    def as_facts(self) -> dict[str, Any]:
        """Return the item of `addresses`."""
        names = None if self.failure is not None and not self.names else [inert(name, 300) for name in self.names]
        return {"address": self.address, "ptr": names, "fcrdns": self.confirmed}


async def look_up_reverse(address: str, ask: Ask) -> ReverseNames:
    """Return the names of an address.

    Raises:
        ValueError: when it is none.
    """
    wanted = ip_address(address)
    answer = await ask(wanted.reverse_pointer, "PTR", True)
    if answer.outcome is Outcome.ERROR:
        return ReverseNames(address, failure=dns_failure(answer))
    names = tuple(dict.fromkeys(record for record in answer.records if isinstance(record, str)))
    rdtype, failure = "A" if wanted.version == 4 else "AAAA", None
    for name in names[:MOST_NAMES]:
        forward = await ask(name, rdtype, True)
        if any(isinstance(record, str) and ip_address(record) == wanted for record in forward.records):
            return ReverseNames(address, names, True)
        if forward.outcome is Outcome.ERROR:
            failure = failure or dns_failure(forward)
    return ReverseNames(address, names, False if failure is None else None, failure)


def lint_reverse(reverse: ReverseNames) -> tuple[Finding, ...]:
    """Return what is wrong with the names of an address that sends mail."""
    noticed = Noticed()
    if not reverse.names and reverse.failure is None:
        noticed.add(catalogue.PTR_MISSING, reverse.address, f"{reverse.address} has no name")
    elif reverse.confirmed is False:
        noticed.add(catalogue.PTR_NOT_CONFIRMED, reverse.address, f"{', '.join(reverse.names[:5])} does not lead to {reverse.address}")
    return noticed.findings()


async def lint_greeting(reverse: ReverseNames, name: str, ask: Ask) -> tuple[Finding, ...]:
    """Return what is wrong with the name that a server gives itself in its greeting or EHLO.

    It is right when it is one of the names of the address and leads to it. Nothing is said where somebody could not be asked, and nothing
    of an address without names, which is a finding of its own.
    """
    noticed = Noticed()
    shown, wanted = name[:-1] if name.endswith(".") else name, ip_address(reverse.address)
    rdtype = "A" if wanted.version == 4 else "AAAA"
    if shown.startswith("[") or not shown:
        return ()
    forward = await ask(shown, rdtype, True)
    if forward.outcome is Outcome.ERROR or reverse.failure is not None:
        return ()
    leads = any(isinstance(record, str) and ip_address(record) == wanted for record in forward.records)
    if not leads:
        noticed.add(catalogue.PTR_HELO_MISMATCH, reverse.address, f"{shown} does not lead to {reverse.address}")
    elif reverse.names and shown.lower() not in {one.lower() for one in reverse.names}:
        names = ", ".join(reverse.names[:5])
        noticed.add(catalogue.PTR_HELO_MISMATCH, reverse.address, f"it calls itself {shown}; the names of {reverse.address} are: {names}")
    return noticed.findings()
