# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses of one host: Postfix's `addr_one`, with the DNSSEC status of each address record.

A and AAAA are asked together. What was found counts, even when the other family failed (that is a warning); a failure
counts when nothing was found, and is never taken for "no address".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Ask, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._text import clean


class HostLookup(str, Enum):
    """How a host's addresses are looked up: in DNS, or (after DNS has none) as the system does, hosts(5) included."""

    DNS = "dns"
    NATIVE = "native"


NativeAddresses = Callable[[str], Awaitable[Sequence[str]]]
"""The system's addresses of a host, empty when it has none; OSError when it cannot tell. Real: `_probe/services.py`."""


@dataclass(frozen=True)
class HostAddress:
    """One address of a host; `secure` when its record and all aliases on the way to it were validated."""

    address: str
    canonical_name: str
    secure: bool


@dataclass(frozen=True)
class HostAddresses:
    """All addresses of a host, A before AAAA, or the `failure` when there are none."""

    addresses: tuple[HostAddress, ...] = ()
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
    ad_untrusted: bool = False


async def host_addresses(
    host: str,
    ask: Ask,
    methods: Collection[HostLookup],
    native_addresses: NativeAddresses,
    want_dnssec: bool = True,
) -> HostAddresses:
    """Return the addresses of *host*, a host name or an address literal (which is its own, never validated, address)."""
    literal = normalized_address(host)
    if literal is not None:
        return HostAddresses((HostAddress(literal, host, False),))
    found = HostAddresses()
    if HostLookup.DNS in methods:
        answers = await _both(ask, host, want_dnssec)
        found = _from_answers(host, answers)
        if found.addresses or (found.failure is not None and found.failure.kind is ErrorKind.DNS_ERROR):
            return found
    if HostLookup.NATIVE in methods:
        native = await system_addresses(host, native_addresses)
        return replace(native, warnings=found.warnings, ad_untrusted=found.ad_untrusted)
    return found


async def _both(ask: Ask, host: str, want_dnssec: bool) -> tuple[Answer, Answer]:
    """Ask for A and AAAA at the same time."""
    other = asyncio.ensure_future(ask(host, "AAAA", want_dnssec))
    try:
        return await ask(host, "A", want_dnssec), await other
    finally:
        other.cancel()  # where the first one was


def _from_answers(host: str, answers: Sequence[Answer]) -> HostAddresses:
    addresses = tuple(
        HostAddress(record, answer.canonical_name, answer.secure)
        for answer in answers
        for record in answer.records
        if isinstance(record, str)
    )
    warnings = [answer.warning for answer in answers if answer.warning is not None]
    failure = None
    errors = [answer for answer in answers if answer.outcome is Outcome.ERROR]
    if addresses:
        warnings += [f"the other addresses are used: {name_service_error(answer)}" for answer in errors]
    elif errors:
        failure = Failure(ErrorKind.DNS_ERROR, CommonPhase.DNS, name_service_error(errors[0]))
    else:
        # The last type asked is the one reported, as Postfix does.
        failure = not_found(answers[-1])
    return HostAddresses(addresses, failure, tuple(warnings), any(answer.ad_untrusted for answer in answers))


async def system_addresses(host: str, native_addresses: NativeAddresses) -> HostAddresses:
    """Return the addresses that the system has for a host name, hosts(5) included; DNS is not asked by us."""
    try:
        found = await native_addresses(host)
    except OSError as error:
        text = f"unable to look up host {host}: {clean(error.strerror or str(error), 200)}"
        return HostAddresses(failure=Failure(ErrorKind.DNS_ERROR, CommonPhase.DNS, text))
    if not found:
        text = f"unable to look up host {host}: no address associated with this name"
        return HostAddresses(failure=Failure(ErrorKind.DNS_NOT_FOUND, CommonPhase.DNS, text))
    return HostAddresses(tuple(HostAddress(address, host, False) for address in found))


def name_service_error(answer: Answer) -> str:
    """Return Postfix's line about an ERROR answer, with our resolver's reason."""
    return f"Name service error for name={clean(answer.name)} type={answer.rdtype}: {answer.error or 'no answer'}"


def not_found(answer: Answer) -> Failure:
    """Return the failure of a name without records of the type asked last."""
    text = "Host or domain name not found. Name service error for name=%s type=%s: Host not found"
    return Failure(ErrorKind.DNS_NOT_FOUND, CommonPhase.DNS, text % (clean(answer.name), answer.rdtype))
