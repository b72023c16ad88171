# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's options as one checked value. Every mistake is found here, before anything is probed or looked up."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import screen
from ansible_collections.mailops.tls.plugins.module_utils._dane.trust_anchors import trust_anchor_records
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._dns.nameserver import Nameserver, parse_nameserver
from ansible_collections.mailops.tls.plugins.module_utils._dns.resolver import TrustAd
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.given import read_given
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import AddressFamily
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.destination import (
    OPTION,
    Destination,
    InvalidDestination,
    Protocol,
    parse_destination,
)
from ansible_collections.mailops.tls.plugins.module_utils._probe.destination_advice import SHOWN, advice
from ansible_collections.mailops.tls.plugins.module_utils._probe.route import HostLookup, Lookup
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import InsecureMxPolicy, SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import service_port
from ansible_collections.mailops.tls.plugins.module_utils._probe.written_files import check_written_files
from ansible_collections.mailops.tls.plugins.module_utils._results.expect import Expectation, parse_expectation
from ansible_collections.mailops.tls.plugins.module_utils._results.lines import DEFAULT_DETAIL, ReportDetail
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._tls.client_identity import exposed_keys
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._tls.protocols import parse_protocols
from ansible_collections.mailops.tls.plugins.module_utils._x509.fingerprints import (
    check_digest,
    parse_fingerprint,
)
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import reference_names

_HOSTNAME = re.compile(r"^(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
                       r"(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\Z")  # fmt: skip
_ADDRESS_LITERAL = re.compile(r"^\[[0-9A-Za-z.:]+\]\Z")


class Exchanges(Enum):
    """Which candidates of a destination are probed: all, or up to the first that takes a connection."""

    ALL = "all"
    FIRST = "first"


@dataclass(frozen=True)
class ProbeOptions:
    """Everything a run of the probe needs to know; times in seconds.

    `destinations` are those that can be probed, `invalid` those of a list that cannot, and `order` the texts of all as given.
    """

    destinations: tuple[Destination, ...]
    security_level: SecurityLevel = SecurityLevel.DANE
    exchanges: Exchanges = Exchanges.ALL
    lookup: Lookup = Lookup.MX
    host_lookup: tuple[HostLookup, ...] = (HostLookup.DNS,)
    address_family: AddressFamily = AddressFamily.ANY
    dialogue: SmtpSettings = SmtpSettings("localhost.localdomain")
    limits: TimeLimits = TimeLimits()
    tls: TlsParameters = TlsParameters()
    sni: str | None = None
    match: tuple[str, ...] = ()
    fingerprints: tuple[bytes, ...] = ()
    fingerprint_digest: str = "sha256"
    trust_anchors: tuple[TlsaRecord, ...] = ()
    dane_digests: tuple[str, ...] = ("sha512", "sha256")
    insecure_mx_policy: InsecureMxPolicy = InsecureMxPolicy.DANE
    force_tlsa: bool = False
    nameservers: tuple[Nameserver, ...] = ()
    trust_ad: TrustAd = TrustAd.AUTO
    concurrency: int = 100
    per_address_limit: int = 4
    reconnect_delay: float | None = None
    reconnect_max: int = 5
    results_file: str | None = None
    resume: bool = False
    include_pem: bool = False
    transcript: bool = False
    expect: Expectation | None = None
    keylog_file: str | None = None
    trace_file: str | None = None
    report: tuple[ReportDetail, ...] = DEFAULT_DETAIL
    warnings: tuple[str, ...] = ()
    invalid: tuple[InvalidDestination, ...] = ()
    order: tuple[str, ...] = ()


