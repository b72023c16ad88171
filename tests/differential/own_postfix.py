# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Postfix of our own on the loopback interface, with one smtpd(8) service for each set of files: a port, and what it serves there."""

from __future__ import annotations

import hashlib
import os
import pwd
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ADDRESS = "127.0.0.1"
_MASTER = "/usr/lib/postfix/sbin/master"
_AT_A_TIME = 6
_LIMIT = 600.0
_MAIN = """compatibility_level = 3.7
queue_directory = {0}/queue
data_directory = {0}/data
myhostname = mx.example.org
mydestination =
alias_maps =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_tls_security_level = may
smtpd_peername_lookup = no
smtpd_client_event_limit_exceptions = static:all
notify_classes =
max_use = 1
tls_random_source = dev:/dev/urandom
"""


@dataclass(frozen=True)
class Served:
    """What a client saw: the reply to STARTTLS, and the SHA-256 of each certificate; none when there was no handshake."""

    reply: int
    chain: tuple[str, ...] = ()


@contextmanager
def running(folder: Path, services: Mapping[str, Mapping[str, str]]) -> Iterator[dict[str, int]]:
    """Run smtpd services with parameters of their own; gives the port of each by its name.

    The master ends with the context, and with it all that it has started.
    """
    ports = dict(zip(services, _free_ports(len(services))))
    _configure(folder, services, ports)
    with (folder / "master.out").open("wb") as output:
        master = subprocess.Popen([_MASTER, "-c", str(folder / "etc")], stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            _await(master, min(ports.values()), folder / "master.out")
            yield ports
        finally:
            master.terminate()
            master.wait(_LIMIT)


def ask_all(ports: Sequence[int]) -> list[Served]:
    """What each port serves, some at a time."""
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return list(pool.map(ask, ports))


def ask(port: int) -> Served:
    """EHLO, STARTTLS, and the certificates of the handshake."""
    with socket.create_connection((ADDRESS, port), _LIMIT) as link, link.makefile("rb") as lines:
        _reply(lines)
        link.sendall(b"EHLO client.example.net\r\n")
        _reply(lines)
        link.sendall(b"STARTTLS\r\n")
        code = _reply(lines)
        if code != 220:
            return Served(code)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(link) as session:
            chain = session.get_unverified_chain()  # type: ignore[attr-defined]  # Python 3.13
            return Served(code, tuple(hashlib.sha256(one).hexdigest() for one in chain))


def _reply(lines: object) -> int:
    while True:
        line: bytes = lines.readline()  # type: ignore[attr-defined]
        if line[3:4] != b"-":
            return int(line[:3])


def _free_ports(number: int) -> list[int]:
    """Ports that nobody listens on; all are held until the last one is known."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _number in range(number)]
        for one in sockets:
            one.bind((ADDRESS, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _configure(folder: Path, services: Mapping[str, Mapping[str, str]], ports: Mapping[str, int]) -> None:
    owner = pwd.getpwnam("postfix")
    for name in ("etc", "data", "queue/pid", "queue/private", "queue/public"):
        (folder / name).mkdir(parents=True)
    for name in ("data", "queue/private", "queue/public"):
        os.chown(folder / name, owner.pw_uid, owner.pw_gid)
    (folder / "etc/main.cf").write_text(_MAIN.format(folder))
    lines = ["tlsmgr unix - - n 1000? 1 tlsmgr\n"]
    for name, parameters in services.items():
        lines.append(f"{ADDRESS}:{ports[name]} inet n - n - - smtpd\n")
        lines += [f"  -o {parameter}={value}\n" for parameter, value in parameters.items()]
    (folder / "etc/master.cf").write_text("".join(lines))


def _await(master: subprocess.Popen[bytes], port: int, output: Path) -> None:
    """Wait until the master listens, as long as it is alive."""
    while master.poll() is None:
        try:
            socket.create_connection((ADDRESS, port), _LIMIT).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"Postfix does not start: {output.read_text(errors='replace')}")
