# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A resolver for fleets of any size, whose answers are all validated: `python fleet_resolver.py ADDRESS TLSA`.

`dN.own.fleet.test` has an exchange and an address of its own, `dN.shared.fleet.test` one exchange for all, `dN.busy.fleet.test` an
exchange of its own at the one address of a provider, `dN.dead.fleet.test` another one of its own. Everything else is not there. All
exchanges have the TLSA record whose data is TLSA in hexadecimal digits.
"""

from __future__ import annotations

import re
import socket
import struct
import sys

A, MX, OPT, TLSA = 1, 15, 41, 52
ZONE = "fleet.test"
KNOWN_MOST = 100_000
"""So many replies are kept: what is measured should not wait for this process."""
SHARED, BUSY = bytes((127, 65, 0, 1)), bytes((127, 66, 0, 1))
_NAME = re.compile(r"(?:(_[0-9]+\._tcp)\.)?(d|mx)([0-9]*)\.(own|shared|busy|dead)\.fleet\.test")


def wire(name: str) -> bytes:
    """Return a name as a message has it."""
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def data_of(name: str, rdtype: int, tlsa: bytes) -> bytes | None:
    """Return the data of the one record of a name; b"" where there is no such record, None where there is no such name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    service, part, number, kind = found.groups()
    if part == "d":
        exchange = "mx" if kind == "shared" else f"mx{number}"
        return struct.pack("!H", 10) + wire(f"{exchange}.{kind}.{ZONE}") if rdtype == MX and not service else b""
    if service:
        return tlsa if rdtype == TLSA else b""
    return address_of(kind, int(number or 0)) if rdtype == A else b""


def address_of(kind: str, number: int) -> bytes:
    """Return the address of an exchange; all of 127.0.0.0/8 is this machine."""
    return {"shared": SHARED, "busy": BUSY}.get(kind) or (0x7F500000 + number).to_bytes(4, "big")


def reply_to(query: bytes, tlsa: bytes) -> bytes:
    """Return the reply to a query, with AD and, if it had one, an OPT record."""
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace"))
        at += 1 + query[at]
    name, rdtype = ".".join(labels).lower(), struct.unpack("!H", query[at + 1 : at + 3])[0]
    data = data_of(name, rdtype, tlsa)
    answer = struct.pack("!HHHIH", 0xC00C, rdtype, 1, 3600, len(data)) + data if data else b""
    extra = query[10:12] == b"\0\1"
    head = query[:2] + struct.pack("!HHHHH", 0x81A0 | (3 if data is None else 0), 1, int(bool(data)), 0, int(extra))
    return head + query[12 : at + 5] + answer + (b"\0" + struct.pack("!HHIH", OPT, 1232, 0x8000, 0) if extra else b"")


def main(address: str, tlsa: bytes) -> None:
    """Answer until the end."""
    known: dict[bytes, bytes] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        server.bind((address, 53))
        print("ready", flush=True)
        while True:
            query, client = server.recvfrom(4096)
            reply = known.get(query[2:])
            if reply is None:
                if len(known) >= KNOWN_MOST:
                    known.clear()
                reply = known[query[2:]] = reply_to(query, tlsa)[2:]
            server.sendto(query[:2] + reply, client)


if __name__ == "__main__":
    main(sys.argv[1], bytes.fromhex(sys.argv[2]))
