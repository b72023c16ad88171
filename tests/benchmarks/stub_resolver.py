# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A resolver that has a mail setup for every name dN.example, and counts: what the benchmark of domains asks.

`python stub_resolver.py ADDRESS COUNTS`: at SIGTERM the file COUNTS gets how many questions came, and how many different ones.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import struct
import sys
from pathlib import Path

A, NS, SOA, PTR, MX, TXT = 1, 2, 6, 12, 15, 16
TEXTS = {
    "": "v=spf1 mx include:_spf.hoster.example -all",
    "_dmarc": "v=DMARC1; p=reject; rua=mailto:r@{domain}",
    "_smtp._tls": "v=TLSRPTv1; rua=mailto:r@{domain}",
    "_spf": "v=spf1 ip4:192.0.0.0/29 -all",
}
_NAME = re.compile(r"(?:(.*)\.)?((?:d[0-9]+|hoster)\.example)")


def _wire(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def data_of(name: str, rdtype: int) -> bytes | None:
    """Return the data of the one record of a name; None where there is none."""
    if rdtype == PTR and name.endswith(".in-addr.arpa"):
        return _wire("mx.d0.example")
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    part, domain = found[1] or "", found[2]
    if rdtype == TXT and part in TEXTS:
        text = TEXTS[part].format(domain=domain).encode()
        return bytes([len(text)]) + text
    if rdtype == MX and not part:
        return struct.pack("!H", 10) + _wire(f"mx.{domain}")
    if rdtype == A and part in ("mx", "ns1"):
        return bytes((192, 0, 0, 9))
    if rdtype == NS and not part:
        return _wire(f"ns1.{domain}")
    if rdtype == SOA and not part:
        return _wire(f"ns1.{domain}") + _wire(f"hostmaster.{domain}") + struct.pack("!5I", 7, 3600, 900, 604800, 300)
    return None


def reply_to(query: bytes) -> tuple[bytes, tuple[str, int]]:
    """Return the reply to a query, and its question."""
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace"))
        at += 1 + query[at]
    name, rdtype = ".".join(labels).lower(), struct.unpack("!H", query[at + 1 : at + 3])[0]
    data = data_of(name, rdtype)
    answer = b"" if data is None else struct.pack("!HHHIH", 0xC00C, rdtype, 1, 300, len(data)) + data
    head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, int(data is not None), 0, 0)
    return head + query[12 : at + 5] + answer, (name, rdtype)


def main(address: str, counts: Path) -> None:
    """Answer until the end is asked for."""
    asked: dict[tuple[str, int], int] = {}

    def end(_number: int, _frame: object) -> None:
        counts.write_text(json.dumps({"questions": sum(asked.values()), "different": len(asked)}), encoding="ascii")
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        server.bind((address, 53))
        while True:
            query, client = server.recvfrom(4096)
            reply, question = reply_to(query)
            asked[question] = asked.get(question, 0) + 1
            server.sendto(reply, client)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
