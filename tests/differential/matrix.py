# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenario matrix of Postfix 3.12 as data: levels, status word, what smtp(8) makes of it, and the line that decided.

The rows are those of docs/postfix-semantics.md, section 12.
Status words and findings were observed with Postfix 3.12 (posttls-finger), `satisfied` follows smtp(8), which is a program of its own: it
knows no level secure in place of missing TLSA records, but goes on as at may (encrypt, when there are unusable ones), and defers at
dane-only. Row 50 is the only one where we differ on purpose (`differences`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROWS = frozenset(range(1, 51))


@dataclass(frozen=True)
class Outcome:
    """What a row's endpoint has to show at these levels (separated by spaces).

    `status` is the word of Postfix, None without TLS. `shows` are further items of the endpoint, paths with dots; `{host}`,
    `{domain}` and `{sni.host}` stand for the case's names. `host` is the exchange by its first label, where there are several.
    """

    levels: str
    status: str | None
    satisfied: bool
    shows: Mapping[str, Any] = field(default_factory=dict)
    host: str = ""


@dataclass(frozen=True)
class Refused:
    """An option that must not be accepted at these levels."""

    levels: str
    option: str


def finding(code: int, **more: Any) -> dict[str, Any]:
    """The verification finding by OpenSSL's number."""
    return {"verification.error.code": code, **more}


def matched(parameters: str, depth: int, **more: Any) -> dict[str, Any]:
    """Authenticated by a TLSA record with these parameters, at this depth of the chain."""
    return {"verification.matched": True, "verification.error": None, "matched_record": parameters, "verification.depth": depth, **more}


def _failed(kind: str) -> dict[str, Any]:
    return {"error.kind": kind}


RESORTED = {"verification.effective_level": "secure", "verification.error.code": 20, "tls.sni": None}
"""Without TLSA records posttls-finger verifies at secure, where nobody's CA is trusted; no SNI."""
ENCRYPT = {"verification.effective_level": "encrypt", "verification.matched": False}
HALF = {"verification.effective_level": "half-dane"}

MATRIX: Mapping[int, tuple[Outcome | Refused, ...]] = {
    1: (Outcome("dane", "verified", True, matched("3 1 1", 0)),),
    2: (Outcome("dane", "verified", True, matched("3 1 1", 0)),),
    3: (Outcome("dane", "untrusted", False, finding(65)),),
    4: (Outcome("dane", "untrusted", False, finding(65)),),
    5: (Outcome("dane", "untrusted", False, finding(65)),),
    6: (Outcome("dane", "untrusted", True, {**ENCRYPT, "verification.delivery_level": "encrypt"}),),
    7: (Outcome("dane", "verified", True, {**matched("2 0 1", 1), "verification.matched_name": "{host}"}),),
    8: (Outcome("dane", "untrusted", False, finding(65)),),
    9: (Outcome("dane", "verified", True, matched("2 1 0", 1)),),
    10: (Outcome("dane", "untrusted", False, finding(65)),),
    11: (Outcome("dane", "trusted", False, finding(62)),),
    12: (Outcome("dane", "trusted", True, {**matched("3 1 1", 0), **HALF}),),
    13: (Outcome("dane", "trusted", False, finding(62, **HALF)),),
    14: (Outcome("dane", "untrusted", True, {"verification.matched": False, "tls.sni": None}),),
    15: (Outcome("dane-only", "trusted", False, {**matched("3 1 1", 0), **HALF, "verification.delivery_level": None}),),
    16: (Outcome("dane", "untrusted", True, {**RESORTED, "tlsa.lookup": "none"}),),
    17: (Outcome("dane", "verified", True, {"verification.matched_name": "{host}", "verification.effective_level": "secure"}),),
    18: (Outcome("dane", "untrusted", True, {**RESORTED, "tlsa.lookup": "skipped"}),),
    19: (Outcome("dane", "verified", True, matched("3 1 1", 0)),),
    20: (Outcome("dane", "untrusted", True, {**RESORTED, "tlsa.lookup": "insecure"}),),
    21: (
        Outcome("dane", None, False, {"error.kind": "tlsa_lookup_failed", "greeting": None}, host="first"),
        Outcome("dane", "verified", True, matched("3 1 1", 0), host="second"),
    ),
    22: (Outcome("dane", "untrusted", True, {**RESORTED, "verification.delivery_level": "encrypt"}),),
    23: (Outcome("dane", "trusted", True, {**ENCRYPT, "tls.sni": "{host}"}),),
    24: (Outcome("dane-only", "untrusted", False, finding(1)),),
    25: (Outcome("dane", "verified", True, matched("3 1 1", 0)),),
    26: (Outcome("dane", "verified", True, {**matched("3 1 1", 0), "host": "mx.{domain}", "tls.sni": "{host}"}),),
    27: (Outcome("dane", "verified", True, {**matched("3 1 1", 0), "host": "mx.{domain}", "tls.sni": "mx.{domain}"}),),
    28: (Outcome("dane", "untrusted", True, RESORTED),),
    29: (Outcome("dane", "verified", True, matched("3 1 1", 0, **{"tlsa.base_domain": "mx.{domain}"})),),
    30: (Outcome("dane", "verified", True, matched("3 1 1", 0, **{"tlsa.base_domain": "{host}", "tlsa.owner": "tlsa.{domain}"})),),
    31: (Outcome("dane", "trusted", False, finding(62)),),
    32: (Outcome("secure", "trusted", False, finding(62)),),
    33: (Outcome("secure", "untrusted", False, finding(20)),),
    34: (Outcome("secure", "verified", True, {"verification.matched_name": "{host}"}),),
    35: (Outcome("verify", "verified", True, {"verification.matched_name": "{host}"}),),
    36: (Outcome("secure", "untrusted", False, finding(64)),),
    37: (Outcome("encrypt", "trusted", True),),
    38: (Outcome("secure", "verified", True, {"verification.matched_name": "{host}"}),),
    39: (Outcome("secure", "untrusted", False, finding(65)),),
    40: (Outcome("secure", "untrusted", False, finding(10)),),
    41: (Outcome("secure", "untrusted", False, finding(20)),),
    42: (Outcome("secure", "untrusted", False, finding(18)),),
    43: (Outcome("fingerprint", "verified", True, {"verification.matched": True}),),
    44: (Refused("fingerprint", "match"),),
    45: (Outcome("may", "anonymous", True),),
    46: (Outcome("secure", None, False, _failed("handshake_failed")),),
    47: (
        Outcome("may", "untrusted", True, {"tls.protocol": "TLSv1"}),
        Outcome("secure", None, False, _failed("handshake_failed")),
    ),
    48: (
        Outcome("none", None, True, {"error": None, "status": "plaintext"}),
        Outcome("may dane", None, True, {"error.kind": "starttls_not_offered", "status": "plaintext"}),
        Outcome("encrypt dane-only verify secure", None, False, {"error.kind": "starttls_not_offered", "status": "plaintext"}),
    ),
    49: (Outcome("none may encrypt dane dane-only verify secure", None, False, _failed("null_mx")),),
    50: (Outcome("dane", "verified", True, matched("3 1 1", 0, port=2525)),),
}
