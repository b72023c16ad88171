# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves every hostile server of mailboxes and logins and one good one, with the SRV records that lead to them, until standard input ends.

A process of its own, so that what the client needs can be measured apart. Prints one line of JSON: `nameserver` (the port),
`authority` (PEM), `mailboxes` and `logins` (domain -> number in their list), `good`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack

from ansible_collections.mailops.tls.plugins.module_utils._mailbox.services import MailService
from ansible_collections.mailops.tls.tests.hostile import imap_servers, login_servers, pop3_servers, sieve_servers
from ansible_collections.mailops.tls.tests.hostile.mailbox import chain, passes, says
from ansible_collections.mailops.tls.tests.unit.servers.dns_responder import Responder, Scripted
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Script, ScriptedServer

MAILBOXES = (*imap_servers.SERVERS, *pop3_servers.SERVERS, *sieve_servers.SERVERS)
GOOD = "good.test"
_ABSENT = Scripted(rcode="NXDOMAIN")
_GOOD = passes("good", MailService.IMAP, says(*imap_servers.planted()))


def servers() -> Iterator[tuple[str, MailService, Script]]:
    """Yield domain, service and script of each."""
    yield GOOD, _GOOD.service, _GOOD.script
    for number, one in enumerate(MAILBOXES):
        yield f"mailbox{number}.test", one.service, one.script
    for number, login in enumerate(login_servers.SERVERS):
        yield f"login{number}.test", login.service, login.script


def zone(domain: str, service: MailService, port: int) -> dict[tuple[str, str], Scripted]:
    """Return the DNS of a domain that announces one service, at a host of its own on this machine."""
    host = domain.partition(".")[0] + ".example.org"
    owner = f"_{service.value}._tcp.{domain}"
    others = {(f"_{one.value}._tcp.{domain}", "SRV"): _ABSENT for one in MailService}
    return {
        **others,
        (owner, "SRV"): Scripted((f"{owner}. 60 IN SRV 0 0 {port} {host}.",)),
        (host, "A"): Scripted((f"{host}. 60 IN A 127.0.0.1",)),
        (host, "AAAA"): Scripted(),
    }


async def main() -> None:
    """Serve."""
    script: dict[tuple[str, str], Scripted] = {}
    async with AsyncExitStack() as stack:
        for domain, service, behaviour in servers():
            server = await stack.enter_async_context(ScriptedServer(behaviour))
            script.update(zone(domain, service, server.port))
        responder = await stack.enter_async_context(Responder(script))
        print(json.dumps({"nameserver": responder.port, "authority": chain().root.pem.decode()}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
