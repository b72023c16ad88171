# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and chains, as senders and other clients judge them (RFC 5280, and the limits of OpenSSL)."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

CERTIFICATE_EXPIRED = FindingKind(
    "certificate_expired",
    Severity.ERROR,
    "A certificate has expired",
    why="Clients that verify certificates refuse it. So do senders with TLSA records of usage 2.",
    fix="Renew it now and deploy the new one. Find out why the renewal did not run.",
    reference="RFC 5280 section 4.1.2.5",
)
CERTIFICATE_EXPIRES_SOON = FindingKind(
    "certificate_expires_soon",
    Severity.WARNING,
    "A certificate expires soon",
    why="It should have been renewed by now. When it has ended, clients that verify certificates refuse it.",
    fix="Look at the log of the ACME client or of whatever renews it. Renew and deploy it today.",
    reference="RFC 5280 section 4.1.2.5",
)
CERTIFICATE_NOT_YET_VALID = FindingKind(
    "certificate_not_yet_valid",
    Severity.ERROR,
    "A certificate is not valid yet",
    why="Clients that verify certificates refuse it until then.",
    fix="Check the clock of the machine that made it. Serve the old certificate until the date in the text.",
    reference="RFC 5280 section 4.1.2.5",
)
CHAIN_INCOMPLETE = FindingKind(
    "chain_incomplete",
    Severity.WARNING,
    "The issuer's certificate is missing in the chain",
    why="Clients that do not know the issuer cannot verify the certificate.",
    fix="Deploy the full chain: the server's certificate, then those of its issuers. ACME clients call it fullchain.",
    reference="RFC 8446 section 4.4.2",
)
CHAIN_UNORDERED = FindingKind(
    "chain_unordered",
    Severity.WARNING,
    "The chain is out of order, or has a certificate that does not belong",
    why="Some clients follow the chain as it is sent, and fail where a certificate did not issue the one before it.",
    fix="Put the server's certificate first. After each certificate comes that of its issuer. Remove all others.",
    reference="RFC 5246 section 7.4.2, RFC 8446 section 4.4.2",
)
CHAIN_TOO_LONG = FindingKind(
    "chain_too_long",
    Severity.WARNING,
    "The chain is longer than clients follow",
    why="Clients stop after a number of certificates and refuse the chain.",
    fix="Remove certificates that are not needed to reach the root.",
    reference="OpenSSL SSL_CTX_set_verify_depth(3)",
)
CHAIN_TOO_LARGE = FindingKind(
    "chain_too_large",
    Severity.WARNING,
    "The chain has more bytes than clients accept",
    why="Clients end the connection when the certificates exceed their limit. No mail comes in over TLS.",
    fix="Remove certificates that are not needed, or ask for one with fewer names.",
    reference="OpenSSL SSL_CTX_set_max_cert_list(3)",
)
DUPLICATE_CERTIFICATE = FindingKind(
    "duplicate_certificate",
    Severity.WARNING,
    "The chain has a certificate twice",
    why="Some clients refuse such a chain. To all others it is a waste.",
    fix="Keep each certificate once. Probably two files with the same content were joined.",
    reference="RFC 8446 section 4.4.2",
)
NOT_VERIFIABLE = FindingKind(
    "not_verifiable",
    Severity.WARNING,
    "The chain does not verify",
    why="Clients that verify certificates refuse the chain.",
    fix="The text has the words of OpenSSL. Ask the issuer for a new certificate if they are not about your files.",
    reference="RFC 5280 section 6",
)
ISSUER_NOT_CA = FindingKind(
    "issuer_not_ca",
    Severity.WARNING,
    "A certificate in the chain is not that of an authority, and has issued another",
    why="Clients accept certificates only from authorities.",
    fix="Remove the certificate from the chain if it does not belong there. Else get a certificate from a real authority.",
    reference="RFC 5280 section 4.2.1.9",
)
NOT_FOR_SERVERS = FindingKind(
    "not_for_servers",
    Severity.WARNING,
    "A certificate is not for TLS servers",
    why="Its keyUsage or extendedKeyUsage allows other things only. Clients that verify certificates refuse it.",
    fix="Get a certificate with the extendedKeyUsage serverAuth.",
    reference="RFC 5280 section 4.2.1.12",
)
KEY_USAGE_UNFIT = FindingKind(
    "key_usage_unfit",
    Severity.WARNING,
    "The keyUsage does not allow signatures",
    why="TLS 1.3 and ECDHE need the key to sign. Clients that check this refuse the certificate.",
    fix="Get a certificate whose keyUsage has digitalSignature.",
    reference="RFC 8446 section 4.4.2.2, RFC 5280 section 4.2.1.3",
)
PATH_LENGTH_EXCEEDED = FindingKind(
    "path_length_exceeded",
    Severity.WARNING,
    "An authority has more authorities below it than it may",
    why="Clients that verify certificates refuse the chain.",
    fix="Use an issuer that is allowed as deep as this, or have the authority change its pathLenConstraint.",
    reference="RFC 5280 section 4.2.1.9",
)
NAME_CONSTRAINTS_VIOLATED = FindingKind(
    "name_constraints_violated",
    Severity.WARNING,
    "A name is one that an authority above may not issue for",
    why="Clients that verify certificates refuse the chain.",
    fix="Get a certificate from an authority that may issue for the name.",
    reference="RFC 5280 section 4.2.1.10",
)
UNKNOWN_CRITICAL_EXTENSION = FindingKind(
    "unknown_critical_extension",
    Severity.WARNING,
    "A certificate has a critical extension that clients do not know",
    why="Clients have to refuse what they do not understand and must not ignore.",
    fix="Get a certificate without the extension, or with the extension not critical.",
    reference="RFC 5280 section 4.2",
)
EXTENSIONS_UNREADABLE = FindingKind(
    "extensions_unreadable",
    Severity.WARNING,
    "The extensions of a certificate cannot be read",
    why="They are malformed, or one is there twice. Clients that read them refuse the certificate.",
    fix="Get a new certificate. Tell the issuer what is wrong with this one.",
    reference="RFC 5280 section 4.2",
)
KEY_TOO_WEAK = FindingKind(
    "key_too_weak",
    Severity.WARNING,
    "A key in the chain is too weak",
    why="Clients with today's security levels refuse it, whether they verify certificates or not.",
    fix="Make a key with at least 2048 bits of RSA, or one on the curve P-256.",
    reference="RFC 9325 section 4.2",
)
KEY_UNREADABLE = FindingKind(
    "key_unreadable",
    Severity.WARNING,
    "The public key of a certificate cannot be read",
    why="Clients cannot use the certificate.",
    fix="Get a new certificate with a key of a usual kind.",
    reference="RFC 5280 section 4.1.2.7",
)
EXPLICIT_CURVE = FindingKind(
    "explicit_curve",
    Severity.WARNING,
    "An elliptic curve is spelled out and not named",
    why="TLS clients accept named curves only.",
    fix="Make a new key on the named curve P-256.",
    reference="RFC 5480 section 2.1.1, RFC 8422 section 5.1.1",
)
SIGNATURE_TOO_WEAK = FindingKind(
    "signature_too_weak",
    Severity.WARNING,
    "A signature in the chain uses a weak digest",
    why="SHA-1 and MD5 can be forged. Clients refuse certificates that are signed with them.",
    fix="Get a certificate that is signed with SHA-256. Check that the chain has the present certificate of the issuer.",
    reference="RFC 9155 section 1, RFC 9325 section 4.3",
)
NO_SUBJECT_ALTERNATIVE_NAME = FindingKind(
    "no_subject_alternative_name",
    Severity.WARNING,
    "The certificate has no subjectAltName",
    why="Many clients no longer look at the common name. They find no name that matches.",
    fix="Get a certificate with the host's name as a DNS name in the subjectAltName.",
    reference="RFC 9525 section 6.3",
)
EMPTY_SUBJECT = FindingKind(
    "empty_subject",
    Severity.WARNING,
    "The subject is empty, and the subjectAltName is not critical",
    why="The standard asks for a critical subjectAltName then. Strict clients refuse the certificate.",
    fix="Have the issuer mark the subjectAltName as critical, or name a subject in the request.",
    reference="RFC 5280 section 4.2.1.6",
)
MUST_STAPLE = FindingKind(
    "must_staple",
    Severity.WARNING,
    "The certificate asks for OCSP stapling",
    why="Postfix does not staple. Clients that obey the certificate refuse the connection.",
    fix="Get a certificate without the TLS feature extension (must-staple).",
    reference="RFC 7633 section 4.2.3",
)
NAME_MISSING = FindingKind(
    "name_missing",
    Severity.WARNING,
    "The certificate does not have the name of the server",
    why="Clients that verify names refuse it. So do senders with TLSA records of usage 2.",
    fix="Get a certificate for the name in the text. If clients use another name, set the option names.",
    reference="RFC 9525 section 6.3",
)
