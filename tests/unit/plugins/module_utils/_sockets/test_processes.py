# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes: what is told of them, what is not, and which of several is named."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._sockets.processes import Process, in_order, program_of, read_status
from hypothesis import given
from hypothesis import strategies as st

STATUS = "Name:\tmaster\nUmask:\t0077\nState:\tS (sleeping)\nPid:\t812\nPPid:\t1\nUid:\t0\t104\t0\t0\nGid:\t0\t0\t0\t0\n"


def test_status() -> None:
    assert read_status(STATUS) == ("master", 1, 104)
    assert read_status("Name:\tx\x1b[2J\nPPid:\t3\nUid:\t1\t2\n") == ("x?[2J", 3, 2)


@pytest.mark.parametrize("text", ["", "PPid:\t1\n", "PPid:\tx\nUid:\t0\t0\n", "PPid:\t1\nUid:\t0\n", "PPid:\t1\nUid:\t0\t-1\n"])
def test_what_is_no_status(text: str) -> None:
    assert read_status(text) is None


@given(st.text())
def test_any_status_is_read_without_an_error(text: str) -> None:
    read_status(text)


@pytest.mark.parametrize(
    ("arguments", "program"),
    [
        (b"/usr/lib/postfix/sbin/master\0-w\0", "/usr/lib/postfix/sbin/master"),
        (b"dovecot/imap-login", "dovecot/imap-login"),
        (b"sendmail: accepting connections\0", "sendmail:"),
        (b"swaks\0--auth-password\0secret\0", "swaks"),
        (b"/usr/bin/python3.11\0/srv/imapd.py\0--token=secret\0", "/usr/bin/python3.11 /srv/imapd.py"),
        (b"python3\0-c\0password = 'secret'\0", "python3"),
        (b"perl\0-I\0secret\0/srv/x.pl\0", "perl"),
        (b"", ""),
        (b"\x1b]0;title\x07\0", "?]0;title?"),
    ],
)
def test_of_a_command_only_the_program_is_told(arguments: bytes, program: str) -> None:
    assert program_of(arguments) == program


@given(st.binary(max_size=300))
def test_any_command_is_read_without_an_error(arguments: bytes) -> None:
    assert len(program_of(arguments)) <= 401


def test_the_process_that_others_have_the_socket_from_comes_first() -> None:
    child, master, other = Process(3, "imap-login", 900, "dovenull"), Process(900, "dovecot", 1, "root"), Process(7, "imap-login", 900, "x")
    assert in_order([child, master, other, child]) == (master, child, other)
    assert master.as_facts() == {"name": "dovecot", "pid": 900, "user": "root", "command": None}
