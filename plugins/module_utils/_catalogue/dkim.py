# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DKIM keys in DNS (RFC 6376, RFC 8301, RFC 8463)."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind, Severity

DKIM_RECORD_MISSING = FindingKind(
    "dkim_record_missing",
    Severity.ERROR,
    "A selector has no DKIM record",
    why="Signatures with that selector fail.",
    fix="Publish the public key at the selector. If it is an alias, check where it leads.",
    reference="RFC 6376 section 3.6.2.1",
)
DKIM_MULTIPLE_RECORDS = FindingKind(
    "dkim_multiple_records",
    Severity.ERROR,
    "A selector has more than one DKIM record",
    why="Verifiers pick one of them or fail.",
    fix="Keep one record.",
    reference="RFC 6376 section 3.6.2.2",
)
DKIM_VERSION_INVALID = FindingKind(
    "dkim_version_invalid",
    Severity.ERROR,
    "The version of the DKIM record is wrong",
    why="Verifiers have to discard the record.",
    fix="Put v=DKIM1 first.",
    reference="RFC 6376 section 3.6.1",
)
DKIM_TAG_SYNTAX = FindingKind(
    "dkim_tag_syntax",
    Severity.ERROR,
    "The DKIM record is malformed",
    why="Verifiers cannot parse the record.",
    fix="Write tag=value and separate the tags by semicolons.",
    reference="RFC 6376 section 3.2",
)
DKIM_DUPLICATE_TAG = FindingKind(
    "dkim_duplicate_tag",
    Severity.ERROR,
    "A tag stands twice in the DKIM record",
    why="Verifiers have to discard the whole record.",
    fix="Remove the second one. Often the record was pasted twice.",
    reference="RFC 6376 section 3.2",
)
DKIM_WRONG_RECORD = FindingKind(
    "dkim_wrong_record",
    Severity.ERROR,
    "The record at the selector is no DKIM record",
    why="Verifiers find no key, so signatures fail.",
    fix="Publish the key as text, or use a CNAME record if it is with a provider.",
    reference="RFC 6376 section 3.6.2",
)
DKIM_PUBLIC_KEY_MISSING = FindingKind(
    "dkim_public_key_missing",
    Severity.ERROR,
    "The DKIM record has no key",
    why="The tag p= is required. Signatures with this selector fail.",
    fix="Add p= with the public key.",
    reference="RFC 6376 section 3.6.1",
)
DKIM_KEY_REVOKED = FindingKind(
    "dkim_key_revoked",
    Severity.NOTICE,
    "The DKIM key is revoked",
    why="An empty key fails all signatures. That is right for a selector that is no longer used.",
    fix="Stop signing with this selector, or publish the key.",
    reference="RFC 6376 section 3.6.1",
)
DKIM_KEY_MALFORMED = FindingKind(
    "dkim_key_malformed",
    Severity.ERROR,
    "The DKIM key cannot be read",
    why="Signatures fail.",
    fix="Publish the DER of the key in base64, without the lines of PEM.",
    reference="RFC 6376 section 3.6.1",
)
DKIM_RECORD_TRUNCATED = FindingKind(
    "dkim_record_truncated",
    Severity.ERROR,
    "The DKIM key is cut short",
    why="Some panels cut long texts. Signatures with this key fail.",
    fix="Split the text into strings of at most 255 characters, in one record.",
    reference="RFC 6376 section 3.6.2.2",
)
DKIM_STRAY_QUOTE = FindingKind(
    "dkim_stray_quote",
    Severity.ERROR,
    "The DKIM record has quotes in its text",
    why="Some verifiers tolerate them, others fail.",
    fix="Remove all quotes in the panel and join the parts.",
    reference="RFC 6376 section 3.2",
)
DKIM_STRAY_BACKSLASH = FindingKind(
    "dkim_stray_backslash",
    Severity.ERROR,
    "The DKIM record has backslashes in its text",
    why="The version is not recognised then, and verifiers discard the record.",
    fix="Enter the text without escapes.",
    reference="RFC 6376 section 3.2",
)
DKIM_WHITESPACE_IN_KEY = FindingKind(
    "dkim_whitespace_in_key",
    Severity.NOTICE,
    "The DKIM key has blanks in it",
    why="Verifiers ignore them. Some checkers and panels do not.",
    fix="Remove it when convenient.",
    reference="RFC 6376 sections 3.2 and 3.6.1",
)
DKIM_KEY_TYPE_UNKNOWN = FindingKind(
    "dkim_key_type_unknown",
    Severity.ERROR,
    "The DKIM record names an unknown kind of key",
    why="Verifiers ignore the key.",
    fix="Write k=rsa or k=ed25519, in lower case.",
    reference="RFC 6376 section 3.6.1, RFC 8463",
)
DKIM_KEY_TYPE_MISMATCH = FindingKind(
    "dkim_key_type_mismatch",
    Severity.ERROR,
    "The DKIM key is of another kind than the record says",
    why="The key cannot be used.",
    fix="Correct k= to the kind of the key.",
    reference="RFC 6376 section 3.6.1, RFC 8463 section 4",
)
DKIM_ED25519_NOT_RAW = FindingKind(
    "dkim_ed25519_not_raw",
    Severity.ERROR,
    "The Ed25519 key is in the wrong format",
    why="Verifiers reject it.",
    fix="Publish base64 of the raw 32 octets.",
    reference="RFC 8463 section 4",
)
DKIM_RSA_TOO_SHORT = FindingKind(
    "dkim_rsa_too_short",
    Severity.ERROR,
    "The DKIM key is too short",
    why="Verifiers must not accept it.",
    fix="Make a key of 2048 bits and publish it under a new selector.",
    reference="RFC 8301 section 3.2",
)
DKIM_RSA_WEAK = FindingKind(
    "dkim_rsa_weak",
    Severity.WARNING,
    "The DKIM key is weak",
    why="Signers should use 2048 bits. Shorter keys can be broken.",
    fix="Make a key of 2048 bits and publish it under a new selector.",
    reference="RFC 8301 section 3.2",
)
DKIM_RSA_TOO_LONG = FindingKind(
    "dkim_rsa_too_long",
    Severity.NOTICE,
    "The DKIM key is longer than verifiers have to support",
    why="Some verifiers fail with it.",
    fix="Use a key of 2048 to 4096 bits.",
    reference="RFC 8301 section 3.2",
)
DKIM_KEY_PKCS1 = FindingKind(
    "dkim_key_pkcs1",
    Severity.NOTICE,
    "The DKIM key is in an old format",
    why="Most verifiers want SubjectPublicKeyInfo.",
    fix="Export with openssl rsa -pubout.",
    reference="RFC 6376 section 3.6.1 (and its errata)",
)
DKIM_HASH_UNUSABLE = FindingKind(
    "dkim_hash_unusable",
    Severity.ERROR,
    "The DKIM record allows no hash that is in use",
    why="No acceptable signature can use the key.",
    fix="Remove h= or write h=sha256.",
    reference="RFC 6376 section 3.6.1, RFC 8301 section 3.1",
)
DKIM_SERVICE_NOT_EMAIL = FindingKind(
    "dkim_service_not_email",
    Severity.ERROR,
    "The DKIM record is not for mail",
    why="Verifiers of mail must ignore the key.",
    fix="Remove s=.",
    reference="RFC 6376 section 3.6.1",
)
DKIM_TESTING = FindingKind(
    "dkim_testing",
    Severity.WARNING,
    "The DKIM key is in test mode",
    why="Receivers may treat signed mail as if it were not signed.",
    fix="Remove y from t= when the test is over.",
    reference="RFC 6376 section 3.6.1",
)
DKIM_OBSOLETE_TAG = FindingKind(
    "dkim_obsolete_tag",
    Severity.NOTICE,
    "The DKIM record has an obsolete tag",
    why="An empty g= made old verifiers fail.",
    fix="Remove it.",
    reference="RFC 6376 appendix C.2 (change from RFC 4871)",
)
DKIM_POLICY_RECORD_OBSOLETE = FindingKind(
    "dkim_policy_record_obsolete",
    Severity.NOTICE,
    "The domain has a policy record of DomainKeys or ADSP",
    why="Both were given up. DMARC has taken their place.",
    fix="Remove it.",
    reference="RFC 4870 (historic), RFC 5617 (historic)",
)
