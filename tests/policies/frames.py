# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frames of the policies of `tls_grade`: everything that is not in the lists of their sources. See sources.py."""

from __future__ import annotations

from typing import Any

# REUSE-IgnoreStart
_HEAD = """# Copyright (c) 2026, the mailops.tls authors
{licence}
# Written by tests/policies/sources.py.
\"\"\"{about}\"\"\"

from __future__ import annotations

from collections.abc import Mapping
{more}
"""
_GPL = """# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later"""
_MPL = """# Copyright (c) 2026, Mozilla Foundation and contributors, of the guideline that this is an extract of
# Mozilla Public License v2.0 (see LICENSES/MPL-2.0.txt or https://www.mozilla.org/MPL/2.0/)
# SPDX-License-Identifier: MPL-2.0"""
# REUSE-IgnoreEnd
_ANY = "from typing import Any\n"
_FROM_SUITES = """from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._grade.iana_suites import IANA_SUITES


def _marked(mark: str) -> list[str]:
    return [name for name, given in IANA_SUITES.values() if given == mark]

"""


def head(name: str) -> str:
    """Return the beginning of a file."""
    about = {
        "ncsc": "The TLS guidelines of NCSC-NL of May 2025, as Internet.nl 1.11.2 counts them (its tls_constants).",
        "mozilla": "Mozilla's guideline for TLS servers, version 6.0, as far as it holds for mail.",
        "suites": "IANA's registry of TLS cipher suites of 2026-04-30: the name of each, and what its column Recommended says.",
        "iana": "What IANA's registries of TLS recommend (Y), leave open (N) and discourage (D; RFC 9847).",
    }[name]
    licence = _MPL if name == "mozilla" else _GPL
    more = {"suites": "", "iana": _FROM_SUITES}.get(name, _ANY)
    return _HEAD.format(licence=licence, about=about, more=more)


def _frame(id: str, title: str, applies: str, ref: str, **more: Any) -> dict[str, Any]:
    defaults = {"else": "insufficient", "mandatory": True, "fixable_by": "operator", "levels": {}}
    return {"id": id, "title": title, "applies": applies, "ref": ref, **defaults, **more}


