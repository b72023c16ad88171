# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone, its servers on loopback, what a resolver says of it, and a look at all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.authoritative import Observer
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.owner_view import OwnerView
from ansible_collections.mailops.tls.tests.unit.servers.dns_authority import Authorities, Authority, TableResolver

OWNER = "_25._tcp.mx.example.org"
ONE, TWO = (TlsaRecord(3, 1, 1, bytes([number]) * 32) for number in (1, 2))
PARENT, NS1, NS2 = "127.0.9.1", "127.0.9.2", "127.0.9.3"

PARENT_ZONE = """
org. 60 IN SOA a.org. h.org. 1 60 60 60 60
org. 60 IN NS a.org.
a.org. 60 IN A 127.0.9.1
example.org. 60 IN NS ns1.example.org.
example.org. 60 IN NS ns2.example.org.
ns1.example.org. 60 IN A 127.0.9.2
ns2.example.org. 60 IN A 127.0.9.3
"""


def zone(*records: TlsaRecord, serial: int = 7, more: str = "", ttl: int = 300, name_servers: tuple[str, ...] = ("ns1", "ns2")) -> str:
    lines = [f"example.org. 900 IN SOA ns1.example.org. h.example.org. {serial} 60 60 60 120"]
    lines += [f"example.org. 60 IN NS {name}.example.org." for name in name_servers]
    lines += [f"{OWNER}. {ttl} IN TLSA {record}" for record in records]
    return "\n".join([*lines, "mx.example.org. 60 IN A 192.0.2.1", more, ""])


SIGNED = f"{OWNER}. 300 IN RRSIG TLSA 13 5 300 20261205000000 20261121000000 4711 example.org. AAAA"
TABLE: dict[tuple[str, str], object] = {
    (OWNER, "TLSA"): (ONE,),
    ("example.org", "SOA"): ("soa",),
    ("example.org", "NS"): ("ns1.example.org", "ns2.example.org"),
    ("org", "SOA"): ("soa",),
    ("org", "NS"): ("a.org",),
    ("a.org", "A"): (PARENT,),
    ("ns1.example.org", "A"): (NS1,),
    ("ns2.example.org", "A"): (NS2,),
}


def world(first: Authority | None = None, second: Authority | None = None, parent: str = PARENT_ZONE) -> dict[str, Authority]:
    return {
        PARENT: Authority({"org.": parent}),
        NS1: first or Authority({"example.org.": zone(ONE)}),
        NS2: second or Authority({"example.org.": zone(ONE)}),
    }


def look(
    network: Mapping[str, Authority], table: Mapping[tuple[str, str], object] | None = None, owner: str = OWNER,
    resolver: TableResolver | None = None, **options: Any,
) -> OwnerView:  # fmt: skip
    async def scene() -> OwnerView:
        async with Authorities(network) as listening:
            options.setdefault("timeout", 0.5)
            port = listening.port
            for name in {"servers", "more_servers"} & set(options):
                options[name] = [Nameserver(one, port) for one in options[name]]
            observer = Observer(resolver or TableResolver(table or TABLE), port=port, **options)
            try:
                return await observer.look(owner)
            finally:
                await observer.close()

    return asyncio.run(scene())


def errors(view: OwnerView) -> dict[str, str | None]:
    return {one.address: one.error for one in view.servers}
