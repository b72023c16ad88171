# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One situation as both sides see it: posttls-finger's report and our endpoint, item by item.

posttls-finger looks at the first address that takes a connection; ours is the endpoint of the same address. Where it reached none, all
of ours have to have failed too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.tests.lab import posttls_finger
from ansible_collections.mailops.tls.tests.lab.posttls_finger import Report

WITHOUT_TLS = ("plaintext", "failed")
FINDINGS: Mapping[str, tuple[int, ...]] = {
    "not trusted by local or TLSA policy": (27,),
    "self-signed certificate": (18, 19),
    "untrusted issuer": (19, 20),
    "not designated for use as a server certificate": (26,),
    "certificate chain longer than limit": (22,),
    "certificate not yet valid": (9,),
    "certificate has expired": (10,),
}
"""What posttls-finger writes in place of OpenSSL's number (tls_verify.c)."""


@dataclass(frozen=True)
class Item:
    """One thing that both sides tell."""

    name: str
    postfix: Any
    ours: Any

    @property
    def values(self) -> tuple[Any, Any]:
        """Both sides' values, plain: several numbers that one text of Postfix may mean are in order."""
        postfix = self.postfix
        if isinstance(postfix, frozenset):
            postfix = next(iter(postfix)) if len(postfix) == 1 else tuple(sorted(postfix))
        return postfix, self.ours

    @property
    def agrees(self) -> bool:
        """Equal, or one of several values that the other side's words can mean."""
        return self.ours in self.postfix if isinstance(self.postfix, frozenset) else bool(self.postfix == self.ours)


def compare(report: Report, result: Mapping[str, Any], level: str) -> list[Item]:
    """All items of one situation, those that agree included."""
    if report.fatal is not None:
        return [Item("fatal", report.fatal, None)]
    kind = posttls_finger.error_kind(report, level)
    if report.connected is None:
        return [Item("endpoints that took a connection", None, _reached(result)), *_unreached(kind, result)]
    endpoint = next((one for one in result["endpoints"] if (one["address"], one["port"]) == report.connected[1:]), None)
    if endpoint is None:
        return [Item("endpoint", report.connected, None)]
    items = [
        Item("host", report.connected[0], endpoint["host"]),
        Item("status", report.status, None if endpoint["status"] in WITHOUT_TLS else endpoint["status"]),
        Item("error_kind", kind, (endpoint["error"] or {}).get("kind")),
        Item("starttls", report.starttls_offered, "STARTTLS" in (endpoint["capabilities"]["before_tls"] or {})),
    ]
    if report.status and endpoint["tls"] and endpoint["verification"]:
        items += [*_session(report, endpoint["tls"]), *_certificate(report, endpoint)]
    if len(result["endpoints"]) == 1:
        items.append(Item("unusable records", _unusable(report), _our_unusable(endpoint)))
    return items


def took_a_connection(endpoint: Mapping[str, Any]) -> bool:
    """Whether the server of an endpoint was reached at all."""
    return endpoint["error"] is None or endpoint["error"]["phase"] not in ("dns", "tlsa", "connect")


def _reached(result: Mapping[str, Any]) -> str | None:
    """The first endpoint that took our connection, if any."""
    return next((one["host"] for one in result["endpoints"] if took_a_connection(one)), None)


def _unreached(kind: str | None, result: Mapping[str, Any]) -> Iterator[Item]:
    """posttls-finger tells why its last address failed; each of ours has a reason of its own."""
    kinds = [one["error"]["kind"] for one in result["endpoints"] if one["error"]] or [(result["error"] or {}).get("kind")]
    yield Item("status", None, None if result["status"] in WITHOUT_TLS else result["status"])
    yield Item("error_kind", kind, kinds[-1])


def _session(report: Report, tls: Mapping[str, Any]) -> Iterator[Item]:
    """The summary line; what TLS 1.3 alone tells stays away at lower versions."""
    yield Item("protocol", report.protocol, tls["protocol"])
    yield Item("cipher", report.cipher, tls["cipher"])
    yield Item("cipher_bits", report.cipher_bits, tls["cipher_bits"])
    if report.group:
        yield Item("group", report.group.lower(), (tls["group"] or "").lower())
        yield Item("signature", (report.signature or "").lower(), (tls["signature"] or "").lower())
        yield Item("signature_digest", report.signature_digest, tls["signature_digest"])


def _certificate(report: Report, endpoint: Mapping[str, Any]) -> Iterator[Item]:
    """The certificate, what authenticated it, and what did not."""
    leaf = endpoint["chain"][0]["fingerprints"] if endpoint["chain"] else None
    yield Item("certificate", _plain(report.certificate_fingerprint), leaf and leaf["certificate"]["sha256"])
    yield Item("public key", _plain(report.public_key_fingerprint), leaf and leaf["public_key"]["sha256"])
    verification = endpoint["verification"]
    yield Item("matched record", _matched(report), _our_matched(report, endpoint))
    yield Item("matched name", report.peername, verification["matched_name"])
    if report.verify_failures or verification["matched"]:
        error = verification["error"]
        yield Item("finding", _finding(report), error and error["code"])


def _plain(fingerprint: str | None) -> str | None:
    return fingerprint.replace(":", "").lower() if fingerprint else None


def _matched(report: Report) -> str | None:
    """The TLSA record that authenticated, with its depth; long data as Postfix abbreviates it."""
    dane = report.dane
    return f"{dane.parameters} {dane.data} at depth {dane.depth}" if dane else None


def _our_matched(report: Report, endpoint: Mapping[str, Any]) -> str | None:
    """The same of ours; where several records match, the one that posttls-finger names, if it is among them."""
    verification = endpoint["verification"]
    if not verification["matched"] or verification["effective_level"] not in ("dane", "dane-only", "half-dane"):
        return None
    texts = [f"{_record(record)} at depth {record['matched_depth']}" for record in endpoint["tlsa"]["records"] if record["matched"]]
    wanted = _matched(report)
    return wanted if wanted in texts else "; ".join(texts)


def _record(record: Mapping[str, Any]) -> str:
    data = record["data"].upper()
    short = data if len(data) <= 128 else f"{data[:64]}...{data[-64:]}"
    return f"{record['usage']} {record['selector']} {record['matching_type']} {short}"


def _finding(report: Report) -> frozenset[int] | None:
    """The OpenSSL number of the verification failure; some texts stand for more than one."""
    if not report.verify_failures:
        return None
    failure = report.verify_failures[-1]
    if failure.number is not None:
        return frozenset({failure.number})
    codes: Sequence[int] = next((codes for text, codes in FINDINGS.items() if failure.text.startswith(text)), ())
    return frozenset(codes)


def _unusable(report: Report) -> tuple[str, ...]:
    """The TLSA records that posttls-finger says it cannot use, each once, without where it was found out."""
    return tuple(sorted(set(report.dropped) | set(report.unusable)))


def _our_unusable(endpoint: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted({_record(one) for one in endpoint["tlsa"]["records"] if not one["usable"]}))
