# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mechanisms by name: what each gives away, and how to make its machine.

Names are those of IANA's registry of SASL mechanisms, with LOGIN and XOAUTH2, which never got there.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding, preferred
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials, Mechanism
from ansible_collections.mailops.tls.plugins.module_utils._sasl.passwords import CramMd5, Login, Plain
from ansible_collections.mailops.tls.plugins.module_utils._sasl.scram import Scram
from ansible_collections.mailops.tls.plugins.module_utils._sasl.tokens import External, OAuthBearer, XOAuth2

PLUS = "-PLUS"


class Exposure(str, Enum):
    """What the other side of a connection, or who reads it, learns from one login."""

    SECRET = "secret"
    """The password or token itself."""
    GUESSES = "guesses"
    """Enough to try passwords at leisure, away from the server."""
    NOTHING = "nothing"


@dataclass(frozen=True)
class MechanismFacts:
    """What is known of a mechanism, whether or not it can be used here.

    Attributes:
        exposure: what a login gives away without TLS.
        obsolete: the document that moved it to historic or says not to use it; None for those in use.
    """

    exposure: Exposure
    obsolete: str | None = None


KINDS: dict[str, MechanismFacts] = {
    "PLAIN": MechanismFacts(Exposure.SECRET),
    "LOGIN": MechanismFacts(Exposure.SECRET, "draft-murchison-sasl-login (never standardised)"),
    "XOAUTH2": MechanismFacts(Exposure.SECRET),
    "OAUTHBEARER": MechanismFacts(Exposure.SECRET),
    "CRAM-MD5": MechanismFacts(Exposure.GUESSES, "draft-ietf-sasl-crammd5-to-historic"),
    "DIGEST-MD5": MechanismFacts(Exposure.GUESSES, "RFC 6331"),
    "NTLM": MechanismFacts(Exposure.GUESSES, "MS-NLMP"),
    "SCRAM-SHA-1": MechanismFacts(Exposure.GUESSES),
    "SCRAM-SHA-1-PLUS": MechanismFacts(Exposure.GUESSES),
    "SCRAM-SHA-256": MechanismFacts(Exposure.GUESSES),
    "SCRAM-SHA-256-PLUS": MechanismFacts(Exposure.GUESSES),
    "GSSAPI": MechanismFacts(Exposure.NOTHING),
    "GS2-KRB5": MechanismFacts(Exposure.NOTHING),
    "EXTERNAL": MechanismFacts(Exposure.NOTHING),
    "ANONYMOUS": MechanismFacts(Exposure.NOTHING),
}


@dataclass(frozen=True)
class LoginContext:
    """What a mechanism may want to know of the session that carries it.

    Attributes:
        host: the name of the server as the client has it, for OAUTHBEARER.
        port: its port.
        bindings: the channel bindings of the TLS session; empty without TLS.
        offered: the mechanisms that the server offers in it.
    """

    host: str = ""
    port: int | None = None
    bindings: tuple[ChannelBinding, ...] = ()
    offered: frozenset[str] = frozenset()


def _scram(name: str) -> Callable[[Credentials, LoginContext], Mechanism]:
    def make(credentials: Credentials, context: LoginContext) -> Mechanism:
        # "y" is only for who would have bound; the bound form being offered means that it was our choice not to.
        could_bind = bool(context.bindings) and name + PLUS not in context.offered
        return Scram(name, credentials, could_bind=could_bind)

    return make


def _has_md5() -> bool:
    """Machines in FIPS mode have none."""
    try:
        hmac.new(b"", b"", "md5")
    except ValueError:
        return False
    return True


_MAKERS: dict[str, Callable[[Credentials, LoginContext], Mechanism | None]] = {
    "PLAIN": lambda credentials, _context: Plain(credentials),
    "LOGIN": lambda credentials, _context: Login(credentials),
    "CRAM-MD5": lambda credentials, _context: CramMd5(credentials) if _has_md5() else None,
    "XOAUTH2": lambda credentials, _context: XOAuth2(credentials),
    "OAUTHBEARER": lambda credentials, context: OAuthBearer(credentials, context.host, context.port),
    "EXTERNAL": lambda credentials, _context: External(credentials),
    "SCRAM-SHA-1": _scram("SCRAM-SHA-1"),
    "SCRAM-SHA-256": _scram("SCRAM-SHA-256"),
}
USABLE = (*_MAKERS, "SCRAM-SHA-1" + PLUS, "SCRAM-SHA-256" + PLUS)
"""The mechanisms that can be used to log in."""


def exposure_of(name: str) -> Exposure:
    """Return what a login gives away; of an unknown mechanism the worst is assumed."""
    kind = KINDS.get(name)
    return kind.exposure if kind else Exposure.SECRET


def make(name: str, credentials: Credentials, context: LoginContext) -> Mechanism | None:
    """Make the machine of one login.

    Returns:
        The machine; None when the mechanism cannot be used here, as a -PLUS without a channel binding.

    Raises:
        UnusableCredential: a credential is missing, or cannot be sent with it.
    """
    if name.endswith(PLUS):
        binding = preferred(context.bindings)
        return Scram(name, credentials, binding=binding) if name in USABLE and binding else None
    maker = _MAKERS.get(name)
    return maker(credentials, context) if maker else None
