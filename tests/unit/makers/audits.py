# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of audits as facts, whole and of ordinary size, that nobody had to probe for. Benchmarks take them too."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

PROBED_AT = "2026-05-04T12:00:00Z"
LATER_AT = "2026-05-05T12:00:00Z"
AUTHORITY = "CN=R11,O=Example Trust,C=US"


def digest(text: str) -> str:
    """A digest in hexadecimal that stands for whatever has this name."""
    return hashlib.sha256(text.encode()).hexdigest()


def certificate(host: str, *, key: str = "first key", serial: str = "first", **changes: Any) -> dict[str, Any]:
    """An item of a chain; `key` and `serial` name what it is made of."""
    facts = {
        "subject": f"CN={host}",
        "issuer": AUTHORITY,
        "serial": digest(serial)[:36],
        "not_before": "2026-04-01T00:00:00Z",
        "not_after": "2026-06-30T00:00:00Z",
        "dns_names": [host],
        "ip_addresses": [],
        "public_key": {"type": "ecdsa", "bits": 256, "curve": "secp256r1"},
        "signature_algorithm": "sha256WithRSAEncryption",
        "fingerprints": {
            "certificate": {"sha256": digest(f"{host} {key} {serial}")}, "public_key": {"sha256": digest(f"{host} {key}")},
        },
    }  # fmt: skip
    return {**facts, **changes}


def record(host: str, key: str = "first key", *, matched: bool | None = True) -> dict[str, Any]:
    """A TLSA record of a key."""
    return {
        "usage": 3, "selector": 1, "matching_type": 1, "data": digest(f"{host} {key}"), "usable": True, "reason": None,
        "matched": matched, "matched_depth": 0 if matched else None,
    }  # fmt: skip


def tlsa(host: str, records: Sequence[dict[str, Any]] = (), **changes: Any) -> dict[str, Any]:
    """The `tlsa` of an endpoint."""
    facts = {
        "lookup": "found" if records else "none", "base_domain": host if records else None,
        "owner": f"_25._tcp.{host}" if records else None, "secure": True, "ad_untrusted": False, "error": None, "records": list(records),
    }  # fmt: skip
    return {**facts, **changes}


def endpoint(host: str, address: str = "192.0.2.1", *, dane: bool = True, **changes: Any) -> dict[str, Any]:
    """An item of `endpoints`; with *dane* it has a record that matches, and is verified."""
    leaf = certificate(host)
    facts = {
        "host": host,
        "address": address,
        "port": 25,
        "preference": 10,
        "status": "verified" if dane else "trusted",
        "satisfied": True,
        "error": None,
        "greeting": f"220 {host} ESMTP Postfix",
        "server_name": host,
        "capabilities": {
            name: {"PIPELINING": [], "SIZE": ["10240000"], "VRFY": [], "ETRN": [], "ENHANCEDSTATUSCODES": [], "8BITMIME": [], "DSN": []}
            for name in ("before_tls", "after_tls")
        },
        "injected_plaintext": 0,
        "tls": {
            "established": True, "protocol": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", "cipher_bits": 256, "group": "x25519",
            "signature": "ECDSA", "signature_digest": "SHA256", "sni": host, "alpn": None, "session_reused": False,
        },
        "chain": [leaf, certificate("Example Trust R11", subject=AUTHORITY, issuer="CN=Root,O=Example Trust,C=US", dns_names=[])],
        "verification": {
            "status": "verified" if dane else "trusted", "requested_level": "dane", "effective_level": "dane" if dane else "may",
            "delivery_level": "dane" if dane else "may", "reason": None if dane else "no TLSA records", "trusted": True,
            "matched": True if dane else None, "matched_name": None, "depth": 0 if dane else None, "error": None,
        },
        "rfc": {"level": "dane", "satisfied": True, "differences": []},
        "tlsa": tlsa(host, [record(host)] if dane else ()),
        "timings": {"dns": 0.021, "connect": 0.01, "greeting": 0.011, "starttls": 0.02, "handshake": 0.031, "total": 0.093},
    }  # fmt: skip
    return {**facts, **changes}


def lost(host: str, address: str | None = "192.0.2.1", kind: str = "connect_timeout", **changes: Any) -> dict[str, Any]:
    """An endpoint about which nothing was learnt."""
    nothing = {
        "status": "failed", "satisfied": False, "error": {"kind": kind, "phase": "connect", "text": "no answer"}, "tls": None,
        "chain": [], "verification": None, "tlsa": tlsa(host, lookup="skipped", secure=None), "rfc": None,
    }  # fmt: skip
    return {**endpoint(host), "address": address, **nothing, **changes}


def audited(destination: str, *endpoints: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An item of `results`; its exchanges are the hosts of the endpoints."""
    hosts: dict[str, list[str]] = {}
    for one in endpoints:
        hosts.setdefault(one["host"], []).extend([one["address"]] if one["address"] else [])
    exchanges = [
        {"preference": 10, "exchange": host, "canonical_name": host, "secure": True, "addresses": addresses, "error": None}
        for host, addresses in hosts.items()
    ]
    facts = {
        "destination": destination,
        "status": max((one["status"] for one in endpoints), key=_SEVERITY.index, default="failed"),
        "satisfied": any(one["satisfied"] for one in endpoints),
        "error": None,
        "route": {
            "lookup": "mx", "secure": True, "canonical_name": destination, "null_mx": False, "exchanges": exchanges,
            "ad_untrusted": False, "warnings": [],
        },
        "endpoints": list(endpoints),
        "lint": [],
    }  # fmt: skip
    return {**facts, **changes}


def failed(destination: str, kind: str = "dns_error") -> dict[str, Any]:
    """A result without endpoints."""
    return audited(destination, error={"kind": kind, "phase": "dns", "text": "no answer"})


_SEVERITY = ["verified", "trusted", "untrusted", "anonymous", "plaintext", "failed"]
