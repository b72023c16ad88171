# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is a chain in order, and which of its certificates are issuers? Whoever keeps, deploys, publishes or judges a chain asks here.

A certificate has issued another when names, identifiers and kinds of keys agree, and its key made the signature (decision 0052). A
signature that cannot be checked here, by a key that the local library does not load, speaks against nothing: such a chain is in order.
What a sender will think of it is for `acceptance` to say.

An issuer has to be an authority besides, and so have all below it, as no sender follows a chain through another certificate. Whether a
chain with another certificate in it is refused, or just cut there, is the caller's choice; none counts what is above it. Needs
cryptography.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.path import likely_issued
from ansible_collections.mailops.tls.plugins.module_utils._x509.purpose import is_ca
from ansible_collections.mailops.tls.plugins.module_utils._x509.signature import is_signed_by


def has_issued(issuer: Certificate, subject: Certificate) -> bool:
    """Return whether one has issued the other; a signature that the library here cannot check does not speak against it."""
    return likely_issued(issuer, subject) and is_signed_by(subject, issuer.spki or b"") is not False


def is_authority(certificate: Certificate) -> bool:
    """Return whether a certificate may issue others; one without basicConstraints may be the root, as those of old are."""
    return is_ca(certificate, on_top=True)


def out_of_order(chain: Sequence[Certificate]) -> int | None:
    """Return the place (from 0) of the first certificate that has not issued the one before it; None in a chain in order, leaf first."""
    links = enumerate(zip(chain[1:], chain), 1)
    return next((at for at, (issuer, subject) in links if not has_issued(issuer, subject)), None)


def issuers_in_order(chain: Sequence[Certificate]) -> tuple[Certificate, ...]:
    """Return the issuers behind the leaf, from the bottom up, to the first certificate that is none of the one before it."""
    at = out_of_order(chain)
    behind = chain[1:at]
    end = next((at for at, one in enumerate(behind) if not is_authority(one)), len(behind))
    return tuple(behind[:end])


def issuers_among(
    leaf: Certificate, others: Sequence[Certificate], may_be_one: Callable[[Certificate], bool] = is_authority
) -> tuple[Certificate, ...]:
    """Return those of the *others* that issued the leaf or one of its issuers, in their order, which may be any.

    Args:
        leaf: the server's certificate.
        others: what came with it.
        may_be_one: what counts as an issuer; whoever refuses a certificate that is none has to find it first.
    """
    candidates = [one for one in others if one != leaf and may_be_one(one)]
    found: list[Certificate] = []
    grown = True
    while grown:
        below = [leaf, *found]
        new = [one for one in candidates if one not in found and any(has_issued(one, each) for each in below)]
        found.extend(new)
        grown = bool(new)
    return tuple(one for one in others if one in found)
