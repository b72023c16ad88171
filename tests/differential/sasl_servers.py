# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's half of logins as others wrote it: scramp and GNU SASL, in one form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

import scramp
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Mechanism, SaslError
from ansible_collections.mailops.tls.tests.differential.gnu_sasl import SALT, Ended, GnuSaslServer


@dataclass(frozen=True)
class Account:
    """The one user of a server, and the channel bindings of the session, data by name."""

    username: str
    password: str
    bindings: Mapping[str, bytes] = field(default_factory=dict)
    iterations: int = 4096


class SaslServer(Protocol):
    """One login at a server: a response in; what the server says, and whether the login has succeeded, out."""

    def step(self, response: bytes) -> tuple[bytes, bool]:
        """Take a response; raises `Ended` when the server ends the login."""


class ScrampServer:
    """scramp's."""

    def __init__(self, mechanism: str, account: Account) -> None:
        kind = scramp.ScramMechanism(mechanism)
        known = kind.make_auth_info(account.password, account.iterations, SALT)
        binding = next(iter(account.bindings.items()), None)
        self._server = kind.make_server(lambda name: known if name == account.username else None, channel_binding=binding)
        self._begun = False

    def step(self, response: bytes) -> tuple[bytes, bool]:
        """Take a response."""
        try:
            if not self._begun:
                self._begun = True
                self._server.set_client_first(response.decode())
                return self._server.get_server_first().encode(), False
            self._server.set_client_final(response.decode())
            return self._server.get_server_final().encode(), True
        except scramp.ScramException as error:
            raise Ended(-1, str(error)) from None


def _scramp(mechanism: str, account: Account) -> AbstractContextManager[SaslServer]:
    return nullcontext(ScrampServer(mechanism, account))


def _gnu(mechanism: str, account: Account) -> AbstractContextManager[SaslServer]:
    given = account
    return GnuSaslServer(mechanism, given.username, given.password, bindings=given.bindings, iterations=given.iterations)


PEERS: Mapping[str, Callable[[str, Account], AbstractContextManager[SaslServer]]] = {"scramp": _scramp, "gsasl": _gnu}


@dataclass(frozen=True)
class Outcome:
    """What each side makes of a login, and why the client left it, if it did."""

    server: bool
    client: bool
    reason: str = ""


def log_in(client: Mechanism, peer: str, mechanism: str, account: Account) -> Outcome:
    """Carry a login out between a machine of ours and a server of theirs."""
    with PEERS[peer](mechanism, account) as server:
        response = client.initial if client.initial is not None else b""
        accepted = False
        try:
            said, accepted = server.step(response)
            while not accepted:
                said, accepted = server.step(client.respond(said))
            client.succeed(said or None)
        except Ended as end:
            return Outcome(False, False, str(end))
        except SaslError as error:
            return Outcome(accepted, False, str(error))
    return Outcome(True, True)
