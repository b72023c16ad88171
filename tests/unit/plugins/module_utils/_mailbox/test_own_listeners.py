# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sockets of a machine are mail services, and how they are reached."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._mailbox.own_listeners import is_mail_process, lmtp_sockets, own_listeners
from ansible_collections.mailops.tls.plugins.module_utils._sockets.processes import Process
from ansible_collections.mailops.tls.plugins.module_utils._sockets.reading import Listening
from ansible_collections.mailops.tls.plugins.module_utils._sockets.tables import ListeningSocket, UnixSocket

DOVECOT = Process(90, "dovecot", 1, "root", "/usr/sbin/dovecot")
LOGIN = Process(91, "imap-login", 90, "dovenull", "dovecot/imap-login")
POSTFIX = Process(50, "master", 1, "root", "/usr/lib/postfix/sbin/master")
SYSTEMD = Process(1, "systemd", 0, "root", "/sbin/init")
NGINX = Process(70, "nginx", 1, "root", "nginx:")


def machine(*sockets: tuple[str, int, tuple[Process, ...]], ipv6_loopback: bool = True) -> Listening:
    made = tuple(ListeningSocket(address, port, inode, 0) for inode, (address, port, _processes) in enumerate(sockets))
    holders = {inode: processes for inode, (_address, _port, processes) in enumerate(sockets) if processes}
    return Listening(made, holders=holders, users={0: "root"}, ipv6_loopback=ipv6_loopback)


@pytest.mark.parametrize(
    ("process", "mail"),
    [
        (DOVECOT, True), (LOGIN, True), (POSTFIX, True), (NGINX, False), (SYSTEMD, False),
        (Process(1, "master", 0, "x", "/opt/x/master"), False),
        (Process(1, "managesieve-log", 0, "x"), True), (Process(1, "master", 0, "x", "/usr/lib/cyrus/bin/master"), True),
        (Process(1, "node", 0, "x", "node /usr/bin/haraka"), True), (Process(1, "python3", 0, "x", "python3 /srv/x.py"), False),
    ],
)  # fmt: skip
def test_processes_of_mail_servers(process: Process, mail: bool) -> None:
    assert is_mail_process(process) is mail


def test_mail_ports_and_mail_processes_make_a_mail_service() -> None:
    found = own_listeners(machine(
        ("0.0.0.0", 22, (NGINX,)), ("0.0.0.0", 25, (POSTFIX,)), ("127.0.0.1", 143, (NGINX,)), ("::", 993, (DOVECOT, LOGIN)),
        ("0.0.0.0", 1993, (DOVECOT,)), ("0.0.0.0", 2000, ()), ("0.0.0.0", 8080, (NGINX,)), ("192.0.2.1", 4190, ()),
    ))  # fmt: skip
    told = [(one.socket.port, one.service.value if one.service else None, one.address, one.mail_process) for one in found]
    assert told == [
        (25, "smtp", "127.0.0.1", True), (143, "imap", "127.0.0.1", False), (993, "imaps", "::1", True),
        (1993, None, "127.0.0.1", True), (2000, None, "127.0.0.1", None), (4190, "sieve", "192.0.2.1", None),
    ]  # fmt: skip


def test_facts() -> None:
    (one,) = own_listeners(machine(("::", 993, (DOVECOT, LOGIN, LOGIN))))
    assert one.as_facts() == {
        "address": "::", "port": 993, "family": "ipv6", "wildcard": True, "service": "imaps", "protocol": "imap", "tls_mode": "implicit",
        "known_by": "port", "socket_user": "root", "mail_process": True, "shared_with": ["imap-login"],
        "process": {"name": "dovecot", "pid": 90, "user": "root", "command": "/usr/sbin/dovecot"},
    }  # fmt: skip
    (alone,) = own_listeners(machine(("0.0.0.0", 1025, ())))
    facts = alone.as_facts()
    assert (facts["process"], facts["service"], facts["known_by"], facts["mail_process"]) == (None, None, None, None)


def test_a_server_is_named_before_systemd_that_made_its_socket() -> None:
    (one,) = own_listeners(machine(("0.0.0.0", 143, (SYSTEMD, DOVECOT))))
    assert [process.name for process in one.processes] == ["dovecot", "systemd"]


def test_without_ipv6_a_socket_of_both_families_is_reached_by_ipv4() -> None:
    (one,) = own_listeners(machine(("::", 25, (POSTFIX,)), ipv6_loopback=False))
    assert (one.address, one.as_facts()["family"]) == ("127.0.0.1", "ipv6")


def test_lmtp_sockets_are_those_of_servers() -> None:
    spool = "/var/spool/postfix/private"
    unix = ("/run/dovecot/lmtp", f"{spool}/dovecot-lmtp", f"{spool}/lmtp", "/run/x", "/run/lmtp/x", "/a/lmtp")
    listening = Listening(
        unix=tuple(UnixSocket(path, inode) for inode, path in enumerate(unix)),
        holders={0: (DOVECOT,), 1: (DOVECOT, LOGIN), 2: (POSTFIX,)},
    )
    assert [(one["path"], bool(one["process"]), one["shared_with"]) for one in lmtp_sockets(listening)] == [
        ("/a/lmtp", False, []), ("/run/dovecot/lmtp", True, []), ("/var/spool/postfix/private/dovecot-lmtp", True, ["imap-login"]),
    ]  # fmt: skip
