# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate a listener of this machine shows: one look with the probe's engine. The edge to sockets."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase, SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses

if TYPE_CHECKING:
    from ansible_collections.mailops.tls.plugins.module_utils._probe.certificates_seen import Shown

_DEADLINE = 5.0
_IN_TLS = (CommonPhase.HANDSHAKE, SmtpPhase.EHLO_TLS)


@dataclass(frozen=True)
class Sight:
    """What one look came to: the SHA-256 of the certificate that was shown, or the reason why none was.

    Attributes:
        broken: TLS was offered and did not come about, so something is wrong with what is deployed.
    """

    leaf_sha256: str | None = None
    reason: str = ""
    broken: bool = False


Look = Callable[[Listener, str], Sight]
"""Looks at what a listener shows to clients of one kind of key (rsa, ecdsa, ed25519)."""


def look_at(listener: Listener, algorithm: str) -> Sight:
    """Return what a listener shows to clients of one kind of key, without server name (SNI).

    Raises:
        OptionError: when the libraries here cannot ask for that kind.
    """
    # Whoever deploys nothing in this run, as the rollover in nearly all of its runs, does not load the probe: a third of a module's start.
    from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
    from ansible_collections.mailops.tls.plugins.module_utils._probe.certificates_seen import certificates_seen
    from ansible_collections.mailops.tls.plugins.module_utils._probe.services import own_ehlo_name
    from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest

    mode = TlsMode.IMPLICIT if listener.implicit else TlsMode.STARTTLS
    dialogue = SmtpSettings(own_ehlo_name(), transcript=False)
    deadline = _DEADLINE + listener.greeting_wait
    seen = certificates_seen([listener.address], listener.port, mode, [KeyRequest(algorithm)], dialogue, deadline=deadline)
    return _sight(seen.shown[0])


def _sight(shown: Shown) -> Sight:
    failure = shown.failure
    if shown.chain:
        return Sight(shown.chain[0].digest("sha256"))
    if failure is not None:
        return Sight(None, _reason(failure), failure.kind is ErrorKind.STARTTLS_REJECTED or failure.phase in _IN_TLS)
    return Sight(None, "it shows no certificate", broken=True)


def _reason(failure: Failure) -> str:
    if failure.kind is ErrorKind.STARTTLS_NOT_OFFERED:
        causes = "smtpd_discard_ehlo_keywords, smtpd_discard_ehlo_keyword_address_maps or smtpd_tls_security_level"
        return f"it does not offer STARTTLS to this machine ({causes} may be why)"
    if failure.kind is ErrorKind.CONNECT_REFUSED:
        return "it refuses the connection"
    if failure.kind is ErrorKind.STARTTLS_REJECTED:
        return failure.text
    return f"{failure.text} ({failure.phase.value})"


def system_addresses(host: str) -> tuple[str, ...]:
    """Return the addresses that the system has for a host name (hosts(5) included); none when it cannot tell.

    Those of IPv6 do not count where the kernel has no such sockets, as for Postfix (inet_proto.c).
    """
    try:
        found = tuple(asyncio.run(native_addresses(host)))
    except OSError:
        return ()
    return tuple(one for one in found if ":" not in one or _has_ipv6())


def _has_ipv6() -> bool:
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_STREAM).close()
    except OSError:
        return False
    return True
