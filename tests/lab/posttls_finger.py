# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The output of posttls-finger(1) as values: one frozen Report a run.

The patterns know the output of Postfix 3.7 to 3.12 (src/posttls-finger, src/tls/tls_client.c, src/tls/tls_verify.c). Nothing here
runs anything; see `check`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Callable

_PEER = r"(?P<host>[^\[\]\s]+)\[(?P<addr>[^\]]+)\](?::(?P<port>\d+))?"
_HEX = r"(?P<data>[0-9A-F]+(?:\.\.\.[0-9A-F]+)?)"

PREFIX = re.compile(r"^[\w.-]+: (?:(?P<sev>warning|error|fatal|panic): )?(?P<text>.*)$")
CONNECTED = re.compile(r"^Connected to " + _PEER + r"$")
CHAT = re.compile(r"^(?P<dir>[<>]) (?P<line>.*)$")
GREETING = re.compile(r"^SMTP service not available: (?P<code>\d+) (?P<msg>.*)$")
IO_ERROR = re.compile(
    r"^(?P<what>timeout|lost connection) while (?P<where>reading server greeting|sending (?:EHLO|LHLO|STARTTLS|QUIT command))$"
)
REJECTED = re.compile(r"^(?P<cmd>EHLO|LHLO|STARTTLS) rejected: (?P<code>\d+) (?P<msg>.*)$")
LOOKUP_FAIL = re.compile(r"^Destination address lookup failed: (?P<reason>.*)$")
CONN_FAIL = re.compile(
    r"^Failed to establish session to (?P<dest>.+?)(?: via (?P<via>\S+?)(?::(?P<port>\d+))?)?: "
    r"(?P<reason>(?:connect to|TLSA lookup error|network address|unix-domain name) ?.*)$"
)
SUMMARY = re.compile(
    r"^(?P<status>Verified|Trusted|Untrusted|Anonymous) TLS connection (?P<usage>established|reused) to "
    + _PEER
    + r": (?P<proto>\S+) with cipher (?P<cipher>\S+) \((?P<usebits>\d+)/(?P<algbits>\d+) bits\)"
    r"(?: key-exchange (?P<kex>\S+)(?: \((?P<kexd>[^)]*)\))?)?"
    r"(?: server-signature (?P<sig>\S+)(?: \((?P<sigd>[^)]*)\))?(?: server-digest (?P<sdig>\S+))?)?"
    r"(?: client-signature (?P<csig>\S+)(?: \((?P<csigd>[^)]*)\))?(?: client-digest (?P<cdig>\S+))?)?$"
)
CERT_39 = re.compile(
    r"^" + _PEER + r": subject_CN=(?P<cn>.*), issuer=(?P<issuer>.*), cert fingerprint=(?P<cfp>[0-9A-F:]+), "
    r"pkey fingerprint=(?P<pfp>[0-9A-F:]+)$"
)
CERT_38 = re.compile(
    r"^" + _PEER + r": subject_CN=(?P<cn>.*), issuer_CN=(?P<issuer>.*), fingerprint=(?P<cfp>[0-9A-F:]+), "
    r"pkey_fingerprint=(?P<pfp>[0-9A-F:]+)$"
)
RPK = re.compile(r"^" + _PEER + r": raw public key fingerprint=(?P<pfp>[0-9A-F:]+)$")
PEERNAME = re.compile(r"^" + _PEER + r": matched peername: (?P<name>\S+)$")
MATCH_DANE = re.compile(
    r"^" + _PEER + r": Matched DANE (?P<kind>EE certificate|TA certificate|TA public key verified certificate|raw public key)"
    r"(?: at depth (?P<depth>\d+))?: (?P<u>\d+) (?P<s>\d+) (?P<m>\d+) " + _HEX + r"$"
)
MATCH_FPT = re.compile(r"^" + _PEER + r": Matched fingerprint: (?P<data>[0-9A-F.]+)$")
MATCH_TA = re.compile(r"^" + _PEER + r": Matched trust anchor at depth (?P<depth>\d+)$")
VFY_FAIL = re.compile(
    r"^(?:(?P<purpose>CA|server) )?certificate verification failed for " + _PEER + r": (?:num=(?P<num>\d+):)?(?P<why>.*)$"
)
UNUSABLE = re.compile(
    r"^" + _PEER + r": (?:unusable TLSA RR|error loading trust settings): (?P<u>\d+) (?P<s>\d+) (?P<m>\d+) (?P<data>[0-9A-F.]*)$"
)
ALL_UNUSABLE = re.compile(
    r"^" + _PEER + r": all (?:TLSA records|fingerprints|trust anchors) unusable(?:, fallback to unauthenticated TLS)?$"
)
TLSA_DROP = re.compile(
    r"^(?P<name>\S+(?: -> \S+)?) (?P<why>unsupported TLSA certificate usage|reserved private-use matching type): "
    r"(?P<u>\d+) (?P<s>\d+) (?P<m>\d+) (?P<data>[0-9A-F.]+)$"
)
TLSA_SHORT = re.compile(r"^(?P<name>\S+(?: -> \S+)?): truncated TLSA RR length == (?P<len>\d+)$")
TLSA_ERR = re.compile(r"^DANE TLSA lookup problem: (?P<why>.*)$")
TLSA_RR = re.compile(r"^DNSSEC-signed TLSA record: (?P<owner>\S+): (?P<u>\d+) (?P<s>\d+) (?P<m>\d+) (?P<data>[0-9A-F.]+)$")
DANE_POLICY = re.compile(
    r'^(?:no (?P<usable>usable )?TLSA records found, resorting to "secure"|TLSA RRs found, MX RRset insecure: just encrypt'
    r"|MX RRset insecure: log verified as trusted|MX RRset is insecure: try to encrypt)$"
)
SSL_ERROR = re.compile(r"^SSL_connect error to " + _PEER + r": (?P<why>.*)$")
TLS_LIB = re.compile(r"^TLS library problem: (?P<why>.*)$")
CACHE = re.compile(r"^(?:looking for|reloaded|save|remove) session (?P<id>\S+) (?:in|from|to) (?P<cache>.*)$")
RECONNECT = re.compile(
    r"^(?:Reconnecting after \d+ seconds|Server declined session caching\. Done reconnecting\."
    r"|Found a previously used server\.  Done reconnecting\.|Maximum reconnect count reached\.)$"
)
IDNA = re.compile(r"^(?P<u>\S+) asciified to (?P<a>\S+)$")
ANONYMOUS = re.compile(r"^Server is anonymous$")
NO_ADDR = re.compile(r"^no (?:MX|SRV) host for (?P<name>\S+) has a valid address record$")
TLS_SETUP = re.compile(
    r"^" + _PEER + r": (?P<why>Invalid TLS protocol list|invalid cipher grade|error setting cipher grade|"
    r"error (?:setting|clearing) (?:min|max)imum TLS version|ignoring invalid match name|could not configure peer name checks|"
    r"ignoring too long SNI hostname)"
)
TLS_OFF = re.compile(r"^.*[Dd]isabling TLS support$")
DNSSEC_WARN = re.compile(r"^(?:DNSSEC validation may be unavailable|reason: dnssec_probe .*)$")
FPT_BAD = re.compile(r"^malformed fingerprint value: (?P<value>.*)$")


