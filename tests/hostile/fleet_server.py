# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves every hostile server and one good one, with the DNS that leads to them, until standard input ends.

A process of its own, so that what the prober needs can be measured apart. Prints one line of JSON: `nameserver` (the port),
`destinations` (name -> destination), `good`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from contextlib import AsyncExitStack

from ansible_collections.mailops.tls.tests.hostile.servers import SERVERS, good
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Issued
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Script, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import leaf

GOOD = "good.test"
_ABSENT = Scripted(ad=True)


def zone(domain: str, port: int, records: tuple[str, ...]) -> dict[tuple[str, str], Scripted]:
    """Return the DNS of a domain with one exchange on this machine, all of it signed."""
    host = "mx." + domain
    owner = f"_{port}._tcp.{host}"
    return {
        (domain, "MX"): Scripted((f"{domain}. 60 IN MX 10 {host}.",), ad=True),
        (host, "A"): Scripted((f"{host}. 60 IN A 127.0.0.1",), ad=True),
        (host, "AAAA"): _ABSENT,
        (owner, "TLSA"): Scripted(tuple(f"{owner}. 60 IN TLSA {record}" for record in records), ad=True),
    }


def absurd_records(other: Issued) -> tuple[str, ...]:
    """Return records that no server here may be authenticated by."""
    digests = tuple(f"3 1 1 {number:064x}" for number in range(30)) + tuple(f"2 0 2 {number:0128x}" for number in range(10))
    return (*digests, "2 0 0 " + other.der.hex(), "2 1 0 " + other.key.spki.hex(), "3 1 0 " + "30" * 2000, "2 0 0 00", "0 0 1 " + "ab" * 32)


async def main() -> None:
    """Serve."""
    certificate = leaf("ed25519")
    scripts: dict[str, Script] = {f"case{number}.test": one.script for number, one in enumerate(SERVERS)}
    scripts[GOOD] = good(certificate)
    absurd = absurd_records(leaf("rsa"))
    script: dict[tuple[str, str], Scripted] = {}
    destinations = {}
    async with AsyncExitStack() as stack:
        for domain, one in scripts.items():
            server = await stack.enter_async_context(ScriptedServer(one))
            digest = hashlib.sha256(certificate.key.spki).hexdigest()
            script.update(zone(domain, server.port, ("3 1 1 " + digest,) if domain == GOOD else absurd))
            destinations[domain] = f"{domain}:{server.port}"
        responder = await stack.enter_async_context(Responder(script))
        said = {"nameserver": responder.port, "destinations": destinations, "good": destinations[GOOD]}
        print(json.dumps(said), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
