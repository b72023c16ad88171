# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Postfix's TLS security levels and what each asks of the TLS library (tls_level.c, tls_client.c).

The numbers are Postfix's own and ordered: every level above `encrypt` must match the server's certificate.
"""

from __future__ import annotations

from enum import Enum


class SecurityLevel(Enum):
    """A TLS security level. `half-dane` only ever results from a downgrade; it cannot be asked for."""

    NONE = "none"
    MAY = "may"
    ENCRYPT = "encrypt"
    FINGERPRINT = "fingerprint"
    HALF_DANE = "half-dane"
    DANE = "dane"
    DANE_ONLY = "dane-only"
    VERIFY = "verify"
    SECURE = "secure"

    @property
    def must_match(self) -> bool:
        """True when the server's certificate has to match for mail to be delivered."""
        return self not in (SecurityLevel.NONE, SecurityLevel.MAY, SecurityLevel.ENCRYPT)

    @property
    def need_not_match(self) -> bool:
        """True when a session can come about without a match: DANE can be downgraded to levels that need none."""
        return self.uses_dane or not self.must_match

    @property
    def uses_dane(self) -> bool:
        """True when TLSA records decide."""
        return self in (SecurityLevel.HALF_DANE, SecurityLevel.DANE, SecurityLevel.DANE_ONLY)

    @property
    def uses_names(self) -> bool:
        """True when names in the certificate are compared with match arguments."""
        return self in (SecurityLevel.VERIFY, SecurityLevel.SECURE)


class InsecureMxPolicy(Enum):
    """What DANE levels do when the MX RRset was not DNSSEC-validated (smtp_tls_dane_insecure_mx_policy)."""

    MAY = "may"
    ENCRYPT = "encrypt"
    DANE = "dane"


REQUESTABLE = tuple(level.value for level in SecurityLevel if level is not SecurityLevel.HALF_DANE)
"""The level names a user can ask for, weakest first as in Postfix's documentation."""
