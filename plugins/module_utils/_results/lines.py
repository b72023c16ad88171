# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as lines of text in the manner of posttls-finger, for people who know it (posttls-finger.c, tls_misc.c, tls_verify.c).

Works on results as facts, so that a result read back from a file reports the same. All remote text in them is clean. What
`posttls-finger -L` turns on is a `Detail` here; the dialogue and the certificates follow when they are in the facts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import ErrorKind
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import endpoint_name
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

_NOUNS = {"verified": "Verified", "trusted": "Trusted", "untrusted": "Untrusted", "anonymous": "Anonymous"}
_OPENSSL_CURVES = {"secp256r1": "prime256v1", "secp192r1": "prime192v1"}
_MATCHING = ("verify", "secure", "fingerprint", "dane", "dane-only", "half-dane")
_PLAIN_ERRORS = {
    18: "self-signed certificate",
    19: "untrusted issuer",
    20: "untrusted issuer",
    22: "certificate chain longer than limit(10)",
}
_SIDED_ERRORS = {9: "certificate not yet valid", 10: "certificate has expired"}
_DROPPED = ("unsupported TLSA certificate usage", "reserved private-use matching type")
"""Why Postfix drops a record when it reads DNS, in its own words; others are left to the TLS library."""
_LONGEST_NAME = 255
_COMMON_NAME = re.compile(r"(?:^|[,+])CN=((?:\\.|[^,+\\])*)")


class ReportDetail(str, Enum):
    """The log options of posttls-finger that mean something without a log."""

    SUMMARY = "summary"
    CERTMATCH = "certmatch"
    PEERCERT = "peercert"
    UNTRUSTED = "untrusted"
    CACHE = "cache"
    VERBOSE = "verbose"


DEFAULT_DETAIL = (ReportDetail.SUMMARY, ReportDetail.CERTMATCH)
"""posttls-finger's own default, `-L routine,certmatch`."""


def report_lines(
    results: Sequence[Mapping[str, Any]], detail: Collection[ReportDetail] = DEFAULT_DETAIL
) -> list[str]:
    """Return the lines about all destinations, each endpoint's together, in posttls-finger's order."""
    lines: list[str] = []
    for result in results:
        verdict = "satisfied" if result["satisfied"] else "not satisfied"
        name = clean(result["destination"], _LONGEST_NAME)  # what is no destination can be anything
        lines.append(f"{name}: {result['status']}, {verdict}")
        if ReportDetail.VERBOSE in detail:
            lines += result["route"]["warnings"]
        if result["error"] is not None:
            invalid = result["error"]["kind"] == ErrorKind.INVALID_DESTINATION.value
            what = "Not a destination" if invalid else "Destination address lookup failed"
            lines.append(f"{what}: {result['error']['text']}")
        for endpoint in result["endpoints"]:
            lines += _endpoint_lines(result["destination"], endpoint, detail)
        if ReportDetail.VERBOSE in detail:
            lines += [f"{one['id']}: {one['subject']}: {one['text']}" for one in result.get("lint") or ()]
    return lines


def _endpoint_lines(
    destination: str, endpoint: Mapping[str, Any], detail: Collection[ReportDetail]
) -> list[str]:
    """Return the lines about one endpoint: one session, or one for each kind of key that was asked for."""
    lines = _SessionLines(destination, endpoint, detail).levels()
    sessions = endpoint.get("key_algorithms")
    if not sessions:
        return [*lines, *_SessionLines(destination, endpoint, detail).lines()]
    own = {name: value for name, value in endpoint.items() if name not in ("transcript", "reconnects")}
    for session in sessions:
        peer, algorithm = endpoint_name(endpoint), session["algorithm"]
        if session["offered"] is False:
            lines.append(f"{peer}: no {algorithm} key: {session['error']['text']}")
            continue
        lines.append("{}: asked for {} key".format(peer, algorithm if algorithm == "any" else f"an {algorithm}"))
        facts = {**own, **session, "tlsa": {**endpoint["tlsa"], **session["tlsa"]}}
        lines += _SessionLines(destination, facts, detail).lines()
    return lines


