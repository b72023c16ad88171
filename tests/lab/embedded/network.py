# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the embedded network: one resolver and every mail server, in one process, on loopback, until told to stop.

When all of it answers, `lab.json` and `ca.pem` are in the state directory and the line `ready` is on standard
output. It stops at SIGTERM or SIGINT, when its parent process ends, or when standard input is a pipe that closes; then
it removes what it wrote.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import json
import logging
import os
import shutil
import signal
import socket
import stat
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from .imap_server import ImapServer
from .mailserver import mail_server
from .nameserver import Datagrams, serve_stream
from .scenarios import MAILBOXES, PASSWORD, SCENARIOS, USER, MailboxScenario
from .submission import submission_server
from .world import World, build

RESOLVER_ADDRESS = "127.0.0.1"
PREFERRED_PORT, PREFERRED_IMAP_PORT = 2525, 1143
TRIES = 20
PARENT_CHECK_SECONDS = 0.5


class CannotStart(Exception):
    """The network cannot be set up on this machine; the text says why."""


def listen_everywhere(preferred: int, addresses: list[str], silent: set[str]) -> tuple[int, dict[str, socket.socket]]:
    """Return a port that is free on every address, and a socket for each; all but the `silent` ones listen.

    A silent socket is bound only: connecting is refused, and no other program can begin to answer there.
    Raises `CannotStart`.
    """
    for attempt in range(TRIES):
        port = preferred if attempt == 0 else 0
        sockets: dict[str, socket.socket] = {}
        try:
            for address in addresses:
                sockets[address] = _bound(address, port, address not in silent)
                port = sockets[address].getsockname()[1]
            return port, sockets
        except OSError as error:
            for one in sockets.values():
                one.close()
            if error.errno != errno.EADDRINUSE:
                raise CannotStart(f"cannot listen on {address}: {error.strerror}") from error
    raise CannotStart(f"no port is free on all of {addresses[0]} to {addresses[-1]}")


def _bound(address: str, port: int, listening: bool) -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((address, port))
        if listening:
            one.listen(100)
    except OSError:
        one.close()
        raise
    return one


def resolver_sockets() -> tuple[socket.socket, socket.socket]:
    """Return a UDP and a listening TCP socket on one free port of the resolver's address; raises `CannotStart`."""
    for _attempt in range(TRIES):
        stream = _bound(RESOLVER_ADDRESS, 0, True)
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            datagrams.bind(stream.getsockname())
            return datagrams, stream
        except OSError:
            stream.close()
            datagrams.close()
    raise CannotStart(f"no port is free for both UDP and TCP on {RESOLVER_ADDRESS}")


def describe(port: int, imap_port: int, nameserver: str, ca_file: Path) -> dict[str, Any]:
    """Return what `lab.json` says: how to reach the network, and what to expect of each scenario."""
    return {
        "nameserver": nameserver,
        "ca_file": str(ca_file),
        "port": port,
        "scenarios": [
            {
                "name": scenario.name,
                "title": scenario.title,
                "meaning": scenario.meaning,
                "destination": f"{scenario.domain}:{port}",
                "security_level": scenario.security_level,
                "expect": {
                    "status": scenario.status,
                    "satisfied": scenario.satisfied,
                    "errors": list(scenario.errors),
                },
            }
            for scenario in SCENARIOS
        ],
        "username": USER,
        "password": PASSWORD,
        "mailboxes": [_describe_mailbox(scenario, port, imap_port) for scenario in MAILBOXES],
    }


def _describe_mailbox(scenario: MailboxScenario, port: int, imap_port: int) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "title": scenario.title,
        "meaning": scenario.meaning,
        "host": scenario.host,
        "imap_port": imap_port,
        "submission_port": port,
        "recipient": f"{USER}@{scenario.domain}",
        "expect": {"status": scenario.status, "outcome": scenario.outcome, "delivered": scenario.delivered},
    }


async def serve(state: Path) -> None:
    """Serve everything until it is time to stop, with the description in `state`; raises `CannotStart`."""
    stop = asyncio.Event()
    watch_for_the_end(stop)
    exchanges = [exchange for scenario in SCENARIOS for exchange in scenario.exchanges]
    silent = {exchange.address for exchange in exchanges if exchange.served.name == "NOT_LISTENING"}
    boxes = [mailbox.address for mailbox in MAILBOXES]
    port, mail_sockets = listen_everywhere(PREFERRED_PORT, [exchange.address for exchange in exchanges] + boxes, silent)
    imap_port, imap_sockets = listen_everywhere(PREFERRED_IMAP_PORT, boxes, set())
    datagrams, stream = resolver_sockets()
    world = build(SCENARIOS, MAILBOXES, port)
    await _serve_dns(world, datagrams, stream)
    loop = asyncio.get_running_loop()
    for host in world.hosts:
        await loop.create_server(partial(mail_server, host.host, host.context), sock=mail_sockets[host.address])
    for served in world.mailboxes:
        await loop.create_server(partial(submission_server, served), sock=mail_sockets[served.address])
        await loop.create_server(partial(ImapServer, served), sock=imap_sockets[served.address])
    ca_file = state / "ca.pem"
    lab_file = state / "lab.json"
    resolver_address, resolver_port = stream.getsockname()
    nameserver = f"{resolver_address}@{resolver_port}"
    try:
        ca_file.write_text(world.root_pem, encoding="ascii")
        lab_file.write_text(json.dumps(describe(port, imap_port, nameserver, ca_file), indent=2) + "\n", encoding="utf-8")
        print("ready", flush=True)
        await stop.wait()
    finally:
        ca_file.unlink(missing_ok=True)
        lab_file.unlink(missing_ok=True)


async def _serve_dns(world: World, datagrams: socket.socket, stream: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(partial(Datagrams, world.zones), sock=datagrams)
    await asyncio.start_server(partial(serve_stream, world.zones), sock=stream)


def watch_for_the_end(stop: asyncio.Event) -> None:
    """Set `stop` at SIGTERM or SIGINT, when the parent process is gone, or when a piped standard input closes."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    parent = os.getppid()

    def check_parent() -> None:
        if os.getppid() != parent:
            stop.set()
        else:
            loop.call_later(PARENT_CHECK_SECONDS, check_parent)

    def read_input() -> None:
        if not os.read(0, 4096):
            loop.remove_reader(0)
            stop.set()

    check_parent()
    if _is_pipe(0):
        loop.add_reader(0, read_input)


def _is_pipe(descriptor: int) -> bool:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def main(arguments: list[str] | None = None) -> int:
    """Run the network; 0 when it was told to stop, 1 when it could not start."""
    parser = argparse.ArgumentParser(prog="embedded", description="A small mail world on loopback.")
    parser.add_argument("--state", type=Path, metavar="DIR", help="where lab.json and ca.pem go (a new temporary one)")
    wanted = parser.parse_args(arguments).state
    # What a probe does on purpose (an aborted handshake, a dropped connection) is no news here.
    logging.getLogger("mail").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="mailops-lab-") as own:
        state = (wanted or Path(own)).resolve()
        made = not state.exists()
        state.mkdir(parents=True, exist_ok=True)
        if wanted is None:
            print(f"state {state}", flush=True)
        try:
            asyncio.run(serve(state))
        except CannotStart as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            if made:
                shutil.rmtree(state, ignore_errors=True)
    return 0
