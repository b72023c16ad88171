# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to authoritative servers: one server, one question, one reply read (RFC 1034 section 4.3.1, recursion not desired).

Politely and within limits: so many questions at a time altogether and at one address, UDP first and then TCP (also for a server
that limits its UDP replies), and a server that said nothing to both is not asked again in the same run.
"""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative_reply import (
    AuthoritativeReply,
    read_authoritative_reply,
)
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.sections import MalformedReply
from ansible_collections.mailops.tls.plugins.module_utils._dns.transport import Exchanger, TransportError, has_route
from ansible_collections.mailops.tls.plugins.module_utils._dns.wire import InvalidQuestion, Question

PER_ADDRESS = 4
"""Questions on their way to one address at a time."""


class NoReply(Exception):
    """An authoritative server said nothing that can be used; the text says why, for people."""


class NoRoute(NoReply):
    """A server was not asked, since this machine has no route to its address. It may answer everybody else."""


class AuthoritativeExchange:
    """Asks authoritative servers; belongs to the event loop it is made in."""

    def __init__(self, timeout: float, concurrency: int, routed: Callable[[str], bool] = has_route) -> None:
        """Take the seconds that UDP and TCP may take each, how many questions may be on their way, and what knows routes."""
        self._routed = routed
        self._exchanger = Exchanger(timeout)
        self._slots = asyncio.Semaphore(concurrency)
        self._lanes: dict[str, asyncio.Semaphore] = {}
        self._silent: dict[Nameserver, str] = {}

    async def ask(self, server: Nameserver, name: str, rdtype: str) -> AuthoritativeReply:
        """Return what *server* replies about *name*.

        Raises:
            NoReply: when that is nothing, or no DNS message.
        """
        try:
            question = Question(name, rdtype, True, recursive=False)
        except InvalidQuestion as error:
            raise NoReply(str(error)) from error
        if not _is_one_host(server.address):
            raise NoReply(f"{server.address} is not the address of one host")
        if not self._routed(server.address):
            raise NoRoute(f"not asked: this machine has no route to {server.address}")
        lane = self._lanes.setdefault(server.address, asyncio.Semaphore(PER_ADDRESS))
        async with lane, self._slots:
            if server in self._silent:
                raise NoReply(self._silent[server])
            wire = await self._exchange(server, question)
        try:
            return read_authoritative_reply(wire, question)
        except MalformedReply as error:
            raise NoReply(f"malformed reply ({error})") from error

    async def _exchange(self, server: Nameserver, question: Question) -> bytes:
        errors: dict[str, None] = {}
        for tcp in (False, True):
            try:
                return await self._exchanger.exchange(server, question, tcp=tcp)
            except TransportError as error:
                errors[f"{error} by {'TCP' if tcp else 'UDP'}"] = None
        text = self._silent[server] = "; ".join(errors)
        raise NoReply(text)


def _is_one_host(text: str) -> bool:
    address = ipaddress.ip_address(text)
    return not (address.is_unspecified or address.is_multicast or text == "255.255.255.255")
