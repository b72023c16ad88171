# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as lines of text in the manner of posttls-finger, for people who know it (posttls-finger.c, tls_misc.c).

Works on results as facts, so that a result read back from a file reports the same. All remote text in them is clean.
"""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ansible_collections.mailops.tls.plugins.module_utils._probe.expect import endpoint_name

_NOUNS = {"verified": "Verified", "trusted": "Trusted", "untrusted": "Untrusted", "anonymous": "Anonymous"}


def report_lines(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the lines about all destinations, each endpoint's together."""
    lines: list[str] = []
    for result in results:
        verdict = "satisfied" if result["satisfied"] else "not satisfied"
        lines.append("%s: %s, %s" % (result["destination"], result["status"], verdict))
        if result["error"] is not None:
            lines.append("Destination address lookup failed: %s" % result["error"]["text"])
        for endpoint in result["endpoints"]:
            lines += _endpoint_lines(result["destination"], endpoint)
    return lines


def _endpoint_lines(destination: str, endpoint: Mapping[str, Any]) -> list[str]:
    peer = endpoint_name(endpoint)
    lines = _match_lines(peer, endpoint)
    if endpoint["injected_plaintext"]:
        lines.append("%s: %d bytes of plaintext behind the STARTTLS reply were dropped" % (peer, endpoint["injected_plaintext"]))
    if endpoint["chain"]:
        lines.append(_certificate_line(peer, endpoint["chain"][0]))
    verification = endpoint["verification"]
    if verification is not None and verification["error"] is not None:
        lines.append(
            "certificate verification failed for %s: num=%d:%s"
            % (peer, verification["error"]["code"], verification["error"]["text"])
        )
    if endpoint["status"] in _NOUNS and endpoint["tls"] is not None:
        lines.append(_summary_line(peer, endpoint))
    if endpoint["error"] is not None:
        lines.append("Failed to establish session to %s via %s: %s" % (destination, peer, endpoint["error"]["text"]))
    return lines


def _match_lines(peer: str, endpoint: Mapping[str, Any]) -> list[str]:
    lines = []
    verification = endpoint["verification"] or {}
    if verification.get("reason"):
        lines.append("%s: %s" % (peer, verification["reason"]))
    if verification.get("matched_name"):
        lines.append("%s: matched peername: %s" % (peer, verification["matched_name"]))
    for record in endpoint["tlsa"]["records"]:
        text = "%(usage)d %(selector)d %(matching_type)d %(data)s" % record
        if not record["usable"]:
            lines.append("%s: unusable TLSA RR: %s (%s)" % (peer, text, record["reason"]))
        elif record["matched"]:
            kind = "EE" if record["usage"] == 3 else "TA"
            lines.append("%s: Matched DANE %s certificate at depth %d: %s" % (peer, kind, record["matched_depth"], text))
    return lines


def _certificate_line(peer: str, certificate: Mapping[str, Any]) -> str:
    prints = certificate["fingerprints"]
    digest = next(iter(prints["certificate"]))
    return "%s: subject=%s, issuer=%s, cert fingerprint=%s:%s, pkey fingerprint=%s:%s" % (
        peer,
        certificate["subject"],
        certificate["issuer"],
        digest,
        prints["certificate"][digest],
        digest,
        prints["public_key"][digest],
    )


def _summary_line(peer: str, endpoint: Mapping[str, Any]) -> str:
    tls = endpoint["tls"]
    usage = "reused" if tls["session_reused"] else "established"
    line = "%s TLS connection %s to %s: %s with cipher %s (%s bits)" % (
        _NOUNS[endpoint["status"]], usage, peer, tls["protocol"], tls["cipher"], tls["cipher_bits"],
    )  # fmt: skip
    if tls["group"]:
        line += " key-exchange %s" % tls["group"]
    if tls["signature"]:
        line += " server-signature %s" % tls["signature"]
    if tls["signature_digest"]:
        line += " server-digest %s" % tls["signature_digest"]
    return line
