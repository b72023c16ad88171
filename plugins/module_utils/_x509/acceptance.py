# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Would senders that verify certificates accept a chain as a server is to send it? What speaks against it, each as a finding.

The chain is in order, leaf first, and its dates hold: that is the caller's to see. The rules are those by which this collection judges what
other servers send (OpenSSL's), and a few of other libraries. An issuer that is not sent is in the sender's own store and is not judged.
A certificate that is its own issuer is for DANE-EE; that nobody can verify it otherwise is no finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import x509
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding, FindingKind
from ansible_collections.mailops.tls.plugins.module_utils._x509 import errors, extensions
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.path import VERIFY_DEPTH, Anchor, is_self_signed, path_errors
from ansible_collections.mailops.tls.plugins.module_utils._x509.purpose import is_ca, may_sign_certificates
from ansible_collections.mailops.tls.plugins.module_utils._x509.strength import MINIMUM_BITS, security_bits, signature_bits

LARGEST_MESSAGE = 100 * 1024
"""Most bytes of certificates that OpenSSL's clients take (SSL_MAX_CERT_LIST_DEFAULT); of GnuTLS's it is the same order."""
LEVEL_2_BITS = 112
"""What OpenSSL asks for by default in Debian and elsewhere (security level 2); Postfix itself sets level 1."""
_TLS_FEATURE = "1.3.6.1.5.5.7.1.24"
_SOON, _SHORT_LIVED_SOON = timedelta(days=7), timedelta(days=2)

_DATES = (errors.CERT_NOT_YET_VALID, errors.CERT_HAS_EXPIRED, errors.ERROR_IN_CERT_NOT_BEFORE_FIELD, errors.ERROR_IN_CERT_NOT_AFTER_FIELD)
_OF_A_KIND = {
    errors.UNHANDLED_CRITICAL_EXTENSION: (x509.UNKNOWN_CRITICAL_EXTENSION, "has a critical extension that senders do not know"),
    errors.INVALID_CA: (x509.ISSUER_NOT_CA, "has issued a certificate of the chain, and is not the certificate of an authority"),
    errors.KEYUSAGE_NO_CERTSIGN: (x509.ISSUER_NOT_CA, "has issued a certificate of the chain, and is not the certificate of an authority"),
    errors.INVALID_PURPOSE: (x509.NOT_FOR_SERVERS, "is not for TLS servers, by its keyUsage or extendedKeyUsage"),
    errors.EC_KEY_EXPLICIT_PARAMS: (x509.EXPLICIT_CURVE, "has a key with an elliptic curve that is spelled out and not named"),
    errors.PATH_LENGTH_EXCEEDED: (x509.PATH_LENGTH_EXCEEDED, "has more authorities below it than its pathLenConstraint allows"),
    errors.CA_KEY_TOO_SMALL: (x509.KEY_TOO_WEAK, "has a key that is too weak"),
    errors.CA_MD_TOO_WEAK: (x509.SIGNATURE_TOO_WEAK, "is signed with a digest that is too weak"),
    errors.UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: (x509.KEY_UNREADABLE, "has a public key that cannot be read"),
    errors.CERT_CHAIN_TOO_LONG: (x509.CHAIN_TOO_LONG, "is the end of a chain that is longer than senders follow"),
    errors.PERMITTED_VIOLATION: (x509.NAME_CONSTRAINTS_VIOLATED, "has a name that an authority above it may not issue for"),
    errors.EXCLUDED_VIOLATION: (x509.NAME_CONSTRAINTS_VIOLATED, "has a name that an authority above it may not issue for"),
}
_SAID_BY = {x509.NOT_FOR_SERVERS: x509.ISSUER_NOT_CA, x509.KEY_USAGE_UNFIT: x509.NOT_FOR_SERVERS}
"""What needs not be told of a certificate beside something else."""


def objections(chain: Sequence[Certificate], now: datetime) -> tuple[Finding, ...]:
    """Return what verifying senders would object to, each once; *chain* is what is sent, leaf first, and *now* is aware."""
    found: list[Finding] = [*_size(chain)]
    for number, certificate in enumerate(chain):
        found += [_about(chain, number, *one) for one in _of_one(certificate, number)]
    kept = list(dict.fromkeys(chain))
    top = kept[-1]
    root = is_self_signed(top)
    if not root and len(kept) > 1 and not is_ca(top, on_top=False):
        found.append(_about(kept, len(kept) - 1, *_OF_A_KIND[errors.INVALID_CA]))
    if not root and signature_bits(top) < MINIMUM_BITS:
        found.append(_about(kept, len(kept) - 1, *_OF_A_KIND[errors.CA_MD_TOO_WEAK]))
    anchor = Anchor.CERTIFICATE if root else Anchor.KEY
    for error in path_errors(kept, anchor, now):
        if error.code in _DATES or error.code == errors.UNSPECIFIED:
            continue  # dates are the caller's; what this machine's library cannot load says nothing of senders
        kind = _OF_A_KIND.get(error.code, (x509.NOT_VERIFIABLE, f"does not verify: {error.text}"))
        found.append(_about(kept, min(error.depth, len(kept) - 1), *kind))
    told = {(one.kind, one.subject): one for one in reversed(found)}
    each = dict.fromkeys(told[one.kind, one.subject] for one in found)
    return tuple(one for one in each if (_SAID_BY.get(one.kind), one.subject) not in told)


def ends_soon(certificate: Certificate, now: datetime) -> bool:
    """Return whether a certificate should have been renewed: a week before its end, a third of its life when that is short."""
    begin, end = certificate.not_before, certificate.not_after
    if begin is None or end is None:
        return False
    return end - now < min(_SOON, max(_SHORT_LIVED_SOON, (end - begin) / 3))


def _about(chain: Sequence[Certificate], number: int, kind: FindingKind, text: str) -> Finding:
    subject = chain[number].subject or ""
    who = "the server's certificate" if number == 0 else f"certificate {number + 1} of the chain, {subject or 'without a subject'},"
    return Finding(kind, subject, f"{who} {text}")


def _size(chain: Sequence[Certificate]) -> Iterator[Finding]:
    count = str(len(chain))
    size = sum(len(one.der) + 5 for one in chain) + 4  # each with its length and no extensions, as in TLS 1.3
    if size > LARGEST_MESSAGE:
        text = f"the chain has {size} bytes in {count} certificates; senders take {LARGEST_MESSAGE} bytes and end the connection"
        yield Finding(x509.CHAIN_TOO_LARGE, count, text)
    distinct = list(dict.fromkeys(chain))
    if len(distinct) < len(chain):
        yield Finding(x509.DUPLICATE_CERTIFICATE, count, "the chain has the same certificate more than once")
    intermediates = len(distinct) - 1 - is_self_signed(distinct[-1])
    if intermediates > VERIFY_DEPTH:
        text = f"the chain has {count} certificates, and senders follow at most {VERIFY_DEPTH} between the server's and the root"
        yield Finding(x509.CHAIN_TOO_LONG, count, text)


def _of_one(certificate: Certificate, number: int) -> Iterator[tuple[FindingKind, str]]:
    """What is wrong with a certificate by itself."""
    if certificate.extension_values is None:
        yield x509.EXTENSIONS_UNREADABLE, "has extensions that cannot be read, or one of them twice"
    key = certificate.public_key
    if key is None:
        yield _OF_A_KIND[errors.UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY]
    elif security_bits(key) < LEVEL_2_BITS:
        bits = "" if key.bits is None else f", {key.bits} bits"
        refused = "senders that verify" if security_bits(key) < MINIMUM_BITS else "senders with the security level 2 that Debian has"
        yield x509.KEY_TOO_WEAK, f"has a key ({key.type}{bits}) that is too weak: {refused} refuse it"
    if number == 0:
        yield from _of_leaf(certificate)
    elif not may_sign_certificates(certificate):
        yield _OF_A_KIND[errors.KEYUSAGE_NO_CERTSIGN]


def _of_leaf(leaf: Certificate) -> Iterator[tuple[FindingKind, str]]:
    if leaf.key_usage is not None and "digitalSignature" not in leaf.key_usage:
        yield x509.KEY_USAGE_UNFIT, "has a keyUsage without digitalSignature, which TLS 1.3 and ECDHE need"
    named = bool(leaf.dns_names or leaf.ip_addresses)
    if not named:
        yield x509.NO_SUBJECT_ALTERNATIVE_NAME, "has no subjectAltName with a name, and many senders do not look at the common name"
    extension = next((one for one in leaf.extension_list or () if one.oid == extensions.SUBJECT_ALTERNATIVE_NAME), None)
    if not leaf.subject and named and extension is not None and not extension.critical:
        yield x509.EMPTY_SUBJECT, "has no subject, and a subjectAltName that is not critical, as it has to be then"
    if _TLS_FEATURE in (leaf.extension_values or {}):
        yield x509.MUST_STAPLE, "asks for OCSP stapling (TLS feature), which Postfix does not do"
