# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scan offers: suites of each kind, groups and signature schemes, and the levels that suites are graded by.

Everything that `suites.py` and `code_points.py` have a name for is asked about. The levels are those of the Dutch NCSC's guidelines for
TLS, version 2025-05, as Internet.nl 1.11.2 counts them (in its tls_constants).
"""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import SSL_3, TLS_1_2, TLS_1_3
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import GROUPS, SIGNATURES
from ansible_collections.mailops.tls.plugins.module_utils._tls.suites import SUITES

_NO_SUITES = (0x00FF, 0x5600)
"""Signals to the server that look like suites."""

SUITES_1_3 = (0x1302, 0x1303, 0x1301, 0x1304, 0x1305)


def _before_1_3() -> tuple[int, ...]:
    """All older suites: with ephemeral elliptic curves first, anonymous ones last, since they would be chosen in place of others."""
    numbers = [number for number in SUITES if number not in _NO_SUITES and number not in SUITES_1_3]
    return tuple(sorted(numbers, key=lambda number: (is_anonymous(number), not is_ecdhe(number), -number)))


def is_anonymous(suite: int) -> bool:
    """True for suites without a certificate."""
    return SUITES.get(suite, "").startswith(("ADH-", "AECDH-", "EXP-ADH-"))


def is_ecdhe(suite: int) -> bool:
    """True for suites with a certificate and a group from the list of the client."""
    return SUITES.get(suite, "").startswith("ECDHE-")


def is_dhe(suite: int) -> bool:
    """True for suites with a Diffie-Hellman prime of the server."""
    return SUITES.get(suite, "").startswith(("DHE-", "ADH-", "EXP-DHE-", "EXP-ADH-"))


def takes_ecdsa_key(suite: int) -> bool:
    """True for suites of an ECDSA key, whose own curve has to be among the groups of TLS 1.2 (RFC 8422 section 5.3)."""
    return SUITES.get(suite, "").startswith("ECDHE-ECDSA-")


OLDER_SUITES = _before_1_3()
UNSIGNED_SUITES = tuple(suite for suite in OLDER_SUITES if not (is_ecdhe(suite) or is_dhe(suite) or is_anonymous(suite)))
"""Those of an RSA key whose key exchange nobody signs."""
COMMON_SUITES = tuple(
    number for number, name in SUITES.items()
    if "AES" in name and "CCM" not in name and "DSS" not in name and number in OLDER_SUITES and not is_anonymous(number)
)[:62] + (0x000A, 0x0005)  # fmt: skip
"""For servers that choke on many."""
MOST_AT_ONCE = 64
"""Suites in a hello for such servers, as many as nmap and Internet.nl offer."""

_ONLY_1_3 = (31, 32, 33, 41)
PRIME_GROUPS = (256, 257, 258, 259, 260)
"""Primes that a client names (RFC 7919). They are offered last and by themselves, see `OLDER_GROUPS`."""
OLDER_GROUPS = tuple(
    number for number in sorted(GROUPS, key=lambda number: number not in (23, 24, 25, 29))
    if number < 256 and number not in _ONLY_1_3
)  # fmt: skip
"""Groups of TLS 1.2. None is a prime: a server that reads RFC 7919 would hide its own prime behind one that was offered."""
GROUPS_1_3 = tuple(number for number in sorted(GROUPS, reverse=True) if number > 28 or number in (23, 24, 25))
"""None of those that TLS 1.3 forbids (RFC 8446 section 4.2.7): some servers refuse whoever offers one."""

SCHEMES = tuple(number for number in SIGNATURES if number >> 8 in (2, 3, 4, 5, 6, 8))
"""Signature schemes that TLS has had; MD5 and the post-quantum ones, which no key exchange of TLS 1.2 is signed with, are left out."""
WEAK_SCHEMES = tuple(number for number in SCHEMES if number >> 8 in (2, 3))
"""Those with SHA-1 and SHA-224."""


class Level(NamedTuple):
    """Suites of one worth, older than TLS 1.3; `examples` is after how many of them nothing more is asked, None for never."""

    name: str
    suites: tuple[int, ...]
    examples: int | None


_SUFFICIENT = (0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC02B, 0xC02F, 0xC0AD, 0xC0AC)
_PHASE_OUT = (
    0xC087, 0xC073, 0xC086, 0xC072, 0xC05D, 0xC049, 0xC05C, 0xC048, 0xC024, 0xC023, 0xC08B, 0xC077, 0xC08A, 0xC076, 0xC061, 0xC04D, 0xC060,
    0xC04C, 0xC028, 0xC027, 0xCCAA, 0xC07D, 0x00C4, 0xC07C, 0x00BE, 0xC053, 0xC045, 0xC052, 0xC044, 0x009F, 0xC09F, 0x006B, 0x009E, 0xC09E,
    0x0067,
)  # fmt: skip
LEVELS = (
    Level("insufficient", tuple(suite for suite in OLDER_SUITES if suite not in _SUFFICIENT + _PHASE_OUT), 3),
    Level("phase_out", _PHASE_OUT, 3),
    Level("sufficient", _SUFFICIENT, None),
)
"""The worst first."""


def groups_of(version: int) -> tuple[int, ...]:
    """Return all groups to offer in a protocol version; SSL 3 has none."""
    if version == SSL_3:
        return ()
    return GROUPS_1_3 if version >= TLS_1_3 else OLDER_GROUPS


def schemes_of(version: int) -> tuple[int, ...]:
    """Return all signature schemes to offer in a protocol version."""
    return SCHEMES if version >= TLS_1_2 else ()