class _SessionLines:
    """The lines about one session with an endpoint, whose facts it takes."""

    def __init__(self, destination: str, facts: Mapping[str, Any], detail: Collection[ReportDetail]) -> None:
        self._destination, self._facts, self._detail = destination, facts, detail
        self._peer = endpoint_name(facts)
        self._verification: Mapping[str, Any] = facts["verification"] or {}

    def lines(self) -> list[str]:
        """Return all but those of `levels`."""
        chat = self._facts.get("transcript") or ()
        connected = [f"Connected to {self._peer}"] if chat else []
        split = next((at for at, line in enumerate(chat) if line["phase"] in ("ehlo_tls", "quit")), len(chat))
        return [
            *connected,
            *self._chat(chat[:split]),
            *self._session(),
            *self._matches(),
            *self._certificate(),
            *self._failed_verification(),
            *self._summary(),
            *self._chat(chat[split:]),
            *self._chain(),
            *self._reconnects(),
            *self._error(),
        ]

    def levels(self) -> list[str]:
        """Return the lines about what was decided before there was a session."""
        lines = []
        if self._verification.get("reason"):
            lines.append(f"{self._peer}: {self._verification['reason']}")
        if ReportDetail.VERBOSE in self._detail:
            for record in self._facts["tlsa"]["records"]:
                lines.append(f"DNSSEC-signed TLSA record: {self._facts['tlsa']['owner']}: {_tlsa(record)}")
        return lines

    def _chat(self, lines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        for line in lines:
            yield f"{line['direction']} {line['text']}"

    def _session(self) -> Iterator[str]:
        if self._facts["injected_plaintext"]:
            yield f"{self._peer}: {self._facts['injected_plaintext']} bytes of plaintext behind the STARTTLS reply dropped"  # fmt: skip
        tls = self._facts["tls"]
        if ReportDetail.CACHE in self._detail and tls is not None and tls["session_reused"]:
            yield f"{self._peer}: Reusing old session"

    def _matches(self) -> Iterator[str]:
        if ReportDetail.CERTMATCH not in self._detail:
            return
        for record in self._facts["tlsa"]["records"]:
            if record["reason"] in _DROPPED:
                yield f"{self._facts['tlsa']['owner']} {record['reason']}: {_tlsa(record)}"
            elif not record["data"]:
                yield f"{self._facts['tlsa']['owner']}: truncated TLSA RR length == 3"
            elif not record["usable"]:
                yield f"{self._peer}: unusable TLSA RR: {_tlsa(record)}"
        if self._verification.get("matched_name"):
            yield f"{self._peer}: matched peername: {self._verification['matched_name']}"
        if not self._verification.get("matched"):
            return  # a record may well name a certificate that does not authenticate: only success is said
        for record in self._facts["tlsa"]["records"]:
            if record["usable"] and record["matched"] and record["reason"] is None:
                kind = _matched_kind(record, self._facts["chain"])
                yield f"{self._peer}: Matched DANE {kind} at depth {record['matched_depth']}: {_tlsa(record)}"

    def _certificate(self) -> Iterator[str]:
        if not self._facts["chain"] or not {ReportDetail.CERTMATCH, ReportDetail.PEERCERT} & set(self._detail):
            return
        leaf = self._facts["chain"][0]
        names = f"subject_CN={_common_name(leaf['subject'])}, issuer={_common_name(leaf['issuer'])}"
        fingerprints = f"cert fingerprint={_fingerprint(leaf, 'certificate')}, pkey fingerprint={_fingerprint(leaf, 'public_key')}"
        yield f"{self._peer}: {names}, {fingerprints}"

    def _failed_verification(self) -> Iterator[str]:
        error = self._verification.get("error")
        level = "requested_level" if self._all_unusable() else "effective_level"
        wanted = self._verification.get(level) in _MATCHING or ReportDetail.UNTRUSTED in self._detail
        if error is None or not wanted:
            return
        side = "server" if error["depth"] == 0 else "CA"
        if error["code"] in _PLAIN_ERRORS:
            text = f"certificate verification failed for {self._peer}: {_PLAIN_ERRORS[error['code']]}"
            if error["code"] in (19, 20):
                text += f" /CN={_missing_issuer(self._facts['chain'], error['depth'])}"
            yield text
        elif error["code"] in _SIDED_ERRORS:
            yield f"{side} certificate verification failed for {self._peer}: {_SIDED_ERRORS[error['code']]}"
        else:
            yield f"{side} certificate verification failed for {self._peer}: num={error['code']}:{error['text']}"  # fmt: skip

    def _all_unusable(self) -> bool:
        """Only in the TLS library Postfix finds out that it can use no record; by then it has set up DANE, and tells what fails."""
        records = self._facts["tlsa"]["records"]
        return bool(records) and not any(record["usable"] for record in records)

    def _summary(self) -> Iterator[str]:
        tls, status = self._facts["tls"], self._facts["status"]
        if ReportDetail.SUMMARY not in self._detail or tls is None or status not in _NOUNS:
            return
        usage = "reused" if tls["session_reused"] else "established"
        cipher = f"cipher {tls['cipher']} ({tls['cipher_bits']}/{tls['cipher_bits']} bits)"
        line = f"{_NOUNS[status]} TLS connection {usage} to {self._peer}: {tls['protocol']} with {cipher}"
        if tls["group"]:
            line += f" key-exchange {tls['group']}"
        if tls["signature"]:
            line += f" server-signature {tls['signature']}{_key_size(self._facts['chain'])}"
        if tls["signature_digest"]:
            line += f" server-digest {tls['signature_digest']}"
        yield line
        if status == "anonymous":
            yield "Server is anonymous"

    def _chain(self) -> Iterator[str]:
        """The dump of `posttls-finger -C`, when the facts have the certificates in PEM."""
        if not any(one.get("pem") for one in self._facts["chain"]):
            return
        yield "---"
        yield "Certificate chain"
        for depth, one in enumerate(self._facts["chain"]):
            yield f"{int(depth):2} subject: {one['subject']}"
            yield f"    issuer: {one['issuer']}"
            yield f"   cert digest={_fingerprint(one, 'certificate')}"
            yield f"   pkey digest={_fingerprint(one, 'public_key')}"
            yield from one["pem"].splitlines()

    def _reconnects(self) -> Iterator[str]:
        reconnects = self._facts.get("reconnects")
        if reconnects is None:
            return
        for attempt in reconnects["attempts"]:
            if attempt["error"] is not None:
                yield f"{self._peer}: reconnecting failed: {attempt['error']['text']}"
                continue
            known = "known" if attempt["session_offered"] else "new"
            resumed = "session resumed" if attempt["session_reused"] else "session not resumed"
            yield f"{self._peer}: reconnected to a {known} server, {resumed}: {attempt['server_name']}"
        yield {
            "not_cached": "Server declined session caching. Done reconnecting.",
            "known_server": "Found a previously used server.  Done reconnecting.",
            "maximum": "Maximum reconnect count reached.",
            "failed": "Reconnecting failed.",
        }[reconnects["ended"]]

    def _error(self) -> Iterator[str]:
        error = self._facts["error"]
        if error is None or error["kind"] == ErrorKind.DNSSEC_UNAVAILABLE.value:  # no failure of a session; a level's reason
            return
        via, text = self._peer, error["text"]
        if error["phase"] in ("tlsa", "connect"):  # told as posttls-finger does
            via = f"{self._facts['host']}:{self._facts['port']}" if self._facts["port"] else self._facts["host"]
        if error["phase"] == "connect":
            text = f"connect to {self._peer}: {text}"
        yield f"Failed to establish session to {self._destination} via {via}: {text}"


def _matched_kind(record: Mapping[str, Any], chain: Sequence[Mapping[str, Any]]) -> str:
    """What a record matched: the server's certificate, an issuer's, or no certificate at all but a bare key."""
    if record["usage"] == 3:
        return "EE certificate"
    if (record["selector"], record["matching_type"]) == (1, 0):
        data = bytes.fromhex(record["data"])
        keys = [item for one in chain[1:] for item in one["fingerprints"]["public_key"].items()]
        if not any(hashlib.new(digest, data).hexdigest() == value for digest, value in keys):
            return "TA public key verified certificate"
    return "TA certificate"


def _tlsa(record: Mapping[str, Any]) -> str:
    """A record as Postfix writes it: upper case, the middle of long data left out."""
    data = record["data"].upper()
    if len(data) > 128:
        data = f"{data[:64]}...{data[-64:]}"
    return f"{record['usage']} {record['selector']} {record['matching_type']} {data}"


def _fingerprint(certificate: Mapping[str, Any], part: str) -> str:
    value: str | None = next(iter(certificate["fingerprints"][part].values()), None)
    return ":".join(value[at : at + 2] for at in range(0, len(value), 2)).upper() if value else ""


def _common_name(name: str | None) -> str:
    """The CN of a distinguished name in RFC 4514 form, else the whole name."""
    found = _COMMON_NAME.search(name or "")
    return found.group(1) if found else name or ""


def _missing_issuer(chain: Sequence[Mapping[str, Any]], depth: int) -> str:
    return _common_name(chain[depth]["issuer"]) if depth < len(chain) else ""


def _key_size(chain: Sequence[Mapping[str, Any]]) -> str:
    key = chain[0]["public_key"] if chain else None
    if not key:
        return ""
    if key.get("curve"):
        return f" ({_OPENSSL_CURVES.get(key['curve'], key['curve'])})"
    return f" ({key['bits']} bits)" if key["type"].startswith("rsa") else ""
