# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The closed list of what can go wrong, the same for every probe of the collection.

Two kinds of trouble are kept apart. A user's mistake is an `OptionError`: nothing is probed and the task fails.
What a server, a resolver or the network does wrong is a `Failure`: a value inside a result, never a traceback.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ErrorKind(str, Enum):
    """Why a destination or an endpoint could not be judged to the end; `error.kind` in results."""

    INVALID_DESTINATION = "invalid_destination"
    DNS_NOT_FOUND = "dns_not_found"
    DNS_ERROR = "dns_error"
    NULL_MX = "null_mx"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    CONNECT_FAILED = "connect_failed"
    TIMEOUT = "timeout"
    DISCONNECTED = "disconnected"
    REJECTED = "rejected"
    RATE_LIMITED = "rate_limited"
    PROTOCOL_ERROR = "protocol_error"
    LIMIT_EXCEEDED = "limit_exceeded"
    STARTTLS_NOT_OFFERED = "starttls_not_offered"
    STARTTLS_REJECTED = "starttls_rejected"
    HANDSHAKE_FAILED = "handshake_failed"
    TLSA_LOOKUP_FAILED = "tlsa_lookup_failed"
    DNSSEC_UNAVAILABLE = "dnssec_unavailable"
    HTTP_ERROR = "http_error"
    DOCUMENT_INVALID = "document_invalid"
    NOT_FOUND = "not_found"
    CLEANUP_FAILED = "cleanup_failed"
    WITHHELD = "withheld"
    OPTED_OUT = "opted_out"


TRANSIENT_KINDS = frozenset((
    ErrorKind.DNS_ERROR.value,
    ErrorKind.TLSA_LOOKUP_FAILED.value,
    ErrorKind.DNSSEC_UNAVAILABLE.value,
    ErrorKind.CONNECT_REFUSED.value,
    ErrorKind.CONNECT_TIMEOUT.value,
    ErrorKind.CONNECT_FAILED.value,
    ErrorKind.TIMEOUT.value,
    ErrorKind.DISCONNECTED.value,
    ErrorKind.RATE_LIMITED.value,
))  # fmt: skip
"""Lookups and connections that failed: nobody has said anything yet, so another try can end differently."""


class Phase(str, Enum):
    """Where in the life of a probe a failure happened; `error.phase` in results.

    The words are those of `CommonPhase` and of one list for each protocol, beside its dialogue (such as `SmtpPhase`).
    """


class CommonPhase(Phase):
    """What every probe goes through, whatever it speaks."""

    DESTINATION = "destination"
    DNS = "dns"
    TLSA = "tlsa"
    CONNECT = "connect"
    HANDSHAKE = "handshake"


@dataclass(frozen=True)
class Failure:
    """One failure as a value: its kind, the phase it happened in, and one clean line of text for people."""

    kind: ErrorKind
    phase: Phase
    text: str

    def as_dict(self) -> dict[str, str]:
        """Return the failure in the shape of `error` in results."""
        return {"kind": self.kind.value, "phase": self.phase.value, "text": self.text}


class ProbeError(Exception):
    """Carries a `Failure` out of nested code, up to the place that turns it into a result."""

    def __init__(self, kind: ErrorKind, phase: Phase, text: str) -> None:
        super().__init__(text)
        self.failure = Failure(kind, phase, text)


class OptionError(ValueError):
    """A user's option cannot be used; names the option and the value, and nothing has been changed or probed."""

    def __init__(self, option: str, value: object, reason: str) -> None:
        # "verified_at is needed", and not "verified_at: None is needed".
        super().__init__(f"{option} {reason}" if value is None else f"{option}: {value!r} {reason}")
        self.option = option
        self.value = value
        self.reason = reason
