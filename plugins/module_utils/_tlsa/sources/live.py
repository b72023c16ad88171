# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A live server as source: the probe's engine asks every address for the certificates it shows, one handshake for each kind of key.

Nothing of it is verified, neither name nor issuer nor DNSSEC: the records say what the one who answered has shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.mailops.tls.plugins.module_utils._dane.key_material import KeyMaterial, of_served
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.machine import TlsMode
from ansible_collections.mailops.tls.plugins.module_utils._dialogue.smtp import SmtpSettings
from ansible_collections.mailops.tls.plugins.module_utils._dns.deadline import within
from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure, ProbeError
from ansible_collections.mailops.tls.plugins.module_utils._probe.certificates_seen import Shown, certificates_seen, require_askable
from ansible_collections.mailops.tls.plugins.module_utils._probe.host_addresses import system_addresses
from ansible_collections.mailops.tls.plugins.module_utils._probe.services import native_addresses, own_ehlo_name
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

OPTION = "probe"

_NO_CERTIFICATE = Failure(ErrorKind.HANDSHAKE_FAILED, CommonPhase.HANDSHAKE, "the server shows no certificate")


@dataclass(frozen=True)
class LiveServer:
    """The server to ask: host name in ASCII (also sent as server name), port, and the addresses, by default those of the system.

    `deadline`: seconds for each handshake, and before it for the addresses.
    """

    host: str
    port: int
    addresses: tuple[str, ...]
    tls_mode: TlsMode
    kinds: tuple[KeyRequest, ...]
    deadline: float


def served_materials(server: LiveServer) -> tuple[tuple[KeyMaterial, ...], tuple[str, ...]]:
    """Return what each address of a server shows, and warnings of the handshakes.

    Raises:
        OptionError: the libraries here cannot ask for a kind of key. Nothing was looked up.
        ProbeError: there is no address, or one of them leaves open which keys it has. Records without a key that is served would keep
            mail away.
    """
    require_askable(server.kinds)
    addresses = server.addresses or asyncio.run(_addresses(server))
    seen = certificates_seen(
        addresses,
        server.port,
        server.tls_mode,
        server.kinds,
        SmtpSettings(own_ehlo_name(), transcript=False),
        server_name=server.host,
        deadline=server.deadline,
    )
    materials: list[KeyMaterial] = []
    for address in addresses:
        name = f"{server.host}[{address}]:{server.port}"
        materials += _materials(name, [one for one in seen.shown if one.address == address])
    return tuple(materials), seen.warnings


async def _addresses(server: LiveServer) -> tuple[str, ...]:
    """Those that the system has, hosts(5) included."""
    found = await within(server.deadline, system_addresses(server.host, native_addresses))
    if found is None:
        text = f"{server.host}: no route within the deadline"
        raise ProbeError(ErrorKind.DNS_ERROR, CommonPhase.DNS, text)
    if found.failure is not None:
        raise _error(found.failure)
    return tuple(one.address for one in found.addresses)


def _materials(name: str, shown: Sequence[Shown]) -> list[KeyMaterial]:
    """What one address shows; a kind of key that it says it does not have is no failure."""
    chains: dict[tuple[Certificate, ...], None] = {}
    for one in shown:
        if one.established and one.chain:
            chains[one.chain] = None
        elif one.offered is not False:
            raise _error(one.failure or _NO_CERTIFICATE, name + ": ")
    if not chains:
        failures = [one.failure for one in shown if one.failure is not None]
        raise _error(failures[0] if failures else _NO_CERTIFICATE, name + ": ")
    return [of_served(chain, OPTION, name) for chain in chains]


def _error(failure: Failure, name: str = "") -> ProbeError:
    return ProbeError(failure.kind, failure.phase, name + failure.text)
