# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of mechanisms: which machine a name makes, with what it binds, and what each gives away."""

from __future__ import annotations

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials
from ansible_collections.mailops.tls.plugins.module_utils._sasl.mechanisms import KINDS, USABLE, Exposure, LoginContext, exposure_of, make

CREDENTIALS = Credentials("user", "pencil", "token")
BINDING = ChannelBinding("tls-exporter", b"x" * 32)
INSIDE = LoginContext("mail.example.org", 993, (BINDING,), frozenset(("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS")))


@pytest.mark.parametrize("name", USABLE)
def test_every_usable_mechanism_is_made_and_known(name: str) -> None:
    machine = make(name, CREDENTIALS, INSIDE)
    assert machine is not None and machine.name == name and name in KINDS


@pytest.mark.parametrize("name", ["GSSAPI", "NTLM", "DIGEST-MD5", "SCRAM-SHA-512-PLUS", "NONSENSE"])
def test_what_cannot_be_used_is_none(name: str) -> None:
    assert make(name, CREDENTIALS, INSIDE) is None


def test_plus_needs_a_binding() -> None:
    assert make("SCRAM-SHA-256-PLUS", CREDENTIALS, LoginContext()) is None
    bound = make("SCRAM-SHA-256-PLUS", CREDENTIALS, INSIDE)
    assert bound is not None and bound.channel_binding == "tls-exporter"


@pytest.mark.parametrize(
    ("context", "flag"),
    [(LoginContext(), b"n,"), (INSIDE, b"n,"), (LoginContext(bindings=(BINDING,), offered=frozenset(("SCRAM-SHA-256",))), b"y,")],
)
def test_who_could_bind_says_so_where_it_is_not_offered(context: LoginContext, flag: bytes) -> None:
    machine = make("SCRAM-SHA-256", CREDENTIALS, context)
    assert machine is not None and machine.initial is not None and machine.initial.startswith(flag)


def test_of_an_unknown_mechanism_the_worst_is_assumed() -> None:
    assert exposure_of("NEW-THING") is Exposure.SECRET
    assert exposure_of("SCRAM-SHA-1") is Exposure.GUESSES
    assert exposure_of("EXTERNAL") is Exposure.NOTHING
