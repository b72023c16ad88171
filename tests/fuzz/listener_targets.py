# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz targets of what listens on a machine: greetings of servers, and tables of /proc with texts that any user can write."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.greeting import (
    GreetingDialogue,
    GreetingLog,
    GreetingSettings,
    spoken_by,
)
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dns.hostname import normalized_address
from ansible_collections.mailops.tls.plugins.module_utils._sockets.processes import program_of, read_status
from ansible_collections.mailops.tls.plugins.module_utils._sockets.tables import (
    has_ipv6_loopback,
    socket_inode,
    tcp_sockets,
    unix_sockets,
)
from ansible_collections.mailops.tls.tests.fuzz.mailbox_targets import drive
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean


def greeting(data: bytes) -> None:
    """A dialogue ends whatever it is told, and only servers of SMTP are spoken to. The first byte is the size of the pieces."""
    size, text = (data[0] if data else 0) + 1, data[1:]
    for mode in (TlsMode.NONE, TlsMode.IMPLICIT):
        talk = GreetingDialogue(GreetingSettings(ehlo_name="probe.example.net"), mode)
        drive(talk, text, size)
        assert isinstance(talk.log, GreetingLog) and (talk.log.failure is None or is_clean(talk.log.failure.text))
        if talk.log.transcript:
            assert spoken_by(text.partition(b"\n")[0].removesuffix(b"\r")) is not None


def proc(data: bytes) -> None:
    """Tables are read whatever they say, and what comes out can be connected to and shown."""
    text = data.decode("utf-8", "replace")
    lines = text.split("\n")
    for byteorder in ("little", "big"):
        for one in tcp_sockets(lines, byteorder):
            assert normalized_address(one.address) == one.address and 0 < one.port < 65536 and min(one.inode, one.uid) >= 0
            assert not (one.is_wildcard and one.is_local)
    for socket in unix_sockets(lines):
        assert socket.path.startswith("/") and is_clean(socket.path) and socket.inode >= 0
    assert has_ipv6_loopback(lines) in (True, False)
    status = read_status(text)
    assert status is None or (is_clean(status[0]) and min(status[1:]) >= 0)
    assert is_clean(program_of(data)) and all((socket_inode(line) or 0) >= 0 for line in lines)
