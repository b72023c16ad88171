# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificates that listeners show, without a verdict: what a deployment and a publisher of records want to know of a server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import DialogueMaker, TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._errors import Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.asked_key import failure_of, is_offered
from ansible_collections.mailops.tls.plugins.module_utils._probe.connection import ProbePlan, TimeLimits
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.prober import Prober, ProberSettings
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate


@dataclass(frozen=True)
class Shown:
    """What one address showed when it was asked for one kind of key.

    Attributes:
        address: who was asked.
        kind: the kind of key.
        chain: the certificates as sent, leaf first; those of a handshake that failed, too.
        established: whether the handshake came to its end.
        offered: whether the server has a key of this kind; None when it could not be found out.
        failure: what went wrong, if something did.
    """

    address: str
    kind: KeyRequest
    chain: tuple[Certificate, ...]
    established: bool
    offered: bool | None
    failure: Failure | None


@dataclass(frozen=True)
class CertificatesSeen:
    """What was shown, by address and then by kind of key in the order asked, and warnings about the handshakes that are possible here."""

    shown: tuple[Shown, ...]
    warnings: tuple[str, ...] = ()


def certificates_seen(
    addresses: Sequence[str],
    port: int,
    tls_mode: TlsMode,
    kinds: Sequence[KeyRequest],
    dialogue: DialogueMaker,
    *,
    server_name: str | None = None,
    deadline: float = 120.0,
) -> CertificatesSeen:
    """Ask listeners for their certificates, all addresses at once, with one handshake for each kind of key.

    No handshake without certificate is offered. Whatever listeners do is in the result.

    Args:
        addresses: IP addresses.
        port: the port at each of them.
        tls_mode: how TLS begins there.
        kinds: the kinds of keys to ask for.
        dialogue: the protocol that is spoken there.
        server_name: the name to send (SNI), which must be no address; by default none.
        deadline: seconds for each handshake with all that goes before it.

    Raises:
        OptionError: for a kind of key that the libraries here cannot ask for.
    """
    contexts = _contexts(kinds)
    plans = [
        ProbePlan(Target(address, port), dialogue, True, server_name, kind, tls_mode) for address in addresses for kind in kinds
    ]

    async def ask() -> tuple[Shown, ...]:
        prober = Prober(contexts, ProberSettings(TimeLimits(deadline=deadline)))
        return tuple(await asyncio.gather(*(_shown(prober, plan) for plan in plans)))

    return CertificatesSeen(asyncio.run(ask()), contexts.warnings)


def require_askable(kinds: Sequence[KeyRequest]) -> None:
    """Raise OptionError for a kind of key that the libraries here cannot ask for. For those who look up addresses first."""
    _contexts(kinds)


def _contexts(kinds: Sequence[KeyRequest]) -> TlsContexts:
    contexts = TlsContexts(TlsParameters(key_algorithms=tuple(kinds)))
    contexts.check(must_match=True, need_not_match=False)
    return contexts


async def _shown(prober: Prober, plan: ProbePlan) -> Shown:
    evidence = (await prober.probe(plan)).evidence
    chain = prober.chain(evidence)
    return Shown(
        plan.target.address,
        plan.key_algorithm,
        chain,
        evidence.tls is not None and evidence.tls.established,
        is_offered(plan.key_algorithm, evidence, chain),
        failure_of(plan.key_algorithm, evidence, chain),
    )
