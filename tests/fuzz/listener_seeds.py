# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""First inputs of the fuzz targets of listeners: greetings of real servers, and tables as they were copied from machines."""

from __future__ import annotations

from collections.abc import Iterator

GREETINGS = [
    ("imap", b"* OK [CAPABILITY IMAP4rev1 STARTTLS] Dovecot ready.\r\n"), ("bye", b"* BYE too many\r\n"), ("pop3", b"+OK <1.2@mx>\r\n"),
    ("err", b"-ERR busy\r\n"), ("sieve", b'"IMPLEMENTATION" "Dovecot Pigeonhole"\r\n"STARTTLS"\r\nOK "ready"\r\n'),
    ("smtp", b"220-wait\r\n220 mx ESMTP\r\n250-mx\r\n250 STARTTLS\r\n"), ("lmtp", b"220 mx\r\n500 5.5.1 Unknown\r\n250 mx\r\n"),
    ("ssh", b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), ("tls", b"\x15\x03\x01\x00\x02\x02\x0a"), ("late", b"220 mx\r\n421 bye\r\n"),
]  # fmt: skip
TABLES = [
    (
        "tcp",
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31415 1 0 100 0 0 10 0\n"
        "   1: 0100007F:0019 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 16180 1 0 20 4 30 10 -1\n",
    ),
    (
        "tcp6",
        "   0: 00000000000000000000000000000000:03E1 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 5 1\n"
        "   1: 0000000000000000FFFF00000100007F:0401 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 6 1\n",
    ),
    (
        "unix",
        "Num       RefCount Protocol Flags    Type St Inode Path\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 11 /run/dovecot/lmtp\n"
        "0000000000000000: 00000002 00000000 00010000 0001 01 12 private/lmtp\n",
    ),
    ("if_inet6", "00000000000000000000000000000001 01 80 10 80       lo\n"),
    ("status", "Name:\tmaster\nUmask:\t0077\nPid:\t812\nPPid:\t1\nUid:\t0\t104\t0\t0\n"),
    ("cmdline", "/usr/bin/python3.11\0/srv/imapd.py\0--token=secret\0"),
    ("link", "socket:[31415]\nsocket:[]\npipe:[1]\n"),
]


def listener_seeds() -> Iterator[tuple[str, str, bytes]]:
    """Yield harness, name and bytes of every first input."""
    for name, said in GREETINGS:
        yield "greeting", name, b"\x0c" + said
    for name, text in TABLES:
        yield "proc", name, text.encode()
