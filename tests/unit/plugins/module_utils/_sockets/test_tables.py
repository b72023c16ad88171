# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's tables of sockets, as they were copied from machines, and as nobody would write them."""

from __future__ import annotations

import ipaddress
import struct
import sys

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._sockets.tables import (
    ListeningSocket,
    UnixSocket,
    has_ipv6_loopback,
    socket_inode,
    tcp_sockets,
    unix_sockets,
)
from hypothesis import given
from hypothesis import strategies as st

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31415 1 0000000000000000 100 0 0 10 0
   1: 00000000:008F 00000000:0000 0A 00000000:00000000 00:00000000 00000000   117        0 27182 1 0000000000000000 100 0 0 10 0
   2: 0100007F:0019 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 16180 1 0000000000000000 20 4 30 10 -1
"""
_REST = "00000000:00000000 00:00000000 00000000"
_NONE = "0" * 32 + ":0000"
TCP6 = f"""\
  sl  local_address                         remote_address
   0: 00000000000000000000000000000000:03E1 {_NONE} 0A {_REST}     0        0 5 1 0
   1: 0000000000000000FFFF00000100007F:0401 {_NONE} 0A {_REST}  1000        0 6 1 0
   2: B80D0120000000000000000001000000:01BB {_NONE} 0A {_REST}  1000        0 7 1 0
"""
UNIX = """\
Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 11 /run/dovecot/lmtp
0000000000000000: 00000002 00000000 00010000 0001 01 12 private/lmtp
0000000000000000: 00000003 00000000 00000000 0001 03 13 /run/dovecot/lmtp
0000000000000000: 00000002 00000000 00010000 0005 01 14 /run/udev/control
0000000000000000: 00000002 00000000 00010000 0001 01 15 @/abstract
0000000000000000: 00000002 00000000 00010000 0001 01 16
0000000000000000: 00000002 00000000 00010000 0001 01 17 /a path with\x1b[31m blanks
"""


def test_listening_sockets_of_ipv4() -> None:
    assert list(tcp_sockets(TCP.splitlines(), "little")) == [
        ListeningSocket("127.0.0.1", 25, 31415, 0), ListeningSocket("0.0.0.0", 143, 27182, 117),
    ]  # fmt: skip


def test_listening_sockets_of_ipv6_and_mapped_ones() -> None:
    found = list(tcp_sockets(TCP6.splitlines(), "little"))
    assert [(one.address, one.port, one.is_ipv6, one.is_wildcard, one.is_local) for one in found] == [
        ("::", 993, True, True, False), ("127.0.0.1", 1025, False, False, True), ("2001:db8::1", 443, True, False, False),
    ]  # fmt: skip


def test_a_machine_of_the_other_byte_order() -> None:
    line = " 0: 7F000001:0019 00000000:0000 0A 0:0 00:0 0 0 0 31415 1"
    assert list(tcp_sockets([line], "big")) == [ListeningSocket("127.0.0.1", 25, 31415, 0)]


@pytest.mark.parametrize(
    "line",
    [
        "", "x", "0: 0100007F 0:0 0A 0:0 00:0 0 0 0 1", "0: 01:0019 0:0 0A 0:0 00:0 0 0 0 1", "0: 0100007F:0000 0:0 0A 0:0 00:0 0 0 0 1",
        "0: 0100007F:10000 0:0 0A 0:0 00:0 0 0 0 1", "0: 0100007F:0019 0:0 0A 0:0 00:0 0 x 0 1",
        "0: 0100007F:0019 0:0 0A 0:0 00:0 0 0 0 -1",
        "0: ZZ00007F:0019 0:0 0A 0:0 00:0 0 0 0 1",
    ],
)  # fmt: skip
def test_what_is_no_line_of_the_table_is_passed_over(line: str) -> None:
    assert not list(tcp_sockets([line])) and not list(unix_sockets([line]))


def line_of(address: str, port: int, inode: int, uid: int) -> str:
    """Write a line as the kernel of this machine does: each 32 bits of the address as a number, most significant digit first."""
    raw = ipaddress.ip_address(address).packed
    words = "".join(f"{word:08X}" for word in struct.unpack(f"={len(raw) // 4}I", raw))
    return f" 0: {words}:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {uid:5d} 0 {inode} 1 0 100 0 0 10 0"


@given(
    st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)), st.integers(1, 65535), st.integers(0, 2**32), st.integers(0, 2**32 - 1)
)
def test_what_the_kernel_writes_is_read(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int, inode: int, uid: int
) -> None:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    expected = ListeningSocket(str(mapped or address), port, inode, uid)
    assert list(tcp_sockets([line_of(str(address), port, inode, uid)], sys.byteorder)) == [expected]


@given(st.text(alphabet="0123456789ABCDEFabcdef: \t\n-x/@", max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for one in tcp_sockets(text.split("\n")):
        assert 0 < one.port < 65536 and one.is_ipv6 is (":" in one.address)
    assert all(one.path.startswith("/") for one in unix_sockets(text.split("\n")))
    assert socket_inode(text) is None or text.startswith("socket:[")


def test_thousands_of_sockets() -> None:
    lines = [line_of("192.0.2.1", 1 + number % 60000, number, 0) for number in range(20000)]
    assert len(list(tcp_sockets(lines))) == 20000


def test_unix_sockets_with_a_path_of_the_file_system() -> None:
    assert list(unix_sockets(UNIX.splitlines())) == [UnixSocket("/run/dovecot/lmtp", 11), UnixSocket("/a path with?[31m blanks", 17)]


def test_the_loopback_address_of_ipv6() -> None:
    lines = ["fe800000000000000000000000000001 02 40 20 80     eth0", "00000000000000000000000000000001 01 80 10 80       lo"]
    assert has_ipv6_loopback(lines) and not has_ipv6_loopback(lines[:1])


def test_links_to_sockets() -> None:
    assert socket_inode("socket:[12]") == 12
    assert not any(socket_inode(one) for one in ("socket:[x]", "pipe:[12]", "/dev/null", "socket:[12"))
