# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail services of this machine, each probed by its protocol, as a mail client on the machine itself meets them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Ask, noting
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.conductor import MailboxRun, WayOf
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.lint import worst
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.own_lint import own_lint
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.own_listeners import OwnListener, lmtp_sockets, own_listeners
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.recognition import Ears, recognise
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.result import MailboxEndpoint, MailboxResult
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.targets import MailTarget
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.way import ServiceAddress, Way
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate
from ansible_collections.mailops.tls.plugins.module_utils._probe.host_addresses import HostLookup, host_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._sockets.reading import Listening


@dataclass(frozen=True)
class OwnHost:
    """This machine by its name: what DNS says of it, where that was asked.

    Attributes:
        name: the name.
        canonical_name: the same after aliases.
        secure: whether its address records are validated.
        failure: why nothing is known of them. Going on without TLSA records would be a weaker check than asked for.
        warnings: what the user has to be told.
        ad_untrusted: whether something came with AD from a resolver whose AD does not count.
        without_ad: the nameservers of the answers that are not validated.
    """

    name: str
    canonical_name: str
    secure: bool = False
    failure: Failure | None = None
    warnings: tuple[str, ...] = ()
    ad_untrusted: bool = False
    without_ad: frozenset[str] = frozenset()

    @classmethod
    def not_found(cls, name: str) -> OwnHost:
        """Return a machine whose name could not be looked up in time."""
        failure = Failure(ErrorKind.DNS_ERROR, CommonPhase.DNS, f"{name}: no answer from DNS within the deadline")
        return cls(name, name, failure=failure)


async def own_host(name: str, ask: Ask | None) -> OwnHost:
    """Look the name of this machine up; without *ask* nothing is asked of DNS. That it has no address there is no failure."""
    if ask is None:
        return OwnHost(name, name)
    without_ad: set[str] = set()
    found = await host_addresses(name, noting(ask, without_ad), (HostLookup.DNS,), native_addresses)
    failed = found.failure if found.failure is not None and found.failure.kind is not ErrorKind.DNS_NOT_FOUND else None
    canonical_name = found.addresses[0].canonical_name if found.addresses else name
    secure = bool(found.addresses) and all(one.secure for one in found.addresses)
    return OwnHost(name, canonical_name, secure, failed, found.warnings, found.ad_untrusted, frozenset(without_ad))


@dataclass(frozen=True)
class OwnServices:
    """What listens, and what was found there; `listening` is None where nobody has looked, `result` where nothing was asked."""

    listening: Listening | None = None
    listeners: tuple[OwnListener, ...] = ()
    result: MailboxResult | None = None

    @property
    def endpoints(self) -> tuple[MailboxEndpoint, ...]:
        """The endpoints, one for each listener that has a service."""
        return self.result.endpoints if self.result else ()

    def as_facts(self, detail: Detail, now: datetime) -> dict[str, Any]:
        """Return the keys of the fact that tell of listeners."""
        if self.listening is None:
            return dict.fromkeys(("listeners", "lmtp_sockets", "listeners_seen", "worst", "lint"))
        endpoints = iter(self.endpoints)
        found = own_lint(self.result, self.listeners, now) if self.result else []
        items = []
        for listener in self.listeners:
            endpoint = next(endpoints, None) if listener.service else None
            items.append({**listener.as_facts(), "endpoint": endpoint.as_facts(detail) if endpoint else None})
        return {
            "listeners": items,
            "lmtp_sockets": lmtp_sockets(self.listening),
            "listeners_seen": _seen(self.listening, self.listeners),
            "worst": worst(found) if self.result else None,
            "lint": [one.as_facts() for one in found] if self.result else None,
        }


def _seen(listening: Listening, listeners: Sequence[OwnListener]) -> dict[str, Any]:
    """How much of the machine could be seen. With hidepid(5) processes of others are not even there."""
    failure = listening.failure
    nobody = any(not listener.processes for listener in listeners)
    hidden = "some processes may not be looked into: become root to see every process that listens"
    alone = "some sockets are held by no process that can be seen: it may be of another user, or of a container"
    text = failure or (hidden if listening.hidden else alone if nobody else None)
    return {"sockets": failure is None, "processes": text is None, "text": text}


async def probe_own(
    listening: Listening, host: OwnHost, run_on: Callable[[WayOf], MailboxRun], ears: Ears, ehlo_name: str
) -> OwnServices:
    """Find out what the mail services of this machine speak, and probe each.

    Args:
        listening: what listens.
        host: this machine.
        run_on: makes the run that goes to the endpoints that it is handed.
        ears: what to wait for greetings with.
        ehlo_name: our name.
    """

    async def service(one: OwnListener) -> OwnListener:
        if one.service is not None:
            return one
        target = Target(one.address, one.socket.port)
        return one.recognised(await recognise(ears, target, ehlo_name, host.name, handshake=one.mail_process is True))

    listeners = tuple(await asyncio.gather(*(service(one) for one in own_listeners(listening))))

    async def way_of(target: MailTarget) -> Way:
        return _way(listeners, host)

    result = await run_on(way_of).result_of(MailTarget(host.name, host.name))
    return OwnServices(listening, listeners, result)


def _way(listeners: Sequence[OwnListener], host: OwnHost) -> Way:
    """Return the way to the services: this machine's own addresses, and what DNS says of its name."""
    found = tuple(
        ServiceAddress(
            one.service,
            Candidate(host.name, host.canonical_name, one.address, one.socket.port, secure=host.secure),
            failure=host.failure,
        )
        for one in listeners
        if one.service is not None
    )
    return Way(found, warnings=host.warnings, ad_untrusted=host.ad_untrusted, without_ad=host.without_ad)