def smtp_options(params: Mapping[str, Any]) -> ProbeOptions:
    """Turn the parameters of `smtp_tls_probe` into options.

    Raises `OptionError` for the first value that cannot be used.
    """
    check_written_files(params)
    level = SecurityLevel(params["security_level"])
    protocol = Protocol(params["protocol"])
    match = tuple(params["match"] or ())
    digest = check_digest(params["fingerprint_digest"], "fingerprint_digest")
    fingerprints: tuple[bytes, ...] = ()
    if level is SecurityLevel.FINGERPRINT:
        fingerprints, match = _fingerprints(match, digest), ()
    reference_names(match, nexthop="example.org", hostname="mx.example.org")  # finds mistakes before any name is known
    destinations, invalid = _destinations(params["destinations"], protocol)
    return ProbeOptions(
        destinations=destinations,
        invalid=invalid,
        order=tuple(params["destinations"]),
        security_level=level,
        exchanges=Exchanges(params["exchanges"]),
        lookup=Lookup(params["lookup"]),
        host_lookup=tuple(HostLookup(one) for one in params["host_lookup"]),
        address_family=AddressFamily(params["address_family"]),
        dialogue=SmtpSettings(
            _ehlo_name(params["ehlo_name"]),
            lmtp=protocol is Protocol.LMTP,
            implicit=_implicit(params, level),
            transcript=params["transcript"],
        ),
        limits=_limits(params),
        tls=_tls_parameters(params),
        sni=_sni(params["sni"]),
        match=match,
        fingerprints=fingerprints,
        trust_anchors=_trust_anchors(params["trust_anchor_files"] or ()),
        fingerprint_digest=digest,
        dane_digests=_dane_digests(params["dane_digests"]),
        insecure_mx_policy=InsecureMxPolicy(params["insecure_mx_policy"]),
        force_tlsa=params["force_tlsa"],
        nameservers=tuple(parse_nameserver(one) for one in params["nameservers"] or ()),
        trust_ad=TrustAd(params["trust_ad"]),
        concurrency=_positive(params, "concurrency"),
        per_address_limit=_positive(params, "per_address_limit"),
        reconnect_delay=_reconnect_delay(params["reconnect_delay"]),
        reconnect_max=_positive(params, "reconnect_max"),
        results_file=params["results_file"],
        resume=_resume(params),
        include_pem=params["include_pem"],
        transcript=params["transcript"],
        expect=parse_expectation(params["expect"]) if params["expect"] is not None else None,
        keylog_file=params["keylog_file"],
        trace_file=params["trace_file"],
        report=tuple(ReportDetail(one) for one in params["report_detail"]),
        warnings=_warnings(level, match, params)
        + exposed_keys(params["client_certificate"], params["client_key"], params["client_chain_files"] or ()),
    )


def _destinations(texts: Sequence[str], protocol: Protocol) -> tuple[tuple[Destination, ...], tuple[InvalidDestination, ...]]:
    """Read the destinations. One of several that is none becomes a result, so that it cannot keep thousands from being probed."""
    if not texts:
        raise OptionError(OPTION, texts, "names nothing to probe")
    found: list[Destination] = []
    invalid: list[InvalidDestination] = []
    for text in texts:
        try:
            found.append(_destination(text, protocol))
        except OptionError as error:
            if len(texts) == 1:
                raise
            invalid.append(InvalidDestination(text, invalid_destination(error)))
    return tuple(found), tuple(invalid)


def _destination(text: str, protocol: Protocol) -> Destination:
    """Read one destination; what is none is told with what to write in place of it."""
    try:
        found = parse_destination(text, protocol=protocol, service_port=service_port)
    except OptionError as error:
        shown = text if len(text) <= SHOWN else text[:SHOWN] + "..."
        raise OptionError(OPTION, shown, advice(text) or error.reason) from error
    if text.lower() == "mailto:":  # Postfix would take it for a host of this name
        raise OptionError(OPTION, text, advice(text) or "")
    return found


def invalid_destination(error: OptionError) -> Failure:
    """Return the failure of a destination that could not be read."""
    text = f"{clean(str(error.value), SHOWN + 3)!r} {error.reason}"
    return Failure(ErrorKind.INVALID_DESTINATION, CommonPhase.DESTINATION, text)


def _tls_parameters(params: Mapping[str, Any]) -> TlsParameters:
    if params["raw_public_keys"]:
        text = "cannot be done: no TLS library for Python negotiates raw public keys (RFC 7250); leave it out, the verdict is the same"
        raise OptionError("raw_public_keys", True, text)
    return TlsParameters(
        protocols=parse_protocols(params["tls_protocols"]),
        cipher_grade=params["cipher_grade"],
        ciphers=params["ciphers"],
        ca_file=params["ca_file"],
        ca_path=params["ca_path"],
        system_ca=params["system_ca"],
        client_certificate=params["client_certificate"],
        client_key=params["client_key"],
        client_chain_files=tuple(params["client_chain_files"] or ()),
        key_algorithms=_key_algorithms(params["key_algorithms"]),
    )