@dataclass(frozen=True)
class DaneMatch:
    """The TLSA record that authenticated: what it matched, where, and its four fields (long data is abbreviated by Postfix)."""

    kind: str
    depth: int | None
    usage: int
    selector: int
    matching_type: int
    data: str

    @property
    def parameters(self) -> str:
        """For example `3 1 1`."""
        return f"{self.usage} {self.selector} {self.matching_type}"


@dataclass(frozen=True)
class VerifyFailure:
    """One certificate verification failure; the number is OpenSSL's and not always printed."""

    purpose: str | None
    number: int | None
    text: str


@dataclass(frozen=True)
class Rejection:
    """A command (`greeting`, `EHLO`, `STARTTLS`) and the reply that refused it."""

    command: str
    code: int
    text: str


@dataclass(frozen=True)
class Report:
    """What one run of posttls-finger said.

    `status` is verified, trusted, untrusted, anonymous or None when TLS did not come up. Fingerprints are upper case with colons.
    `connected` is (host, address, port) of the first connection. `chat` are the lines of the dialogue with `< ` or `> `.
    `policy` is the line by which DANE was downgraded. `other` are lines that no pattern knows.
    """

    status: str | None = None
    connected: tuple[str, str, int] | None = None
    protocol: str | None = None
    cipher: str | None = None
    cipher_bits: int | None = None
    group: str | None = None
    signature: str | None = None
    signature_digest: str | None = None
    subject: str | None = None
    issuer: str | None = None
    certificate_fingerprint: str | None = None
    public_key_fingerprint: str | None = None
    peername: str | None = None
    dane: DaneMatch | None = None
    matched_fingerprint: str | None = None
    matched_trust_anchor: int | None = None
    verify_failures: tuple[VerifyFailure, ...] = ()
    unusable: tuple[str, ...] = ()
    all_unusable: bool = False
    dropped: tuple[str, ...] = ()
    tlsa_records: tuple[str, ...] = ()
    tlsa_errors: tuple[str, ...] = ()
    policy: str | None = None
    lookup_failure: str | None = None
    connect_failures: tuple[str, ...] = ()
    rejection: Rejection | None = None
    io_error: str | None = None
    tls_errors: tuple[str, ...] = ()
    tls_disabled: bool = False
    fatal: str | None = None
    chat: tuple[str, ...] = ()
    other: tuple[str, ...] = field(default=())

    @property
    def starttls_offered(self) -> bool:
        """True when an EHLO reply had the keyword."""
        return any(re.match(r"< 250[- ]STARTTLS\b", line, re.IGNORECASE) for line in self.chat)

    @property
    def matched(self) -> bool:
        """Authenticated: Verified, or Trusted with a DANE match (an insecure MX logs a match as Trusted)."""
        return self.status == "verified" or (self.status == "trusted" and self.dane is not None)


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _record(match: re.Match[str]) -> str:
    return f"{match['u']} {match['s']} {match['m']} {match['data']}"