_STARTTLS = {"good": ["offered"]}
_OFF = {"good": ["off"]}
_ON = {"good": ["on"]}
NCSC: dict[str, Any] = {
    "id": "ncsc-2025",
    "title": "NCSC-NL, IT Security Guidelines for Transport Layer Security, as Internet.nl counts them",
    "version": "2025-05",
    "date": "2026-07-14",
    "source": "https://github.com/internetstandards/Internet.nl, 1.11.2 (cec0e01), checks/tasks/tls/tls_constants.py",
    "licence": "Names out of a public guideline. Internet.nl, which lists them, is under Apache-2.0.",
    "post_quantum": ["X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024"],
    "items": [
        _frame("starttls", "STARTTLS", "starttls", "Internet.nl, mail_starttls_tls_available", levels=_STARTTLS),
        _frame("tls_version", "TLS versions", "tls_version", "NCSC 3.3.1"),
        _frame("cipher_suites", "Cipher suites", "cipher_suite", "NCSC 3.3.3, 3.3.4, appendix B"),
        _frame(
            "cipher_order", "Order of cipher suites", "cipher_order", "Internet.nl, mail_starttls_tls_cipherorder",
            levels={"good": ["nothing_to_phase_out", "best_first"]},
        ),
        _frame("key_exchange", "Groups and primes of the key exchange", "key_exchange", "NCSC 3.3.2.1, 3.3.3.1"),
        _frame(
            "key_exchange_hash", "Digests that sign a key exchange", "key_exchange_hash", "NCSC 3.3.5",
            levels={"good": ["SHA256", "SHA384", "SHA512"], "phase_out": ["SHA224"]},
        ),
        _frame("compression", "TLS compression", "compression", "Internet.nl, mail_starttls_tls_compress", levels=_OFF),
        _frame("secure_renegotiation", "Secure renegotiation", "secure_renegotiation", "NCSC 3.4.2", levels=_ON),
        _frame(
            "client_renegotiation", "Renegotiation by clients", "client_renegotiation", "NCSC 3.4.2", mandatory=False,
            levels={"good": ["off"], "sufficient": ["limited"]},
        ),
        _frame("early_data", "Early data (0-RTT)", "early_data", "Internet.nl, mail_starttls_tls_0rtt", mandatory=False, levels=_OFF),
        _frame(
            "extended_master_secret", "Extended master secret", "extended_master_secret",
            "Internet.nl, mail_starttls_tls_extendedmastersecret; RFC 7627", levels=_ON,
        ),
        _frame("certificate_key", "Keys of certificates", "certificate_key", "NCSC 3.3.2.1"),
        _frame(
            "certificate_signature", "Signatures of certificates", "certificate_signature", "NCSC 3.3.2, 3.3.5", fixable_by="ca",
        ),
        _frame(
            "certificate_trust", "Trusted authority", "certificate_trust", "Internet.nl, mail_starttls_cert_chain", mandatory=False,
            levels={"good": ["trusted"]},
        ),
        _frame(
            "certificate_name", "Name in the certificate", "certificate_name", "Internet.nl, mail_starttls_cert_domain", mandatory=False,
            levels={"good": ["matches"]},
        ),
        _frame(
            "dane", "TLSA records", "dane", "Internet.nl, mail_starttls_dane_valid; RFC 7672", mandatory=False, levels={"good": ["valid"]},
        ),
        _frame(
            "dane_rollover", "TLSA records for a key to come", "dane_rollover", "Internet.nl, mail_starttls_dane_rollover",
            mandatory=False, levels={"good": ["prepared"], "sufficient": ["single"]},
        ),
    ],
}  # fmt: skip
_GUIDELINE = "Mozilla 6.0"
MOZILLA: dict[str, Any] = {
    name: {
        "id": f"mozilla-6.0-{name}",
        "title": f"Mozilla, Server Side TLS, {name}, as far as it holds for mail",
        "version": "6.0",
        "date": "2026-04-06",
        "source": "https://ssl-config.mozilla.org/guidelines/6.0.json",
        "licence": "MPL-2.0",
    }
    for name in ("intermediate", "modern")
}
MOZILLA["items"] = [
    _frame("starttls", "STARTTLS", "starttls", "what all else is about", levels=_STARTTLS),
    _frame("tls_version", "TLS versions", "tls_version", f"{_GUIDELINE}, tls_versions"),
    _frame("cipher_suites", "Cipher suites", "cipher_suite", f"{_GUIDELINE}, ciphersuites, ciphers"),
    _frame("key_exchange", "Groups of the key exchange", "key_exchange", f"{_GUIDELINE}, tls_curves"),
    _frame("certificate_key", "Key of the certificate", "leaf_key", f"{_GUIDELINE}, certificate_types, certificate_curves, rsa_key_size"),
    _frame(
        "certificate_signature", "Signature of the certificate", "leaf_signature", f"{_GUIDELINE}, certificate_signatures",
        fixable_by="ca",
    ),
    _frame(
        "certificate_lifetime", "Lifetime of the certificate", "leaf_lifetime", f"{_GUIDELINE}, maximum_certificate_lifespan",
        fixable_by="ca",
    ),
]
IANA: dict[str, Any] = {
    "id": "iana-recommended",
    "title": "IANA, TLS Parameters, column Recommended",
    "version": "suites and schemes of 2026-04-30, groups of 2025 with the changes of RFC 10024",
    "date": "2026-08-21",
    "source": "https://www.iana.org/assignments/tls-parameters",
    "licence": "A public registry, CC0-1.0",
    "items": [
        _frame("starttls", "STARTTLS", "starttls", "what all else is about", levels=_STARTTLS),
        _frame("cipher_suites", "Cipher suites", "cipher_suite", "TLS Cipher Suites; RFC 8447, RFC 9847", **{"else": "not_tested"}),
        _frame(
            "key_exchange", "Groups of the key exchange", "key_exchange", "TLS Supported Groups; RFC 9847, RFC 10024",
            **{"else": "not_tested"},
        ),
        _frame("signature_schemes", "Signature schemes", "signature_scheme", "TLS SignatureScheme; RFC 9847", **{"else": "not_tested"}),
    ],
}
