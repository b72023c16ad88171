# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that probes share (fragments verification, tls_client and fleet) as values. Every mistake is an `OptionError`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dane.screen import screen
from ansible_collections.mailops.tls.plugins.module_utils._dane.trust_anchors import trust_anchor_records
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.given import read_given
from ansible_collections.mailops.tls.plugins.module_utils._module.options import key_requests, seconds
from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import AddressFamily
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.scans import ScanSettings
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import InsecureMxPolicy, SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import is_host_name_to_send, own_ehlo_name
from ansible_collections.mailops.tls.plugins.module_utils._probe.session_facts import Detail
from ansible_collections.mailops.tls.plugins.module_utils._probe.written_files import check_written_files
from ansible_collections.mailops.tls.plugins.module_utils._smtp.route import HostLookup
from ansible_collections.mailops.tls.plugins.module_utils._smtp.settings import ProbeSettings
from ansible_collections.mailops.tls.plugins.module_utils._tls.client_identity import exposed_keys
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.protocols import parse_protocols
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import ScanMode
from ansible_collections.mailops.tls.plugins.module_utils._x509.fingerprints import check_digest, parse_fingerprint
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import reference_names

_ADDRESS_LITERAL = re.compile(r"^\[[0-9A-Za-z.:]+\]\Z")
_ANY_KEY = ("any",)
"""Kinds of keys where a module does not ask for them."""
_NO_SCAN = "none"
_READ = (
    "ca_file", "trust_anchor_files", "client_certificate", "client_key", "client_chain_files",
    "destinations_file", "hosts_file", "domains_file", "previous_file", "opt_out_file",
)  # fmt: skip


def judging_settings(params: Mapping[str, Any]) -> ProbeSettings:
    """Return the settings that the fragments verification and tls_client have; all others are as by default.

    The name for EHLO is this machine's.
    """
    level = SecurityLevel(params["security_level"])
    match = tuple(params["match"] or ())
    digest = check_digest(params["fingerprint_digest"], "fingerprint_digest")
    fingerprints: tuple[bytes, ...] = ()
    if level is SecurityLevel.FINGERPRINT:
        fingerprints, match = _fingerprints(match, digest), ()
    reference_names(match, nexthop="example.org", hostname="mx.example.org")  # finds mistakes before any name is known
    return ProbeSettings(
        security_level=level,
        dialogue=SmtpSettings(own_ehlo_name(), transcript=params["transcript"]),
        key_algorithms=key_requests(params.get("key_algorithms", _ANY_KEY)),
        sni=_sni(params["sni"]),
        match=match,
        fingerprints=fingerprints,
        fingerprint_digest=digest,
        trust_anchors=_trust_anchors(params["trust_anchor_files"] or ()),
        dane_digests=_dane_digests(params["dane_digests"]),
        insecure_mx_policy=InsecureMxPolicy(params.get("insecure_mx_policy", InsecureMxPolicy.DANE.value)),
        force_tlsa=params["force_tlsa"],
    )


def probe_settings(params: Mapping[str, Any]) -> ProbeSettings:
    """Return those settings, and by which addresses and under which name of ours servers are asked."""
    settings = judging_settings(params)
    return replace(
        settings,
        dialogue=replace(settings.dialogue, ehlo_name=ehlo_name(params["ehlo_name"])),
        host_lookup=tuple(HostLookup(one) for one in params["host_lookup"]),
        address_family=AddressFamily(params["address_family"]),
    )


def tls_parameters(params: Mapping[str, Any]) -> TlsParameters:
    """Return what is said about handshakes."""
    if params.get("raw_public_keys"):
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
        key_algorithms=key_requests(params.get("key_algorithms", _ANY_KEY)),
    )


def time_limits(params: Mapping[str, Any]) -> TimeLimits:
    """Return the seconds that phases and probes may take."""
    for name in ("connect_timeout", "command_timeout", "deadline"):
        seconds(params[name], name)
    return TimeLimits(params["connect_timeout"], params["command_timeout"], params["deadline"])