def _summary(report: Report, match: re.Match[str]) -> Report:
    return replace(
        report,
        status=match["status"].lower(),
        protocol=match["proto"],
        cipher=match["cipher"],
        cipher_bits=int(match["usebits"]),
        group=match["kex"],
        signature=match["sig"],
        signature_digest=match["sdig"],
    )


def _certificate(report: Report, match: re.Match[str]) -> Report:
    return replace(
        report,
        subject=match["cn"],
        issuer=match["issuer"],
        certificate_fingerprint=match["cfp"],
        public_key_fingerprint=match["pfp"],
    )


def _connected(report: Report, match: re.Match[str]) -> Report:
    return replace(report, connected=report.connected or (match["host"], match["addr"], int(match["port"] or 0)))


def _dane(report: Report, match: re.Match[str]) -> Report:
    fields = (int(match["u"]), int(match["s"]), int(match["m"]), match["data"])
    return replace(report, dane=DaneMatch(match["kind"], _number(match["depth"]), *fields))


def _failure(report: Report, match: re.Match[str]) -> Report:
    failure = VerifyFailure(match["purpose"], _number(match["num"]), match["why"])
    return replace(report, verify_failures=(*report.verify_failures, failure))


_READERS: tuple[tuple[re.Pattern[str], Callable[[Report, re.Match[str]], Report]], ...] = (
    (CONNECTED, _connected),
    (CHAT, lambda report, match: replace(report, chat=(*report.chat, match[0]))),
    (SUMMARY, _summary),
    (CERT_39, _certificate),
    (CERT_38, _certificate),
    (RPK, lambda report, match: replace(report, public_key_fingerprint=match["pfp"])),
    (PEERNAME, lambda report, match: replace(report, peername=match["name"])),
    (MATCH_DANE, _dane),
    (MATCH_FPT, lambda report, match: replace(report, matched_fingerprint=match["data"])),
    (MATCH_TA, lambda report, match: replace(report, matched_trust_anchor=int(match["depth"]))),
    (VFY_FAIL, _failure),
    (UNUSABLE, lambda report, match: replace(report, unusable=(*report.unusable, _record(match)))),
    (ALL_UNUSABLE, lambda report, match: replace(report, all_unusable=True)),
    (TLSA_DROP, lambda report, match: replace(report, dropped=(*report.dropped, _record(match)))),
    (TLSA_SHORT, lambda report, match: replace(report, dropped=(*report.dropped, match[0]))),
    (TLSA_RR, lambda report, match: replace(report, tlsa_records=(*report.tlsa_records, _record(match)))),
    (TLSA_ERR, lambda report, match: replace(report, tlsa_errors=(*report.tlsa_errors, match["why"]))),
    (DANE_POLICY, lambda report, match: replace(report, policy=match[0])),
    (LOOKUP_FAIL, lambda report, match: replace(report, lookup_failure=match["reason"])),
    (CONN_FAIL, lambda report, match: replace(report, connect_failures=(*report.connect_failures, match["reason"]))),
    (GREETING, lambda report, match: replace(report, rejection=Rejection("greeting", int(match["code"]), match["msg"]))),
    (REJECTED, lambda report, match: replace(report, rejection=Rejection(match["cmd"], int(match["code"]), match["msg"]))),
    (IO_ERROR, lambda report, match: replace(report, io_error=match[0])),
    (SSL_ERROR, lambda report, match: replace(report, tls_errors=(*report.tls_errors, match["why"]))),
    (TLS_LIB, lambda report, match: replace(report, tls_errors=(*report.tls_errors, match["why"]))),
    (TLS_OFF, lambda report, match: replace(report, tls_disabled=True)),
)


