# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How one session is to be made and judged, whatever protocol it speaks."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel


@dataclass(frozen=True)
class SessionPolicy:
    """How one session is to be made and judged.

    `must_match` is what the handshake is made for (ciphers, key strength); it can be true although `session` is
    `encrypt`, when unusable TLSA records were only found out with the handshake prepared, as in Postfix.
    `sni` is the TLSA base domain at levels that use DANE. `forced_failure` tells why no certificate can match.
    `reason` tells people why the level is not the requested one.
    """

    requested: SecurityLevel
    session: SecurityLevel
    delivery: SecurityLevel | None
    must_match: bool
    sni: str | None = None
    base_domain: str | None = None
    forced_failure: str | None = None
    reason: str | None = None


def fixed_policy(level: SecurityLevel) -> SessionPolicy:
    """Return the policy of a level that DNS does not change."""
    return SessionPolicy(level, level, level, level.must_match)
