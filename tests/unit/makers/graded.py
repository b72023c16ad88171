# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of probes with scans, as facts, for tests of grades. The defaults are of a server with which nothing is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

VERSIONS = ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
GOOD_1_3 = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
GOOD_1_2 = ("ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384")
WHY = "the scan did not come to it"


def seen(value: Any, incomplete: str | None = None) -> dict[str, Any]:
    """Return an item of a scan that was observed."""
    return {"state": "observed", "value": value, "complete": incomplete is None, "why": incomplete}


def unseen(why: str = WHY) -> dict[str, Any]:
    """Return one that was not."""
    return {"state": "not_tested", "value": None, "complete": False, "why": why}


def groups(*names: str) -> list[dict[str, Any]]:
    """Return groups as a scan has them."""
    return [{"name": name, "versions": ["TLSv1.3"]} for name in names]


def prime(name: str | None, bits: int) -> dict[str, Any]:
    """Return a prime as a scan has it."""
    return {"bits": bits, "name": name, "value": "ff"}


def scan(suites: Mapping[str, Sequence[str]] | None = None, **items: Any) -> dict[str, Any]:
    """Return a full scan; *suites* by version, those that are missing are not accepted."""
    accepted = {"TLSv1.2": GOOD_1_2, "TLSv1.3": GOOD_1_3} if suites is None else suites
    facts: dict[str, Any] = {
        "mode": "full",
        "connections": 30,
        "closed": 0,
        "stopped": None,
        "error": None,
        "versions": {name: seen(name in accepted) for name in VERSIONS},
        "suites": {name: seen(list(accepted.get(name, ()))) for name in VERSIONS},
        "levels": {},
        "preference": seen("server"),
        "groups": seen(groups("x25519", "X25519MLKEM768")),
        "signature_schemes": seen(["RSA-PSS-SHA256", "ECDSA-SHA256"]),
        "weak_signature": seen(None),
        "extended_master_secret": seen(True),
        "secure_renegotiation": seen(True),
        "tickets": seen(True),
        "compression": seen(False),
        "stapled_ocsp": seen(False),
        "timestamps": seen(False),
        "primes": seen([]),
    }
    if not any(name in accepted for name in VERSIONS[:4]):
        gone = unseen("only TLS 1.3 is accepted, which says it behind encryption")
        facts.update(dict.fromkeys(("extended_master_secret", "secure_renegotiation", "tickets", "weak_signature"), gone))
    return {**facts, **items}


def certificate(**items: Any) -> dict[str, Any]:
    """Return a certificate of a chain."""
    return {
        "subject": "CN=mx.example.org",
        "issuer": "CN=Example CA",
        "serial": "01",
        "not_before": "2026-01-01T00:00:00Z",
        "not_after": "2026-03-31T00:00:00Z",
        "dns_names": ["mx.example.org"],
        "ip_addresses": [],
        "public_key": {"type": "ecdsa", "bits": 256, "curve": "secp256r1"},
        "signature_algorithm": "ecdsa-with-SHA256",
        "fingerprints": {"certificate": {"sha256": "aa"}, "public_key": {"sha256": "bb"}},
        "pem": None,
        **items,
    }


def record(usage: int = 3, matched: bool | None = True, usable: bool = True) -> dict[str, Any]:
    """Return a TLSA record of a result."""
    return {
        "usage": usage, "selector": 1, "matching_type": 1, "data": "bb", "usable": usable, "reason": None, "matched": matched,
        "matched_depth": 0,
    }  # fmt: skip


def tlsa(*records: dict[str, Any], lookup: str = "found") -> dict[str, Any]:
    """Return the TLSA lookup of an endpoint."""
    return {
        "lookup": lookup, "base_domain": "mx.example.org", "owner": None, "secure": lookup in ("found", "none"), "ad_untrusted": False,
        "error": None,
        "records": list(records),
    }  # fmt: skip


def error(kind: str, text: str = "it went wrong") -> dict[str, Any]:
    """Return an error."""
    return {"kind": kind, "phase": "ehlo", "text": text}


TLS = {
    "established": True, "protocol": "TLSv1.3", "cipher": "TLS_AES_256_GCM_SHA384", "cipher_bits": 256, "group": "x25519",
    "signature": "ECDSA", "signature_digest": "SHA256", "sni": None, "alpn": None, "session_reused": False,
    "max_early_data": 0,
}  # fmt: skip


def endpoint(**items: Any) -> dict[str, Any]:
    """Return an endpoint of `smtp_tls_probe`, scanned."""
    return {
        "host": "mx.example.org",
        "address": "192.0.2.25",
        "port": 25,
        "preference": 10,
        "status": "verified",
        "satisfied": True,
        "error": None,
        "greeting": "220 mx.example.org ESMTP",
        "server_name": "mx.example.org",
        "capabilities": {"before_tls": {"STARTTLS": []}, "after_tls": {}},
        "injected_plaintext": 0,
        "tls": dict(TLS),
        "chain": [certificate()],
        "verification": {
            "status": "verified", "requested_level": "dane", "effective_level": "dane", "delivery_level": "dane", "reason": None,
            "trusted": True, "matched": True, "matched_name": None, "depth": 0, "error": None,
        },
        "rfc": None,
        "tlsa": tlsa(record()),
        "scan": scan(),
        "timings": {},
        **items,
    }  # fmt: skip


def unreachable(kind: str = "connect_timeout", **items: Any) -> dict[str, Any]:
    """Return an endpoint of which nothing was learnt."""
    return endpoint(
        status="failed", satisfied=False, error=error(kind), tls=None, chain=[], verification=None, tlsa=tlsa(lookup="skipped"),
        scan=None, capabilities={"before_tls": None, "after_tls": None}, **items,
    )  # fmt: skip


def plain(**items: Any) -> dict[str, Any]:
    """Return an endpoint that said that it has no STARTTLS."""
    return endpoint(
        status="plaintext", tls=None, chain=[], verification=None, tlsa=tlsa(lookup="none"), scan=None,
        capabilities={"before_tls": {"SIZE": []}, "after_tls": None}, **items,
    )  # fmt: skip


def result(*endpoints: dict[str, Any], **items: Any) -> dict[str, Any]:
    """Return a result of `smtp_tls_probe`; with a good endpoint when none is given."""
    return {
        "destination": "example.org",
        "status": "verified",
        "satisfied": True,
        "error": None,
        "route": {"lookup": "mx", "secure": True, "null_mx": False, "warnings": [], "exchanges": []},
        "endpoints": list(endpoints) or [endpoint()],
        "lint": [],
        **items,
    }


def mailbox(*endpoints: dict[str, Any], **items: Any) -> dict[str, Any]:
    """Return a result of `mailbox_tls_probe`."""
    more = {"service": "imaps", "protocol": "imap", "tls_mode": "implicit", "port": 993, "port_state": "open", "starttls_offered": None}
    return {
        "target": "mx.example.org",
        "lookup": "host",
        "srv": [],
        "status": "verified",
        "satisfied": True,
        "worst": "ok",
        "error": None,
        "warnings": [],
        "ports": None,
        "endpoints": [
            {**one, **more, **{key: one[key] for key in more if key in one and key != "port"}} for one in endpoints or [endpoint()]
        ],
        "lint": [],
        **items,
    }


def item(found: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one item of a grade."""
    return next(one for one in found["checks"] if one["id"] == name)


def suites(*older: str, **items: Any) -> dict[str, Any]:
    """Return an endpoint that accepts these suites in TLS 1.2."""
    return endpoint(scan=scan({"TLSv1.2": older, "TLSv1.3": GOOD_1_3}, **items))