def _read(report: Report, line: str) -> Report:
    """The report with one more line of output in it."""
    prefixed = PREFIX.match(line)
    if prefixed is None:
        return replace(report, other=(*report.other, line))
    if prefixed["sev"] in ("fatal", "panic"):
        return replace(report, fatal=prefixed["text"])
    for pattern, reader in _READERS:
        match = pattern.match(prefixed["text"])
        if match:
            return reader(report, match)
    return replace(report, other=(*report.other, line))


def parse(output: str) -> Report:
    """The whole output (standard output, chat included) as a report. Never raises; what is not understood is in `other`."""
    report = Report()
    for line in output.splitlines():
        if line.strip():
            report = _read(report, line)
    return report


_IO_PHASES: Mapping[str, str] = {"timeout": "timeout", "lost connection": "disconnected"}


def error_kind(report: Report, level: str) -> str | None:
    """The collection's word (ErrorKind) for what kept TLS from coming up; None when it did or was not wanted."""
    if report.status or report.fatal:
        return None
    if report.lookup_failure is not None:
        return _lookup_kind(report.lookup_failure)
    if report.rejection:
        return _rejection_kind(report.rejection)
    if report.io_error:
        return _IO_PHASES[report.io_error.partition(" while")[0]]
    if report.tls_errors:
        return _handshake_kind(report.tls_errors)
    if report.connected:
        # What the reply says does not count: Postfix does not find the keyword behind the first 2 kB.
        return None if level == "none" or "> STARTTLS" in report.chat else "starttls_not_offered"
    return _connect_kind(report.connect_failures)


def _rejection_kind(rejection: Rejection) -> str:
    if rejection.code == 0:
        return "protocol_error"
    if "too many connections" in rejection.text:
        return "rate_limited"
    return "starttls_rejected" if rejection.command == "STARTTLS" else "rejected"


def _handshake_kind(errors: tuple[str, ...]) -> str:
    for text, kind in (("timed out", "timeout"), ("lost connection", "disconnected"), ("reset by peer", "disconnected")):
        if text in errors[0].lower():
            return kind
    return "handshake_failed"


def _lookup_kind(reason: str) -> str:
    if "nullMX" in reason:
        return "null_mx"
    absent = reason.endswith(("Host not found", "no data record of requested type"))
    return "dns_not_found" if absent else "dns_error"


def _connect_kind(failures: tuple[str, ...]) -> str | None:
    if not failures:
        return None
    if failures[-1].startswith("TLSA lookup error"):
        return "tlsa_lookup_failed"
    for text, kind in (("refused", "connect_refused"), ("timed out", "connect_timeout")):
        if text in failures[-1]:
            return kind
    return "connect_failed"