def turns(params: Mapping[str, Any]) -> ProberSettings:
    """Return how much is done at a time, and how long it may take."""
    return ProberSettings(
        limits=time_limits(params),
        concurrency=require_count(params, "concurrency"),
        per_address_limit=require_count(params, "per_address_limit"),
        scan=_scan_settings(params),
        per_network_limit=_optional_count(params, "per_network_limit"),
        per_provider_limit=_optional_count(params, "per_provider_limit"),
        interval_per_address=_interval(params.get("interval_per_address") or 0.0),
    )


def _scan_settings(params: Mapping[str, Any]) -> ScanSettings | None:
    """Return how servers are scanned; None for a module without scans, and where none is wanted."""
    if "scan" not in params:
        return None
    interval, deadline = params["scan_interval"], params["scan_deadline"]
    if interval != 0:
        seconds(interval, "scan_interval")
    seconds(deadline, "scan_deadline")
    return None if params["scan"] == _NO_SCAN else ScanSettings(ScanMode(params["scan"]), interval, deadline)


def details(params: Mapping[str, Any]) -> Detail:
    """Return which of the larger parts are wanted in results."""
    return Detail(params["include_pem"], params["transcript"], check_digest(params["fingerprint_digest"], "fingerprint_digest"))


def check_files(params: Mapping[str, Any], written: Sequence[str]) -> None:
    """Raise OptionError when a file to be written, by one of the options *written*, is named by another option as well."""
    check_written_files(_files(params, _READ), _files(params, written))


def _files(params: Mapping[str, Any], options: Sequence[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for option in options:
        given = params.get(option) or ()
        found += [(option, path) for path in ([given] if isinstance(given, str) else given)]
    return found


def probe_warnings(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a user asked for that has no effect at this security level, and which private keys others can read."""
    level = SecurityLevel(params["security_level"])
    warnings = []
    if params["match"] and not level.must_match:
        warnings.append(f"security_level {level.value} does not match certificates: the match arguments have no effect")
    if params["trust_anchor_files"] and not level.uses_names:
        warnings.append(f"trust_anchor_files have no effect at security_level {level.value}, only at verify and secure")
    if level is SecurityLevel.NONE and set(params.get("key_algorithms", _ANY_KEY)) != {"any"}:
        warnings.append("security_level none does no handshake: key_algorithms has no effect")
    if level is SecurityLevel.NONE and params.get("scan", _NO_SCAN) != _NO_SCAN:
        warnings.append("security_level none begins no TLS by STARTTLS: scan looks at implicit TLS only")
    exposed = exposed_keys(params["client_certificate"], params["client_key"], params["client_chain_files"] or ())
    return (*warnings, *exposed)


def resumes(params: Mapping[str, Any]) -> bool:
    """Return whether a file of results is to be gone on with.

    Raises:
        OptionError: there is none.
    """
    resume: bool = params["resume"]
    if resume and params["results_file"] is None:
        raise OptionError("resume", True, "needs results_file, the file to go on with")
    return resume


def require_count(params: Mapping[str, Any], name: str) -> int:
    """Return a number of things to do at a time or in a row.

    Raises:
        OptionError: for what cannot be used.
    """
    value: int = params[name]
    if not 1 <= value <= 10000:
        raise OptionError(name, value, "is not a number from 1 to 10000")
    return value


def _optional_count(params: Mapping[str, Any], name: str) -> int | None:
    return None if params.get(name) is None else require_count(params, name)


def _interval(number: float) -> float:
    return seconds(number, "interval_per_address") if number else 0.0


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


def ehlo_name(name: str | None) -> str:
    """Return the name to send with EHLO, by default this machine's.

    Raises:
        OptionError: for what is none.
    """
    if name is None:
        return own_ehlo_name()
    if not (is_host_name_to_send(name) or _ADDRESS_LITERAL.match(name)):
        raise OptionError("ehlo_name", name, "is not a host name or address literal")
    return name


def _sni(name: str | None) -> str | None:
    if name is not None and not is_host_name_to_send(name):
        raise OptionError("sni", name, "is not a host name")
    return name
