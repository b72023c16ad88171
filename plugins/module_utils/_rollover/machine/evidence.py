# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen in one run: keys, chains, looks from outside, the clock. The first word of `step(state, evidence, now, policy)`.

Values only. Times are whole seconds since 1970, durations seconds. Owners are written like `_25._tcp.mx.example.org`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._dane.observation import OwnerSight


@dataclass(frozen=True)
class Key:
    """A public key: the kind (`rsa`, `ecdsa`, `ed25519`, ...) and the DER of its SubjectPublicKeyInfo."""

    algorithm: str
    spki: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal: the data of `3 1 1`."""
        return hashlib.sha256(self.spki).hexdigest()


@dataclass(frozen=True)
class CertificateInHand:
    """A certificate (chain) for a held key, made or handed in, deployed or not.

    Args:
        issuers: the SubjectPublicKeyInfo of each issuer in the chain, that of the leaf's own issuer first; empty for
            a self-signed certificate.
        not_after: the end of the leaf.
        problem: why it cannot be used ("is for another key", "lacks the name mx.example.org"); None when it can.
        certificate: DER of the leaf.
        issuer_certificates: DER of the issuers, in the order of `issuers`.
            """

    issuers: tuple[bytes, ...]
    not_after: int
    problem: str | None = None
    certificate: bytes = b""
    issuer_certificates: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class HeldKey:
    """A key in the rollover's own key directory; `created`: when it was made.

    `certificate` is the best one in hand for it; None when there is none. When only unusable ones were handed in, it is
    the one whose `problem` should be told.
    """

    key: Key
    created: int
    certificate: CertificateInHand | None = None


@dataclass(frozen=True)
class ServedChain:
    """A key with its chain, as somebody serves it or is configured to; `place` says where, for people.

    `names`: the names that the certificate is for, None when nobody read them; equal chains have equal ones.
    `replaceable`: a deployment puts others in its place; not so where Postfix has it for one service or one server name (SNI).
    Its key is served and published like any other, and is never rolled or renewed. The other fields are those of `CertificateInHand`.
    """

    key: Key
    issuers: tuple[bytes, ...]
    not_after: int
    place: str
    certificate: bytes = b""
    issuer_certificates: tuple[bytes, ...] = ()
    replaceable: bool = True
    names: tuple[str, ...] | None = field(default=None, compare=False)


class Fault(str, Enum):
    """What is wrong with an address and port seen from outside; the identifiers of the findings that tell it."""

    NOT_REACHED = "not_reached"
    STARTTLS_NOT_OFFERED = "starttls_not_offered"
    KEY_KINDS_MISSING = "key_kinds_missing"
    TLSA_NOT_SEEN = "tlsa_not_seen"
    NOT_VERIFIED = "not_verified"


@dataclass(frozen=True)
class EndpointSight:
    """One address and port of an exchange, seen from outside this time.

    Args:
        owner: whose records a sender would use for it.
        address: the address, with the port when it is not 25.
        ours: the address is this server's.
        reached: the look came to an end: it answered, offered STARTTLS, every kind of key it has was seen, and a
            judgement by the TLSA records was possible. When the vantage host could not look the records up, it is not reached.
        verified: a sender at level dane would deliver, whichever key it is shown. Only meaningful when reached.
        chains: one for each kind of key.
        problem: what was wrong, one clean line; None when nothing was.
        fault: which kind of wrong that is, where it is known.
        looked: whether somebody looked. Where a host to look from was lost, others may have seen enough to tell what is wrong,
            and never enough to tell that all is right.
            """

    owner: str
    address: str
    ours: bool
    reached: bool
    verified: bool
    chains: tuple[ServedChain, ...] = ()
    problem: str | None = None
    fault: Fault | None = None
    looked: bool = True


@dataclass(frozen=True)
class ClockReading:
    """The clock of the machine: wall time, the id of this boot (`/proc/sys/kernel/random/boot_id`), seconds since the boot."""

    wall: int
    boot_id: str
    uptime: int


@dataclass(frozen=True)
class Evidence:
    """All that was seen in one run.

    Args:
        owners: a sight for each of the policy's owners, and for those that left_out.py wants looked at beside them.
        held: what is in the key directory.
        deployed: what the Postfix instances name now, each key of each instance.
        deployed_error: why it could not be learnt, or is not all.
        outside: one sight for each address and port of each exchange, reached or not; None: nobody looked this time.
        reading: the clock.
        outside_at: when the look from outside began, if that is known. A look from before a change of what is served
            says nothing about it.
        neighbours: chains that other servers below the same owners have deployed, learnt in a way that can be trusted
            (never from what the network showed); they are published together with ours where there is no record yet.
        without_tls: where Postfix is configured to offer no TLS to those who deliver mail.
            """

    owners: tuple[OwnerSight, ...]
    held: tuple[HeldKey, ...]
    deployed: tuple[ServedChain, ...]
    deployed_error: str | None
    outside: tuple[EndpointSight, ...] | None
    reading: ClockReading
    outside_at: int | None = None
    neighbours: tuple[ServedChain, ...] = ()
    without_tls: tuple[str, ...] = ()

    @property
    def replaceable(self) -> tuple[ServedChain, ...]:
        """What is deployed and can be replaced."""
        return tuple(one for one in self.deployed if one.replaceable)