def _key_algorithms(names: Sequence[str]) -> tuple[KeyRequest, ...]:
    if not names:
        raise OptionError("key_algorithms", list(names), "names no kind of key")
    return tuple(KeyRequest(name) for name in dict.fromkeys(names))


def _trust_anchors(paths: Sequence[str]) -> tuple[TlsaRecord, ...]:
    """Trust anchors as the synthetic records that Postfix makes of them (tls_dane.c)."""
    records: tuple[TlsaRecord, ...] = ()
    for path in paths:
        records += trust_anchor_records(read_given("trust_anchor_files", path), value=path)
    return records


def _fingerprints(match: Sequence[str], digest: str) -> tuple[bytes, ...]:
    """At level fingerprint the match arguments are digests; without any, everything would have to fail."""
    if not match:
        raise OptionError("match", list(match), "must hold at least one fingerprint at security_level fingerprint")
    return tuple(parse_fingerprint(text, digest, option="match") for text in match)


def _dane_digests(names: Sequence[str]) -> tuple[str, ...]:
    screen((), names)  # finds mistakes before any record is known
    return tuple(names)


def _implicit(params: Mapping[str, Any], level: SecurityLevel) -> bool:
    implicit: bool = params["tls_mode"] == "implicit"
    if implicit and level is SecurityLevel.NONE:
        raise OptionError("tls_mode", "implicit", "needs TLS, which security_level none forbids")
    return implicit


def _ehlo_name(name: str | None) -> str:
    """The name for EHLO: the user's, or this machine's (Postfix's default myhostname)."""
    if name is None:
        node = platform.node() or "localhost"
        node = node if "." in node else node + ".localdomain"
        return node if _HOSTNAME.match(node) else "localhost.localdomain"
    if not (_HOSTNAME.match(name) or _ADDRESS_LITERAL.match(name)):
        raise OptionError("ehlo_name", name, "is not a host name or address literal")
    return name


def _sni(name: str | None) -> str | None:
    if name is not None and not _HOSTNAME.match(name):
        raise OptionError("sni", name, "is not a host name")
    return name


def _limits(params: Mapping[str, Any]) -> TimeLimits:
    for name in ("connect_timeout", "command_timeout", "deadline"):
        if not 0 < params[name] <= 86400:
            raise OptionError(name, params[name], "is not a number of seconds above 0 and up to 86400")
    return TimeLimits(params["connect_timeout"], params["command_timeout"], params["deadline"])


def _reconnect_delay(seconds: float | None) -> float | None:
    if seconds is not None and not 0 < seconds <= 86400:
        raise OptionError("reconnect_delay", seconds, "is not a number of seconds above 0 and up to 86400")
    return seconds


def _positive(params: Mapping[str, Any], name: str) -> int:
    value: int = params[name]
    if not 1 <= value <= 10000:
        raise OptionError(name, value, "is not a number from 1 to 10000")
    return value


def _resume(params: Mapping[str, Any]) -> bool:
    resume: bool = params["resume"]
    if resume and params["results_file"] is None:
        raise OptionError("resume", True, "needs results_file, the file to go on with")
    return resume


def _warnings(level: SecurityLevel, match: Sequence[str], params: Mapping[str, Any]) -> tuple[str, ...]:
    """What a user asked for that has no effect at this security level."""
    warnings = []
    if match and not level.must_match:
        warnings.append(f"security_level {level.value} does not match certificates: the match arguments have no effect")
    if params["trust_anchor_files"] and not level.uses_names:
        warnings.append(f"trust_anchor_files have no effect at security_level {level.value}, only at verify and secure")
    if level is SecurityLevel.NONE and set(params["key_algorithms"]) != {"any"}:
        warnings.append("security_level none does no handshake: key_algorithms has no effect")
    return tuple(warnings)
