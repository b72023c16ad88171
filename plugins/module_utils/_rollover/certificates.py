# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate there is for each key, and what is wrong with it: chains made here, kept here, or handed in. Pure.

A chain is for the key that its first certificate has. A chain that was handed in comes before one signed by the key itself, and of
several the one that ends last is taken. What is wrong is a text, since it stops a rollover and no task.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.mailops.tls.plugins.module_utils._rollover.keyring import KeptChain, digest_of
from ansible_collections.mailops.tls.plugins.module_utils._rollover.machine.evidence import CertificateInHand, Key, ServedChain
from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.chain import has_issued, issuers_in_order
from ansible_collections.mailops.tls.plugins.module_utils._x509.names import ReferenceName, match_names
from ansible_collections.mailops.tls.plugins.module_utils._x509.path import is_valid_at
from ansible_collections.mailops.tls.plugins.module_utils._x509.public_part import same_public_key


@dataclass(frozen=True)
class CertificateNeeds:
    """What a certificate has to be: for all `names`, and with `needs_issuer` one with its issuers behind it."""

    names: tuple[ReferenceName, ...]
    needs_issuer: bool


@dataclass(frozen=True)
class CandidateChain:
    """A chain for a key, its file, and why it cannot be used; None when it can."""

    kept: KeptChain
    problem: str | None

    @property
    def leaf(self) -> Certificate:
        """The server's certificate."""
        return self.kept.chain[0]


def best_chain(
    spki: bytes, chains: Iterable[KeptChain], needs: CertificateNeeds, now: datetime, *, self_signed: bool
) -> CandidateChain | None:
    """Return the best chain for a key, one without a problem if there is any; None when none is for it.

    A chain that was deployed already is not asked for names and dates: it was good enough.

    Args:
        self_signed: whether a certificate that the key itself has signed will do.
        now: aware.
            """
    mine = [one for one in chains if same_public_key(one.chain[0].spki or b"", spki)]
    found = [
        CandidateChain(one, None if one.served else chain_problem(one.chain, needs, now))
        for one in mine
        if self_signed or one.served or not one.chain[0].is_self_issued
    ]
    return max(found, key=lambda one: (one.problem is None, not one.leaf.is_self_issued, ends_at(one.leaf)), default=None)


def chain_problem(chain: Sequence[Certificate], needs: CertificateNeeds, now: datetime) -> str | None:
    """Return why a chain, leaf first, must not be served; None when it may."""
    leaf = chain[0]
    subject, *strays = chain[len(issuers_in_order(chain)) :]
    if strays and not has_issued(strays[0], subject):
        return f"{strays[0].shown_subject} follows {subject.shown_subject}, which it has not issued"
    if strays:
        return f"{strays[0].shown_subject} is not the certificate of an issuer"
    for certificate in chain:
        if not is_valid_at(certificate, now):
            return f"{certificate.shown_subject} is not valid now{_dates(certificate)}"
    for name in needs.names:
        if not match_names(leaf, [name]).matched:
            names = ", ".join(clean(one) for one in leaf.dns_names)
            return f"{name.value} is not a name of the certificate, which has {names or 'no DNS name'}"
    if needs.needs_issuer and len(chain) == 1:
        return "the chain has no issuer's certificate, which 2 1 x records are about"
    return None


def _dates(certificate: Certificate) -> str:
    if certificate.not_before is None or certificate.not_after is None:
        return ": its dates cannot be read"
    return f": it is from {certificate.not_before} to {certificate.not_after}"


def strangers(files: Iterable[KeptChain], known: Sequence[bytes]) -> tuple[str, ...]:
    """Return what to say of chains that are for none of the keys."""
    return tuple(
        f"{one.path} is for another key, with the SHA-256 {digest_of(one.chain[0].spki or b'')}"
        for one in files
        if not any(same_public_key(one.chain[0].spki or b"", spki) for spki in known)
    )


def served_chain(algorithm: str, chain: Sequence[Certificate], place: str) -> ServedChain:
    """Return a chain, leaf first, as the rollover counts it."""
    leaf, issuers = chain[0], issuers_in_order(chain)
    keys, whole = tuple(one.spki or b"" for one in issuers), tuple(one.der for one in issuers)
    return ServedChain(Key(algorithm, leaf.spki or b""), keys, ends_at(leaf), place, leaf.der, whole, names=_names(leaf))


def _names(leaf: Certificate) -> tuple[str, ...] | None:
    """The names that a sender compares with; None when they cannot be read."""
    if not leaf.names_are_readable:
        return None
    return leaf.dns_names or leaf.subject_common_names


def in_hand(chain: Sequence[Certificate], problem: str | None) -> CertificateInHand:
    """Return a chain, leaf first, as a certificate for its key."""
    leaf, issuers = chain[0], issuers_in_order(chain)
    return CertificateInHand(
        tuple(one.spki or b"" for one in issuers), ends_at(leaf), problem, leaf.der, tuple(one.der for one in issuers)
    )


def ends_at(certificate: Certificate) -> int:
    """Return the end of a certificate in seconds of the epoch, 0 when it cannot be read, so that it is renewed."""
    return 0 if certificate.not_after is None else int(certificate.not_after.timestamp())
