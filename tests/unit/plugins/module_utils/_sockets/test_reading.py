# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading /proc: this machine's own, and folders that stand for machines where something is hidden, gone or broken."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._sockets.processes import Process
from ansible_collections.mailops.tls.plugins.module_utils._sockets.reading import listening_here

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def row(address: str, port: int, inode: int, uid: int = 0) -> str:
    return f"   0: {address}:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {uid} 0 {inode} 1 0\n"


class FakeProc:
    """A folder that says what /proc would."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "net").mkdir()
        (path / "self").mkdir()
        self.table("tcp", HEAD)

    def table(self, name: str, text: str) -> FakeProc:
        (self.path / "net" / name).write_text(text)
        return self

    def process(self, pid: int, name: str, parent: int, uid: int, *links: str) -> FakeProc:
        folder = self.path / str(pid)
        (folder / "fd").mkdir(parents=True)
        (folder / "status").write_text(f"Name:\t{name}\nPPid:\t{parent}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n")
        (folder / "cmdline").write_bytes(b"/usr/sbin/%s\0-c\0secret\0" % name.encode())
        for number, link in enumerate(links):
            (folder / "fd" / str(number)).symlink_to(link)
        return self


@pytest.fixture
def proc(tmp_path: Path) -> FakeProc:
    return FakeProc(tmp_path)


def name_of(uid: int) -> str:
    return {0: "root", 97: "dovenull"}.get(uid, str(uid))


def test_sockets_with_those_who_hold_them(proc: FakeProc) -> None:
    proc.table("tcp", HEAD + row("00000000", 993, 8) + row("00000000", 143, 7))
    proc.table("unix", "0: 00000002 00000000 00010000 0001 01 9 /run/dovecot/lmtp\n").table("if_inet6", "0" * 31 + "1 01 80 10 80 lo\n")
    proc.process(90, "dovecot", 1, 0, "/dev/null", "socket:[7]", "socket:[8]", "socket:[9]", "pipe:[7]")
    proc.process(12, "imap-login", 90, 97, "socket:[7]")
    found = listening_here(str(proc.path), name_of)
    dovecot = Process(90, "dovecot", 1, "root", "/usr/sbin/dovecot")
    login = Process(12, "imap-login", 90, "dovenull", "/usr/sbin/imap-login")
    assert [(one.port, one.inode) for one in found.sockets] == [(143, 7), (993, 8)]
    assert found.holders == {7: (dovecot, login), 8: (dovecot,), 9: (dovecot,)}
    assert ([one.path for one in found.unix], found.hidden, found.failure, found.ipv6_loopback) == (["/run/dovecot/lmtp"], 0, None, True)
    assert found.users == {0: "root"}


def test_sockets_that_share_a_port_are_one(proc: FakeProc) -> None:
    proc.table("tcp", HEAD + row("00000000", 25, 7) + row("00000000", 25, 8))
    proc.process(10, "smtpd", 1, 0, "socket:[7]").process(11, "smtpd", 1, 0, "socket:[8]")
    found = listening_here(str(proc.path), name_of)
    assert len(found.sockets) == 1 and [one.pid for one in found.holders[7]] == [10, 11]


def test_holders_that_are_gone_or_in_another_namespace(proc: FakeProc) -> None:
    proc.table("tcp", HEAD + row("00000000", 25, 7))
    proc.process(10, "half", 1, 0, "socket:[7]").process(11, "elsewhere", 1, 0, "socket:[70]")
    (proc.path / "10" / "status").unlink()
    (proc.path / "12").mkdir()
    found = listening_here(str(proc.path), name_of)
    assert (found.holders, found.hidden, found.failure, found.ipv6_loopback) == ({}, 0, None, False)


def test_a_process_without_a_command(proc: FakeProc) -> None:
    proc.table("tcp", HEAD + row("00000000", 25, 7)).process(10, "master", 1, 0, "socket:[7]")
    (proc.path / "10" / "cmdline").unlink()
    assert listening_here(str(proc.path), name_of).holders[7][0].program == ""


def test_processes_that_may_not_be_looked_into_are_counted(proc: FakeProc, monkeypatch: pytest.MonkeyPatch) -> None:
    proc.table("tcp", HEAD + row("00000000", 25, 7, 1234)).process(10, "master", 1, 0, "socket:[7]").process(11, "own", 1, 0)
    real = os.listdir

    def listdir(path: object) -> list[str]:
        if str(path).endswith("/10/fd"):
            raise PermissionError(13, "Permission denied")
        return real(str(path))

    monkeypatch.setattr(os, "listdir", listdir)
    found = listening_here(str(proc.path), name_of)
    assert (found.holders, found.hidden, found.users) == ({}, 1, {1234: "1234"})


def test_one_family_is_enough_and_none_is_a_failure(proc: FakeProc) -> None:
    assert listening_here(str(proc.path), name_of).failure is None
    (proc.path / "net" / "tcp").unlink()
    failure = listening_here(str(proc.path), name_of).failure
    assert failure is not None and "net/tcp: No such file or directory" in failure and "tcp6" in failure


@pytest.mark.skipif(not os.path.exists("/proc/net/tcp"), reason="there is no /proc/net/tcp")
def test_this_process_is_found_on_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = listening_here()
        (one,) = [each for each in found.sockets if (each.address, each.port) == ("127.0.0.1", port)]
        assert os.getpid() in [process.pid for process in found.holders[one.inode]] and found.users[one.uid]
