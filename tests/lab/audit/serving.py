# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The resolver and all mail servers of the network, in one process. At SIGUSR1 the second day begins, also a second time."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import ssl
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from ..authorities import Identity, Pki
from ..embedded.mailserver import IDLE_SECONDS, NoMailbox
from ..embedded.nameserver import Datagrams, Zone, Zones, serve_stream
from ..keys import key_pem
from .world import RESOLVER, Day, Service, World

GREETINGS = 8
"""Greetings that a machine gets while they are held back: for four destinations at two exchanges each, of which two are written."""


class LivingZones(Zones):
    """Zones that can be exchanged."""

    def __init__(self) -> None:
        super().__init__([])

    def become(self, day: Day) -> None:
        """Have the zones of a day."""
        zones = [Zone.parse(name, text, day.signed[name]) for name, text in day.zones.items()]
        self._zones = sorted(zones, key=lambda zone: len(zone.origin), reverse=True)


class Contexts:
    """TLS contexts, one for each identity and protocol. Python's ssl reads keys from files only."""

    def __init__(self, pki: Pki) -> None:
        self._issuers = b"".join(pki.authorities[name].pem for name in ("inter",))
        self._known: dict[tuple[int, str], ssl.SSLContext] = {}

    def of(self, service: Service) -> ssl.SSLContext | None:
        """Return that of a server; None for one without TLS."""
        if service.identity is None:
            return None
        key = (id(service.identity), service.protocol)
        if key not in self._known:
            self._known[key] = self._make(service.identity, service.protocol)
        return self._known[key]

    def _make(self, identity: Identity, protocol: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if protocol == "TLSv1.2":
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        with tempfile.NamedTemporaryFile(prefix="mailops-audit-", suffix=".pem") as file:
            file.write(key_pem(identity.key) + identity.pem + self._issuers)
            file.flush()
            context.load_cert_chain(file.name)
        return context


class Network:
    """All mail servers by address, as they are today."""

    def __init__(self, world: World, folder: Path, delay: float) -> None:
        self._contexts = Contexts(world.pki)
        self._hold, self._delay = folder / "hold", delay
        self._connections = os.open(folder / "connections", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._greeted: Counter[str] = Counter()
        self._services: dict[str, Service] = {}
        self._flapped: set[str] = set()

    def become(self, day: Day) -> None:
        """Have the servers of a day."""
        self._services = day.services
        self._flapped.clear()

    def note(self, address: str) -> None:
        """Write down that somebody has connected."""
        os.write(self._connections, f"{address}\n".encode("ascii"))

    def at(self, address: str) -> tuple[Service, ssl.SSLContext | None] | None:
        """Return the server that answers there; None where nobody does."""
        service = self._services.get(address)
        if service is None or service.down:
            return None
        if service.flaps and address not in self._flapped:
            self._flapped.add(address)
            return None
        return service, self._contexts.of(service)

    async def turn(self, client: str) -> None:
        """Wait until a client may be greeted: while the file `hold` is there, each machine gets so few greetings and no more."""
        if not self._hold.exists():
            self._greeted.clear()
        self._greeted[client] += 1
        await asyncio.sleep(self._delay)
        while self._greeted[client] > GREETINGS and self._hold.exists():
            await asyncio.sleep(0.05)


class MailServer(SMTP):
    """One connection. Which server it is hangs on the address."""

    def __init__(self, network: Network) -> None:
        super().__init__(NoMailbox(), ident="ESMTP audit", timeout=IDLE_SECONDS, loop=asyncio.get_running_loop())
        self._network = network

    def connection_made(self, transport: Any) -> None:
        """Become the server of the address, or hang up."""
        address = transport.get_extra_info("sockname")[0]
        self._network.note(address)
        found = self._network.at(address)
        if found is None:
            transport.abort()
            return
        service, self.tls_context = found
        self.hostname, self._client = service.host, transport.get_extra_info("peername")[0]
        super().connection_made(transport)

    async def _handle_client(self) -> None:
        await self._network.turn(self._client)
        await super()._handle_client()


async def serve(folder: Path, size: int, each: int, delay: float) -> None:
    """Serve until the end is asked for; the file `ready` says that all of it answers."""
    world = World(size, each)
    network, zones = Network(world, folder, delay), LivingZones()

    def begin(number: int) -> None:
        day = world.day(number)
        network.become(day)
        zones.become(day)
        (folder / "domains").write_text("\n".join(("# all of them", *day.domains, "")), encoding="ascii")
        (folder / "ready").write_text(str(number), encoding="ascii")

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, begin, 2)
    (folder / "ca.pem").write_bytes(world.pki.authorities["root"].pem)
    await loop.create_datagram_endpoint(partial(Datagrams, zones), local_addr=(RESOLVER, 53))
    await asyncio.start_server(partial(serve_stream, zones), RESOLVER, 53)
    await loop.create_server(partial(MailServer, network), "0.0.0.0", 25, backlog=1000)
    begin(1)
    await stop.wait()


def run(folder: Path, size: int, each: int, delay: float) -> None:
    """Serve; what a probe does on purpose is no news here."""
    for name in ("mail", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    asyncio.run(serve(folder, size, each, delay))
