# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of each finding on DKIM a case that has it and a near one that has not."""

from __future__ import annotations

import base64

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import dkim
from ansible_collections.mailops.tls.plugins.module_utils._finding import FindingKind
from ansible_collections.mailops.tls.tests.unit.domain_cases.world import ED25519, FindingCase, lines
from ansible_collections.mailops.tls.tests.unit.makers.certificates import bit_string, integer, oid, sequence

_RAW = base64.b64decode(ED25519)


def _numbers(bits: int) -> bytes:
    """An RSAPublicKey of this size; nobody has to be able to use it."""
    return sequence(integer((1 << (bits - 1)) | 1), integer(65537))


def _rsa(bits: int) -> str:
    return base64.b64encode(sequence(sequence(oid("1.2.840.113549.1.1.1"), b"\x05\x00"), bit_string(_numbers(bits)))).decode()


def _case(kind: FindingKind, wrong: str, right: str) -> FindingCase:
    owner = "key._domainkey TXT "
    return FindingCase(kind, lines(owner + wrong), lines(owner + right))


GOOD = f"v=DKIM1; k=ed25519; p={ED25519}"
RSA = f"v=DKIM1; p={_rsa(2048)}"
_PKCS1 = base64.b64encode(_numbers(2048)).decode()
_SPKI = base64.b64encode(sequence(sequence(oid("1.3.101.112")), bit_string(_RAW))).decode()
DKIM_CASES = (
    _case(dkim.DKIM_RECORD_MISSING, "-", GOOD),
    FindingCase(
        dkim.DKIM_MULTIPLE_RECORDS,
        lines(f"key._domainkey TXT {GOOD}", f"key._domainkey TXT {RSA}"),
        lines(f"key._domainkey TXT {GOOD}", f"other._domainkey TXT {RSA}"),
    ),
    _case(dkim.DKIM_VERSION_INVALID, GOOD.replace("DKIM1", "DKIM2"), GOOD.replace("v=DKIM1; ", "")),
    _case(dkim.DKIM_TAG_SYNTAX, GOOD.replace("ed25519; ", "ed25519 "), GOOD.replace("; ", " ;\t")),
    _case(dkim.DKIM_DUPLICATE_TAG, f"{GOOD}; p={ED25519}", f"{GOOD}; n=p"),
    _case(dkim.DKIM_WRONG_RECORD, "v=spf1 -all", GOOD),
    _case(dkim.DKIM_PUBLIC_KEY_MISSING, "v=DKIM1; k=rsa", RSA),
    _case(dkim.DKIM_KEY_REVOKED, "v=DKIM1; p=", GOOD),
    _case(dkim.DKIM_KEY_MALFORMED, "v=DKIM1; p=AAAA", RSA),
    _case(dkim.DKIM_RECORD_TRUNCATED, RSA[:200], f"{RSA[:200]}|{RSA[200:]}"),
    _case(dkim.DKIM_STRAY_QUOTE, f'"{RSA[:200]}" "|{RSA[200:]}"', f"{RSA[:200]}|{RSA[200:]}"),
    _case(dkim.DKIM_STRAY_BACKSLASH, GOOD.replace(";", "\\;"), GOOD),
    _case(dkim.DKIM_WHITESPACE_IN_KEY, f"{RSA[:200]} |{RSA[200:]}", f"{RSA[:200]}|{RSA[200:]}"),
    _case(dkim.DKIM_KEY_TYPE_UNKNOWN, GOOD.replace("k=ed25519", "k=ecdsa"), GOOD),
    _case(dkim.DKIM_KEY_TYPE_MISMATCH, f"v=DKIM1; k=rsa; p={ED25519}", GOOD),
    _case(dkim.DKIM_ED25519_NOT_RAW, f"v=DKIM1; k=ed25519; p={_SPKI}", GOOD),
    _case(dkim.DKIM_RSA_TOO_SHORT, f"v=DKIM1; p={_rsa(1023)}", f"v=DKIM1; p={_rsa(1024)}"),
    _case(dkim.DKIM_RSA_WEAK, f"v=DKIM1; p={_rsa(2047)}", f"v=DKIM1; p={_rsa(2048)}"),
    _case(dkim.DKIM_RSA_TOO_LONG, f"v=DKIM1; p={_rsa(4104)}", f"v=DKIM1; p={_rsa(4096)}"),
    _case(dkim.DKIM_KEY_PKCS1, f"v=DKIM1; p={_PKCS1}", RSA),
    _case(dkim.DKIM_HASH_UNUSABLE, f"{RSA}; h=sha1", f"{RSA}; h=sha1:sha256"),
    _case(dkim.DKIM_SERVICE_NOT_EMAIL, f"{RSA}; s=tlsrpt", f"{RSA}; s=tlsrpt:email"),
    _case(dkim.DKIM_TESTING, f"{RSA}; t=y", f"{RSA}; t=s"),
    _case(dkim.DKIM_OBSOLETE_TAG, f"{RSA}; g=*", f"{RSA}; x=*"),
    FindingCase(dkim.DKIM_POLICY_RECORD_OBSOLETE, lines("_adsp._domainkey TXT dkim=all"), lines("_adsp._domainkey TXT site=all")),
)
