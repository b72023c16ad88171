# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our half of SASL against theirs, scramp and GNU SASL: a login succeeds for both sides, or for none, and it does when all is right."""

from __future__ import annotations

import stringprep
from dataclasses import replace

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials, Mechanism, UnusableCredential
from ansible_collections.mailops.tls.plugins.module_utils._sasl.mechanisms import LoginContext, make
from ansible_collections.mailops.tls.plugins.module_utils._sasl.saslprep import saslprep
from ansible_collections.mailops.tls.plugins.module_utils._sasl.scram import Scram
from ansible_collections.mailops.tls.tests.differential.sasl_servers import Account, Outcome, log_in
from hypothesis import given, settings
from hypothesis import strategies as st

SUCCESS = Outcome(True, True)
BINDINGS = {"scramp": ("tls-unique", "tls-server-end-point"), "gsasl": ("tls-unique", "tls-exporter")}
"""What each side can do; scramp refuses tls-exporter by its name, GNU SASL 2.2 has no tls-server-end-point."""
DIGESTS = ("SCRAM-SHA-1", "SCRAM-SHA-256")
BOUND = [(peer, digest + "-PLUS", binding) for peer, bindings in BINDINGS.items() for digest in DIGESTS for binding in bindings]
FREE = [(peer, digest) for peer in BINDINGS for digest in DIGESTS]
PASSWORDS = ("PLAIN", "LOGIN", "CRAM-MD5")
NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=24)
KNOWN = [char for char in map(chr, range(32, 592)) if char.isprintable() and not stringprep.in_table_a1(char)]
WORDS = st.text(KNOWN, min_size=1, max_size=24)
"""Passwords of characters that Unicode 3.2 has: for a server others are prohibited, as it stores them (RFC 3454 section 7)."""
DATA = st.binary(min_size=12, max_size=64)
FEW = settings(max_examples=25, deadline=None)

DIFFERENCES = {
    ("scramp", "authorization identity"): "scramp has none: its header must be without one, which RFC 5802 section 5.1 does not say",
    ("gsasl", "CRAM-MD5"): "GNU SASL prepares its password by SASLprep, as a draft said; RFC 2195 and other servers take it as it is",
}
"""Where a peer does something else than ours expects of a server, and why."""


def machine(name: str, credentials: Credentials, binding: ChannelBinding | None = None) -> Mechanism:
    """Return the machine that a login would use."""
    context = LoginContext(bindings=(binding,) if binding else (), offered=frozenset((name,)))
    made = make(name, credentials, context)
    assert made is not None
    return made


def outcome(peer: str, name: str, credentials: Credentials, account: Account, binding: ChannelBinding | None = None) -> Outcome | None:
    """Log in; None for credentials that our side refuses to send."""
    try:
        client = machine(name, credentials, binding)
    except UnusableCredential:
        return None
    return log_in(client, peer, name, account)


@pytest.mark.parametrize(("peer", "name"), FREE)
@FEW
@given(username=NAMES, password=WORDS, wrong=NAMES)
def test_scram(peer: str, name: str, username: str, password: str, wrong: str) -> None:
    account = Account(username, password)
    assert outcome(peer, name, Credentials(username, password), account) in (SUCCESS, None)
    other = outcome(peer, name, Credentials(username, password + wrong), account)
    assert other is None or not (other.server or other.client)
    stranger = outcome(peer, name, Credentials(username + "x", password), account)
    assert stranger is None or not (stranger.server or stranger.client)


@pytest.mark.parametrize(("peer", "name", "kind"), BOUND)
@FEW
@given(data=DATA, other=DATA)
def test_scram_bound_to_a_session(peer: str, name: str, kind: str, data: bytes, other: bytes) -> None:
    credentials, binding = Credentials("user", "pencil"), ChannelBinding(kind, data)
    here = Account("user", "pencil", {kind: data})
    assert outcome(peer, name, credentials, here, binding) == SUCCESS
    elsewhere = replace(here, bindings={kind: other})
    ended = outcome(peer, name, credentials, elsewhere, binding)
    assert ended is not None and (ended.server or ended.client) == (data == other)


@pytest.mark.parametrize(("peer", "name", "kind"), BOUND)
def test_without_the_binding_of_this_session_nobody_logs_in(peer: str, name: str, kind: str) -> None:
    """In the middle sits somebody who has a session with each side: their bindings differ, and so does their kind."""
    account = Account("user", "pencil", {kind: b"twelve bytes"})
    for made in (ChannelBinding(kind, b"other  bytes"), ChannelBinding("tls-none-such", b"twelve bytes")):
        found = log_in(Scram(name, Credentials("user", "pencil"), binding=made), peer, name, account)
        assert not found.server and not found.client and found.reason


@pytest.mark.parametrize(("peer", "name"), FREE)
def test_who_could_bind_says_so(peer: str, name: str) -> None:
    """`y`: a server that offers -PLUS as well sees that somebody took it out of its list."""
    offering = Account("user", "pencil", {"tls-unique": b"twelve bytes"})
    client = Scram(name, Credentials("user", "pencil"), could_bind=True)
    found = log_in(client, peer, name, offering)
    assert not found.server and not found.client
    without = log_in(Scram(name, Credentials("user", "pencil"), could_bind=True), peer, name, Account("user", "pencil"))
    assert without == SUCCESS


@pytest.mark.parametrize(("peer", "name"), FREE)
@pytest.mark.parametrize("iterations", [4096, 20000])
def test_iterations_are_the_servers(peer: str, name: str, iterations: int) -> None:
    client = Scram(name, Credentials("user", "pencil"))
    assert log_in(client, peer, name, Account("user", "pencil", iterations=iterations)) == SUCCESS
    assert client.iterations == iterations and client.server_authenticated


@pytest.mark.parametrize(("peer", "name"), [*FREE, ("gsasl", "PLAIN")])
def test_acting_for_somebody_else(peer: str, name: str) -> None:
    credentials = Credentials("user", "pencil", authorization_identity="bo,s=s")
    found = outcome(peer, name, credentials, Account("user", "pencil"))
    assert found is not None and (found == SUCCESS) is ((peer, "authorization identity") not in DIFFERENCES)


@pytest.mark.parametrize("name", PASSWORDS)
@FEW
@given(username=NAMES, password=WORDS, wrong=NAMES)
def test_passwords(name: str, username: str, password: str, wrong: str) -> None:
    prepared = saslprep(password)
    account = Account(username, prepared if name == "PLAIN" else password)  # the server of PLAIN prepares it (RFC 4616 section 2)
    differs = prepared != password and ("gsasl", name) in DIFFERENCES
    found = outcome("gsasl", name, Credentials(username, password), account)
    assert found is None or (found == SUCCESS) is not differs
    other = outcome("gsasl", name, Credentials(username, password + wrong), account)
    assert other is None or not other.server


@pytest.mark.parametrize("identity", ["", "somebody"])
def test_external(identity: str) -> None:
    assert outcome("gsasl", "EXTERNAL", Credentials(authorization_identity=identity), Account("user", "")) == SUCCESS
