# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLSA RRsets written down: as zone file, by RFC 3597 for name servers that do not know the type, and as modules take them.

The zone file has a comment with the source before its records, as `postfix tls output-server-tlsa` writes it (conf/postfix-tls-script:
output_server_tlsa()). The shapes for modules have the names of the options of those modules.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.owner import AliasTarget
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.rrset import TlsaRRset

TYPE_NUMBER = 52
"""The number of the type TLSA."""


def rfc3597_rdata(record: TlsaRecord) -> str:
    r"""Return the RDATA of a record in the form for unknown types (RFC 3597 section 5): `\# 35 030101...`."""
    rdata = bytes((record.usage, record.selector, record.matching_type)) + record.data
    return f"\\# {len(rdata)} {rdata.hex()}"


def zone_text(rrsets: Sequence[TlsaRRset], *, rfc3597: bool = False, comments: bool = True) -> str:
    """Return lines of a zone file, all names absolute; with *rfc3597* as type TYPE52.

    *comments*: the sources' labels come before the records that are made of them.
    """
    lines: list[str] = []
    for rrset in rrsets:
        ttl = "" if rrset.ttl is None else f"{rrset.ttl} "
        last: tuple[str, ...] = ()
        for one in rrset.associations:
            if comments and one.labels != last:
                lines += [f"; {label}" for label in one.labels]
                last = one.labels
            rdata = f"TYPE{TYPE_NUMBER} {rfc3597_rdata(one.record)}" if rfc3597 else f"TLSA {one.record}"
            lines.append(f"{rrset.owner.name} {ttl}IN {rdata}")
    return "".join(line + "\n" for line in lines)


def record_facts(rrsets: Sequence[TlsaRRset]) -> list[dict[str, Any]]:
    """Return every record with all its fields; alias_target only where it is true, and then the host is all of the name."""
    return [
        {
            "owner": rrset.owner.name,
            "host": rrset.owner.host,
            "port": rrset.owner.port,
            "protocol": rrset.owner.protocol,
            **({"alias_target": True} if isinstance(rrset.owner, AliasTarget) else {}),
            "ttl": rrset.ttl,
            **rdata_facts(one.record),
            "sources": list(one.labels),
        }
        for rrset in rrsets
        for one in rrset.associations
    ]


def rdata_facts(record: TlsaRecord) -> dict[str, Any]:
    """Return the fields of a record's RDATA, and all of it as text in both forms."""
    return {
        "usage": record.usage,
        "selector": record.selector,
        "matching_type": record.matching_type,
        "data": record.data.hex(),
        "rdata": str(record),
        "rdata_rfc3597": rfc3597_rdata(record),
    }


def record_sets(rrsets: Sequence[TlsaRRset]) -> list[dict[str, Any]]:
    """Return one item for each RRset: `record`, `type`, `ttl` if there is one, and the list `value`.

    So the options of community.general.nsupdate and community.dns.*_dns_record_set(s) are named.
    """
    return [
        {"record": one.owner.name, "type": "TLSA", **_ttl(one), "value": [str(record) for record in one.records]}
        for one in rrsets
    ]


def single_records(rrsets: Sequence[TlsaRRset]) -> list[dict[str, Any]]:
    """Return one item for each record: `record`, `type`, `ttl` if there is one, and the text `value`.

    So the options of community.dns.*_dns_record are named.
    """
    return [
        {"record": one.owner.name, "type": "TLSA", **_ttl(one), "value": str(record)}
        for one in rrsets
        for record in one.records
    ]


def split_records(rrsets: Sequence[TlsaRRset]) -> list[dict[str, Any]]:
    """Return one item for each record with owner and RDATA in parts, as the options of community.general.cloudflare_dns are named.

    `record` is the host without trailing dot, `value` the data alone. That module takes digests only, `hash_type` 1 and 2. It cannot
    name the target of an alias that has no port: then `port` and `proto` are None, at which it fails.
    """
    return [
        {
            "record": one.owner.host,
            "port": one.owner.port,
            "proto": one.owner.protocol,
            "type": "TLSA",
            **_ttl(one),
            "cert_usage": record.usage,
            "selector": record.selector,
            "hash_type": record.matching_type,
            "value": record.data.hex(),
        }
        for one in rrsets
        for record in one.records
    ]


def _ttl(rrset: TlsaRRset) -> dict[str, int]:
    return {} if rrset.ttl is None else {"ttl": rrset.ttl}


def all_forms(rrsets: Sequence[TlsaRRset], *, comments: bool = True) -> dict[str, Any]:
    """Return every form by its name, as `tlsa_records` returns them."""
    return {
        "records": record_facts(rrsets),
        "zone": zone_text(rrsets, comments=comments),
        "zone_rfc3597": zone_text(rrsets, rfc3597=True, comments=comments),
        "record_sets": record_sets(rrsets),
        "single_records": single_records(rrsets),
        "split_records": split_records(rrsets),
    }
