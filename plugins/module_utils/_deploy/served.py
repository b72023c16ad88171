# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether listeners of this machine serve a certificate: the probe's engine asks each, until they do or time is up. The edge to sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Callable, Optional

from ansible_collections.mailops.tls.plugins.module_utils._deploy.listeners import Listener
from ansible_collections.mailops.tls.plugins.module_utils._dns.answer import Answer, Outcome

Look = Callable[[Listener, str], Optional[str]]
"""(listener, kind of key) -> the SHA-256 of the certificate it shows, None when it shows none."""

_PAUSE = 0.3
_DEADLINE = 5.0


def served_leaf(listener: Listener, algorithm: str) -> Optional[str]:
    """Return the SHA-256 of the certificate that a listener shows to clients of one kind of key, without server name (SNI).

    Raises L(OptionError) when the libraries here cannot ask for that kind.
    """
    # Whoever deploys nothing in this run, as the rollover in nearly all of its runs, does not load the probe: a third of a module's start.
    from ansible_collections.mailops.tls.plugins.module_utils._probe.arguments import smtp_arguments
    from ansible_collections.mailops.tls.plugins.module_utils._probe.destination import Destination, Protocol
    from ansible_collections.mailops.tls.plugins.module_utils._probe.fleet import Fleet
    from ansible_collections.mailops.tls.plugins.module_utils._probe.options import smtp_options
    from ansible_collections.mailops.tls.plugins.module_utils._probe.route import Candidate, Route
    from ansible_collections.mailops.tls.plugins.module_utils._probe.tls_context import TlsContexts

    others = {name: spec.get("default") for name, spec in smtp_arguments().items()}
    options = smtp_options({
        **others,
        "destinations": ["[%s]" % listener.address],
        "security_level": "verify",  # at which no handshake without certificate is offered; the verdict is not used
        "tls_mode": "implicit" if listener.implicit else "starttls",
        "key_algorithms": [algorithm],
        "deadline": _DEADLINE,
    })  # fmt: skip
    contexts = TlsContexts(options.tls)
    contexts.check(options.security_level)

    async def route_of(destination: Destination) -> Route:
        return Route("address", candidates=(Candidate(listener.address, listener.address, listener.address, listener.port),))

    async def probe() -> Optional[str]:
        fleet = Fleet(options, _ask_nobody, contexts, route_of=route_of)
        text = str(listener)
        destination = Destination(
            text, Protocol.SMTP, nexthop=listener.address, port=listener.port, service=str(listener.port), bracketed=True
        )
        (result,) = await fleet.run([destination], lambda one: one)
        chains = [one.chain for one in result.endpoints if one.chain]
        return chains[0][0].digest("sha256") if chains else None

    return asyncio.run(probe())


async def _ask_nobody(name: str, rdtype: str, want_dnssec: bool = True) -> Answer:
    """Stand for DNS, which is not needed for an address."""
    return Answer(name, rdtype, Outcome.ERROR, error="DNS is not asked for a listener")


def all_serve(listeners: Sequence[Listener], algorithm: str, leaf_sha256: str, look: Look = served_leaf) -> bool:
    """Return whether each listener serves the certificate at this moment."""
    return all(look(one, algorithm) == leaf_sha256 for one in listeners)


def wait_until_served(
    listeners: Sequence[Listener],
    algorithm: str,
    leaf_sha256: str,
    seconds: float,
    look: Look = served_leaf,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Optional[str]:
    """Return None as soon as all listeners serve the certificate, or after O(seconds) which one does not."""
    end = clock() + seconds
    for listener in listeners:
        while look(listener, algorithm) != leaf_sha256:
            if clock() >= end:
                return "%s does not serve the new certificate after %g seconds" % (listener, seconds)
            sleep(_PAUSE)
    return None
