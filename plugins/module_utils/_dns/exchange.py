# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One DNS message to one server and the reply, over TCP or UDP, as bytes under one deadline (RFC 1035 section 4.2).

dnspython's own `dns.query` gives a parsed message only, and newer ones refuse to parse a reply with a broken TLSA record in it,
which is just what somebody may want to remove. This is one of the few files with a socket.
"""

from __future__ import annotations

import os
import socket
import time
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._dns.update_failure import UpdateFailed, UpdateFailureKind
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

Accept = Callable[[bytes], bool]
"""Tells whether a datagram can be the reply; others are passed over, since anybody can send them."""

_LARGEST = 65535


def over_tcp(address: str, port: int, wire: bytes, timeout: float) -> bytes:
    """Send a message and return what comes back.

    Raises:
        UpdateFailed: when the server does not do it, or no valid reply comes.
    """
    place = _place(address, port)
    end = time.monotonic() + timeout
    try:
        stream = socket.create_connection((address, port), timeout)
    except socket.timeout:
        raise UpdateFailed(UpdateFailureKind.UNREACHABLE, f"no connection to {place} within {timeout:g} seconds", True) from None
    except OSError as error:
        raise UpdateFailed(UpdateFailureKind.UNREACHABLE, f"no connection to {place}: {_reason(error)}", True) from error
    with stream:
        try:
            stream.sendall(len(wire).to_bytes(2, "big") + wire)
            return _read(stream, int.from_bytes(_read(stream, 2, end), "big"), end)
        except socket.timeout:
            raise _silent(place, timeout) from None
        except (OSError, EOFError) as error:
            raise UpdateFailed(UpdateFailureKind.DISCONNECTED, f"{place} hung up without a reply: {_reason(error)}") from error


def over_udp(address: str, port: int, wire: bytes, timeout: float, accept: Accept) -> bytes:
    """Send a datagram and return the first one back that is accepted.

    Raises:
        UpdateFailed: when the server does not do it, or no valid reply comes.
    """
    place = _place(address, port)
    end = time.monotonic() + timeout
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        try:
            datagrams.connect((address, port))
            datagrams.send(wire)
            while True:
                datagrams.settimeout(_left(end))
                received = datagrams.recv(_LARGEST)
                if accept(received):
                    return received
        except socket.timeout:
            raise _silent(place, timeout) from None
        except OSError as error:
            raise UpdateFailed(UpdateFailureKind.UNREACHABLE, f"{place} cannot be reached: {_reason(error)}") from error


def _read(stream: socket.socket, count: int, end: float) -> bytes:
    received = b""
    while len(received) < count:
        stream.settimeout(_left(end))
        part = stream.recv(count - len(received))
        if not part:
            raise EOFError("end of the connection")
        received += part
    return received


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise socket.timeout
    return left


def _silent(place: str, timeout: float) -> UpdateFailed:
    return UpdateFailed(UpdateFailureKind.TIMEOUT, f"no reply from {place} within {timeout:g} seconds")


def _place(address: str, port: int) -> str:
    return f"{address}[{port}]" if ":" in address else f"{address}:{port}"


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return clean(str(error) or type(error).__name__, 200)
