# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SCRAM: the vectors of the RFCs, a server of our own for everything else, and servers that lie."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._sasl.channel_binding import ChannelBinding
from ansible_collections.mailops.tls.plugins.module_utils._sasl.machine import Credentials, Misstep, SaslError, UnusableCredential
from ansible_collections.mailops.tls.plugins.module_utils._sasl.scram import MOST_ITERATIONS, Scram, server_first
from ansible_collections.mailops.tls.tests.unit.servers.scram_server import ScramServer
from hypothesis import given
from hypothesis import strategies as st

PENCIL = Credentials("user", "pencil")
NONCE = "fyko+d2lbbFgONRv9qkxdawL"
FIRST = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
FINAL = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="


def sha1() -> Scram:
    return Scram("SCRAM-SHA-1", PENCIL, nonce=NONCE)


def test_sha1_of_the_rfc() -> None:
    """RFC 5802 section 5."""
    machine = sha1()
    assert machine.initial == b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL"
    proof = machine.respond(FIRST.encode())
    assert proof == b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
    assert machine.server_authenticated is False
    assert machine.respond(FINAL.encode()) == b"" and machine.server_authenticated
    machine.succeed()
    assert machine.iterations == 4096


def test_sha256_of_the_rfc() -> None:
    """RFC 7677 section 3; the server's proof comes with success."""
    machine = Scram("SCRAM-SHA-256", PENCIL, nonce="rOprNGfwEbeRWgbNEkqO")
    proof = machine.respond(b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
    assert proof.endswith(b",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    machine.succeed(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    assert machine.server_authenticated


@pytest.mark.parametrize(
    ("first", "misstep"),
    [
        (FIRST.replace("i=4096", f"i={MOST_ITERATIONS + 1}"), Misstep.EXCESSIVE),
        (FIRST.replace("i=4096", "i=9999999999"), Misstep.EXCESSIVE),
        (FIRST.replace("i=4096", "i=0"), Misstep.MALFORMED),
        (FIRST.replace("i=4096", "i=-1"), Misstep.MALFORMED),
        (FIRST.replace("i=4096", "i=04096"), Misstep.MALFORMED),
        (FIRST.replace("i=4096", "i=4096 "), Misstep.MALFORMED),
        (FIRST.replace("i=4096", "i=" + "9" * 5000), Misstep.MALFORMED),
        (FIRST.replace("i=4096", "i=\u0664"), Misstep.MALFORMED),
        (FIRST.replace(",i=4096", ""), Misstep.MALFORMED),
        (FIRST + ",i=1", Misstep.MALFORMED),
        (FIRST + ",r=other", Misstep.MALFORMED),
        (FIRST + ",m=x", Misstep.MALFORMED),
        ("m=x," + FIRST, Misstep.MALFORMED),
        (FIRST + ",", Misstep.MALFORMED),
        ("," + FIRST, Misstep.MALFORMED),
        ("s=QSXCR+Q6sek8bf92,r=fyko+d2lbbFgONRv9qkxdawL3,i=4096", Misstep.MALFORMED),
        (FIRST.replace("s=QSXCR+Q6sek8bf92", "s="), Misstep.MALFORMED),
        (FIRST.replace("s=QSXCR+Q6sek8bf92", "s=QSXCR+Q6sek8bf9"), Misstep.MALFORMED),
        (FIRST.replace("s=QSXCR+Q6sek8bf92", "s=QSX*R+Q6sek8bf92"), Misstep.MALFORMED),
        ("r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=4096", Misstep.NOT_AUTHENTIC),
        ("r=other,s=QSXCR+Q6sek8bf92,i=4096", Misstep.NOT_AUTHENTIC),
        ("r=fyko+d2lbbFgONRv9qkxdawL\x7f,s=QSXCR+Q6sek8bf92,i=4096", Misstep.NOT_AUTHENTIC),
        ("e=unknown-user", Misstep.REFUSED),
        ("", Misstep.MALFORMED),
        ("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", Misstep.MALFORMED),
    ],
)
def test_first_messages_that_are_refused(first: str, misstep: Misstep) -> None:
    machine = sha1()
    with pytest.raises(SaslError) as refused:
        machine.respond(first.encode())
    assert refused.value.misstep is misstep and "pencil" not in str(refused.value)


def test_unknown_extensions_at_the_end_are_let_be() -> None:
    """RFC 5802 section 5.1: optional extensions are ignored."""
    assert server_first(FIRST + ",x=anything", NONCE).iterations == 4096


@pytest.mark.parametrize(
    ("final", "misstep"),
    [
        ("v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=", Misstep.NOT_AUTHENTIC),
        ("v=", Misstep.NOT_AUTHENTIC),
        ("v=!", Misstep.MALFORMED),
        (FINAL + ",v=AAAA", Misstep.MALFORMED),
        (FINAL + ",e=other-error", Misstep.MALFORMED),
        ("e=invalid-proof", Misstep.REFUSED),
        ("x=1", Misstep.MALFORMED),
        ("", Misstep.MALFORMED),
    ],
)
def test_final_messages_that_are_refused(final: str, misstep: Misstep) -> None:
    for deliver in (Scram.respond, Scram.succeed):
        machine = sha1()
        machine.respond(FIRST.encode())
        with pytest.raises(SaslError) as refused:
            deliver(machine, final.encode())
        assert refused.value.misstep in (misstep, Misstep.NOT_AUTHENTIC) and not machine.server_authenticated


def test_success_without_a_proof_is_none() -> None:
    for talk in ((), (FIRST,)):
        machine = sha1()
        for challenge in talk:
            machine.respond(challenge.encode())
        with pytest.raises(SaslError) as refused:
            machine.succeed()
        assert refused.value.misstep is Misstep.NOT_AUTHENTIC


def test_nothing_comes_after_the_proof() -> None:
    machine = sha1()
    machine.respond(FIRST.encode())
    machine.respond(FINAL.encode())
    with pytest.raises(SaslError):
        machine.respond(FINAL.encode())


def test_binding_and_identity_are_in_the_header() -> None:
    acting, binding = Credentials("a=b,c", "pencil", authorization_identity="x,y"), ChannelBinding("tls-exporter", b"\x01\x02")
    bound = Scram("SCRAM-SHA-1-PLUS", acting, binding=binding, nonce=NONCE)
    assert bound.initial == b"p=tls-exporter,a=x=2Cy,n=a=3Db=2Cc,r=fyko+d2lbbFgONRv9qkxdawL"
    assert bound.respond(FIRST.encode()).startswith(b"c=" + base64.b64encode(b"p=tls-exporter,a=x=2Cy,\x01\x02") + b",")
    assert bound.channel_binding == "tls-exporter"
    assert (Scram("SCRAM-SHA-1", PENCIL, could_bind=True, nonce=NONCE).initial or b"").startswith(b"y,,")


@pytest.mark.parametrize(
    ("username", "password", "named"), [("\u0007", "x", "username"), ("user", "\u0007", "password"), ("user", "\u00ad", "password")]
)
def test_credentials_that_cannot_be_prepared(username: str, password: str, named: str) -> None:
    with pytest.raises(UnusableCredential) as refused:
        Scram("SCRAM-SHA-1", Credentials(username, password))
    assert refused.value.credential == named and password not in str(refused.value).split()


@pytest.mark.parametrize("name", ["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"])
@given(password=st.text(st.characters(min_codepoint=33, max_codepoint=591), min_size=1, max_size=20), username=st.text("ab=,", min_size=1))
def test_a_server_that_knows_the_password_is_believed_and_no_other(name: str, password: str, username: str) -> None:
    binding = ChannelBinding("tls-unique", b"finished") if name.endswith("-PLUS") else None
    try:
        client = Scram(name, Credentials(username, password), binding=binding)
    except UnusableCredential:
        return
    server = ScramServer(name, {username: password}, binding=binding)
    final = server.final(client.respond(server.first(client.initial or b"")))
    assert server.accepted
    client.succeed(final)
    other = Scram(name, Credentials(username, password + "x"), binding=binding)
    ignorant = ScramServer(name, {username: password}, binding=binding)
    with pytest.raises(SaslError):
        other.succeed(ignorant.final(other.respond(ignorant.first(other.initial or b""))))
    assert not ignorant.accepted


def test_a_stripped_plus_form_is_noticed() -> None:
    """The client could bind and saw no -PLUS; the server, which offers it, ends the login (RFC 5802 section 6)."""
    client = Scram("SCRAM-SHA-256", PENCIL, could_bind=True)
    server = ScramServer("SCRAM-SHA-256", {"user": "pencil"}, offers_plus=True)
    with pytest.raises(SaslError) as refused:
        client.respond(server.first(client.initial or b""))
    assert refused.value.misstep is Misstep.REFUSED
