# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets on loopback for servers in the process of a test."""

from __future__ import annotations

import socket

_TRIES = 20


def udp_and_tcp(address: str = "127.0.0.1") -> tuple[socket.socket, socket.socket]:
    """Return a UDP and a TCP socket, both bound to one port that the system chose; neither listens yet.

    Raises:
        OSError: no port is free for both.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _try in range(_TRIES):
        datagrams, stream = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_STREAM)
        try:
            datagrams.bind((address, 0))
            stream.bind((address, datagrams.getsockname()[1]))
        except OSError:  # the TCP port of that number is taken
            datagrams.close()
            stream.close()
            continue
        datagrams.setblocking(False)
        stream.setblocking(False)
        return datagrams, stream
    raise OSError("no port free for UDP and TCP")
