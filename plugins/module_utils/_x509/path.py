# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One path from a server's certificate towards a trust anchor, grown and judged as OpenSSL does for DANE-TA.

The path is grown from the leaf, one issuer at a time, without ever going back (x509_vfy.c: build_chain(),
find_issuer()). Then everything about it is judged and all errors are returned, in the order in which OpenSSL would
meet them; which one to show is `errors.select_error`'s choice (RFC 5280 section 6, RFC 7671 section 5.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Callable

from ansible_collections.mailops.tls.plugins.module_utils._x509 import errors
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.distinguished_name import canonical
from ansible_collections.mailops.tls.plugins.module_utils._x509.purpose import may_sign_certificates, purpose_errors
from ansible_collections.mailops.tls.plugins.module_utils._x509.signature import is_signed_by
from ansible_collections.mailops.tls.plugins.module_utils._x509.store import store_error
from ansible_collections.mailops.tls.plugins.module_utils._x509.strength import strength_errors

VERIFY_DEPTH = 10
"""Most intermediate certificates between leaf and anchor (Postfix's smtp_tls verify depth)."""


class Anchor(Enum):
    """How a path ends: at a trusted certificate, at one that a trusted bare key signed, or nowhere."""

    CERTIFICATE = "certificate"
    KEY = "key"
    NONE = "none"


@dataclass(frozen=True)
class Path:
    """A path, leaf first. `anchored`: its last certificate is an anchor. `too_long`: the limit was reached."""

    certificates: tuple[Certificate, ...]
    anchored: bool
    too_long: bool

    @property
    def top_depth(self) -> int:
        """Depth of the last certificate."""
        return len(self.certificates) - 1


def likely_issued(issuer: Certificate, subject: Certificate) -> bool:
    """Return whether one may have issued the other: names, authority key identifier and kind of key agree."""
    if issuer.structure is None or subject.structure is None or issuer.canonical_subject != subject.canonical_issuer:
        return False
    return _identifiers_agree(issuer, subject) and _key_fits_signature(issuer, subject)


def is_self_signed(certificate: Certificate) -> bool:
    """Return whether a certificate names itself as its issuer consistently (its signature is not looked at)."""
    return likely_issued(certificate, certificate)


def is_valid_at(certificate: Certificate, now: datetime) -> bool:
    """Return whether the moment (aware) lies in the validity, which must be readable."""
    return _validity_error(certificate, now) is None


def find_issuer(subject: Certificate, candidates: Iterable[Certificate], now: datetime) -> Certificate | None:
    """Return the first candidate that may have issued the subject and is valid, else that of the latest end."""
    best: Certificate | None = None
    for candidate in candidates:
        if not likely_issued(candidate, subject):
            continue
        if is_valid_at(candidate, now):
            return candidate
        if best is None or _ends_later(candidate, best):
            best = candidate
    return best


def grow_path(
    leaf: Certificate, candidates: Sequence[Certificate], now: datetime, is_anchor: Callable[[Certificate], bool]
) -> Path:
    """Grow a path from the leaf until *is_anchor* holds for an issuer, nobody issued the top, or the limit is reached.

    The leaf itself is never an anchor. Surplus and unordered candidates are harmless; each is used once.
    """
    path = [leaf]
    while not is_self_signed(path[-1]):
        if len(path) > VERIFY_DEPTH + 1:
            return Path(tuple(path), False, True)
        issuer = find_issuer(path[-1], (each for each in candidates if each not in path), now)
        if issuer is None:
            break
        path.append(issuer)
        if is_anchor(issuer):
            return Path(tuple(path), True, False)
    return Path(tuple(path), False, False)


def path_errors(
    certificates: Sequence[Certificate], anchor: Anchor, now: datetime, name_error: errors.VerifyError | None = None
) -> list[errors.VerifyError]:
    """Return every error of a path in the order OpenSSL meets them; none means: trusted, if there is an anchor at all.

    Extensions, strength, the given *name_error*, then signatures and dates from the top down. A path without fault
    so far must please OpenSSL's own store as well; otherwise the store would only repeat a fault in other words. The
    key of the leaf and the absence of an anchor are the caller's to judge.
    """
    before_names = purpose_errors(certificates) + strength_errors(certificates)
    after_names = _signatures_and_dates(certificates, anchor, now)
    if anchor is not Anchor.NONE and len(certificates) > 1 and not before_names and not after_names:
        last = store_error(certificates)
        after_names = [] if last is None else [last]
    return before_names + ([] if name_error is None else [name_error]) + after_names


def _signatures_and_dates(path: Sequence[Certificate], anchor: Anchor, now: datetime) -> list[errors.VerifyError]:
    """The topmost certificate's dates count when it is self-issued (a root), or when a bare key stands above it."""
    found = []
    top = len(path) - 1
    for depth in range(top, -1, -1):
        subject = path[depth]
        if depth < top:
            found.extend(_signature_errors(path[depth + 1], subject, depth))
        if depth < top or anchor is Anchor.KEY or is_self_signed(subject):
            code = _validity_error(subject, now)
            if code is not None:
                found.append(errors.verify_error(code, depth))
    return found


def _signature_errors(issuer: Certificate, subject: Certificate, depth: int) -> list[errors.VerifyError]:
    """What is wrong between a subject and its issuer; a key that cannot be used here is left to the store."""
    found = []
    if not may_sign_certificates(issuer):
        found.append(errors.verify_error(errors.KEYUSAGE_NO_CERTSIGN, depth + 1))
    if issuer.spki is None or issuer.public_key is None:
        found.append(errors.verify_error(errors.UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, depth + 1))
    elif is_signed_by(subject, issuer.spki) is False:
        found.append(errors.verify_error(errors.CERT_SIGNATURE_FAILURE, depth))
    return found


def _validity_error(certificate: Certificate, now: datetime) -> int | None:
    if certificate.not_before is None:
        return errors.ERROR_IN_CERT_NOT_BEFORE_FIELD
    if certificate.not_before > now:
        return errors.CERT_NOT_YET_VALID
    if certificate.not_after is None:
        return errors.ERROR_IN_CERT_NOT_AFTER_FIELD
    return errors.CERT_HAS_EXPIRED if certificate.not_after <= now else None


def _ends_later(candidate: Certificate, best: Certificate) -> bool:
    if candidate.not_after is None or best.not_after is None:
        return best.not_after is None and candidate.not_after is not None
    return candidate.not_after > best.not_after


def _identifiers_agree(issuer: Certificate, subject: Certificate) -> bool:
    """X509_check_akid(): what both sides state must be equal, what one of them leaves out does not matter."""
    wanted = subject.authority_key_identifier
    if wanted is None:
        return True
    identifier = issuer.subject_key_identifier
    if wanted.key_identifier is not None and identifier is not None and wanted.key_identifier != identifier:
        return False
    if wanted.serial is not None and wanted.serial != issuer.serial:
        return False
    return wanted.issuer is None or canonical(wanted.issuer) == issuer.canonical_issuer


def _key_fits_signature(issuer: Certificate, subject: Certificate) -> bool:
    if issuer.public_key is None or subject.signature is None or subject.signature.key_type is None:
        return False
    wanted, present = subject.signature.key_type, issuer.public_key.type
    return wanted == present or (wanted == "rsa-pss" and present == "rsa")
