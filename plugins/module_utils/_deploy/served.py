# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate a listener of this machine shows: one look with the probe's engine. The edge to sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpPhase
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses

if TYPE_CHECKING:
    from ansible_collections.mailops.tls.plugins.module_utils._probe.result import EndpointResult

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

    Raises OptionError when the libraries here cannot ask for that kind.
    """
    # Whoever deploys nothing in this run, as the rollover in nearly all of its runs, does not load the probe: a third of a module's start.
    from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
    from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.options import smtp_options
    from ansible_collections.mailops.tls.plugins.module_utils._probe.candidates import Candidate, Route
    from ansible_collections.mailops.tls.plugins.module_utils._probe.destination import Destination, Protocol
    from ansible_collections.mailops.tls.plugins.module_utils._probe.fleet import Fleet
    from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts

    others = {name: spec.get("default") for name, spec in smtp_arguments().items()}
    options = smtp_options({
        **others,
        "destinations": [f"[{listener.address}]"],
        "security_level": "verify",  # at which no handshake without certificate is offered; the verdict is not used
        "tls_mode": "implicit" if listener.implicit else "starttls",
        "key_algorithms": [algorithm],
        "deadline": _DEADLINE + listener.greeting_wait,
    })  # fmt: skip
    contexts = TlsContexts(options.tls)
    contexts.check(must_match=True, need_not_match=False)

    async def route_of(destination: Destination) -> Route:
        return Route("address", candidates=(Candidate(listener.address, listener.address, listener.address, listener.port),))

    async def probe() -> Sight:
        fleet = Fleet(options, _ask_nobody, contexts, route_of=route_of)
        text = str(listener)
        destination = Destination(
            text, Protocol.SMTP, nexthop=listener.address, port=listener.port, service=str(listener.port), bracketed=True
        )
        (result,) = await fleet.run([destination], lambda one: one)
        return _sight(result.endpoints)

    return asyncio.run(probe())


def _sight(endpoints: Sequence[EndpointResult]) -> Sight:
    for one in endpoints:
        if one.chain:
            return Sight(one.chain[0].digest("sha256"))
    for one in endpoints:
        if one.failure is not None:
            return Sight(None, _reason(one.failure), one.failure.kind is ErrorKind.STARTTLS_REJECTED or one.failure.phase in _IN_TLS)
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


async def _ask_nobody(name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
    """Stand for DNS, which is not needed for an address."""
    return Answer(name, rdtype, Outcome.ERROR, error="DNS is not asked for a listener")


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
