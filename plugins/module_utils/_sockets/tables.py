# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's tables of sockets, read: `/proc/net/tcp`, `tcp6`, `unix` and `if_inet6` (proc(5), Linux net/ipv4/tcp_ipv4.c, net/unix).

Pure: lines in, values out. A line that is none of the table's is passed over, as kernels add columns and headings.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_LISTEN = "0A"
"""TCP_LISTEN of include/net/tcp_states.h."""
_ACCEPTS = 0x10000
"""__SO_ACCEPTCON of include/linux/net.h: a socket that listens."""
_STREAM = "0001"
_LONGEST_PATH = 200


@dataclass(frozen=True)
class ListeningSocket:
    """A TCP socket that takes connections.

    Attributes:
        address: where, in the usual spelling; a mapped IPv4 address is told as the IPv4 address that clients connect to.
        port: its port.
        inode: its number, by which processes are found that hold it.
        uid: the user who made it.
    """

    address: str
    port: int
    inode: int
    uid: int

    @property
    def is_ipv6(self) -> bool:
        """Whether clients come by IPv6."""
        return ":" in self.address

    @property
    def is_wildcard(self) -> bool:
        """Whether it listens at every address of its family."""
        return ipaddress.ip_address(self.address).is_unspecified

    @property
    def is_local(self) -> bool:
        """Whether nobody but this machine can connect."""
        return ipaddress.ip_address(self.address).is_loopback


@dataclass(frozen=True)
class UnixSocket:
    """A unix-domain stream socket that takes connections at a path of the file system."""

    path: str
    inode: int


def tcp_sockets(lines: Iterable[str], byteorder: str = sys.byteorder) -> Iterator[ListeningSocket]:
    """Yield the listening sockets of `tcp` or `tcp6`.

    *byteorder* is that of the machine: the kernel writes each 32 bits of an address as a number of its own.
    """
    for line in lines:
        columns = line.split()
        if len(columns) < 10 or columns[3] != _LISTEN:
            continue
        words, _colon, port = columns[1].partition(":")
        address = _address(words, byteorder)
        if address is None or not (columns[7] + columns[9]).isdecimal():
            continue
        number = _hexadecimal(port)
        if number is not None and 0 < number < 65536:
            yield ListeningSocket(address, number, int(columns[9]), int(columns[7]))


def unix_sockets(lines: Iterable[str]) -> Iterator[UnixSocket]:
    """Yield the listening stream sockets of `unix` that have an absolute path."""
    for line in lines:
        columns = line.rstrip("\n").split(None, 7)
        if len(columns) < 8 or columns[4] != _STREAM or not columns[6].isdecimal():
            continue
        flags = _hexadecimal(columns[3])
        if flags is not None and flags & _ACCEPTS and columns[7].startswith("/"):
            yield UnixSocket(clean(columns[7], _LONGEST_PATH), int(columns[6]))


def has_ipv6_loopback(lines: Iterable[str]) -> bool:
    """Tell by `if_inet6` whether `::1` is an address of this machine."""
    return any(line.split()[:1] == ["0" * 31 + "1"] for line in lines)


def socket_inode(link: str) -> int | None:
    """Return the number of the socket that a link below `/proc/PID/fd` is for, None for other files."""
    if link.startswith("socket:[") and link.endswith("]") and link[8:-1].isdecimal():
        return int(link[8:-1])
    return None


def _address(words: str, byteorder: str) -> str | None:
    """Return an address that is written as numbers of the machine, 8 digits each."""
    if len(words) not in (8, 32):
        return None
    try:
        raw = bytes.fromhex(words)
    except ValueError:
        return None
    if byteorder == "little":
        raw = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    address = ipaddress.ip_address(raw)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _hexadecimal(text: str) -> int | None:
    try:
        return int(text, 16)
    except ValueError:
        return None
