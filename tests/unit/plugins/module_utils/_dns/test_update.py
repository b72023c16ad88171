# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading from and updating a primary server: signatures, prerequisites, and everything a server or network can do wrong."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import dns.message
import dns.rcode
import dns.tsig
import pytest
from ansible_collections.mailops.tls.plugins.module_utils._dane.record import TlsaRecord
from ansible_collections.mailops.tls.plugins.module_utils._dns.tsig_key import TsigKey
from ansible_collections.mailops.tls.plugins.module_utils._dns.update import (
    PrimaryServer,
    PublishedRRset,
    RRsetUpdate,
    _update_message,
)
from ansible_collections.mailops.tls.plugins.module_utils._dns.update_failure import UpdateFailed, UpdateFailureKind
from ansible_collections.mailops.tls.tests.unit.servers.update_server import KEY, UpdateServer, serving

OWNER = "_25._tcp.mx.example.org"
A, B, C = (TlsaRecord(3, 1, 1, bytes([number]) * 32) for number in (1, 2, 3))


@pytest.fixture
def server() -> Iterator[UpdateServer]:
    with serving(UpdateServer(("example.org.", "sub.example.org."))) as one:
        yield one


def client(server: UpdateServer, key: TsigKey | None = KEY, *, use_tcp: bool = True, timeout: float = 600) -> PrimaryServer:
    return PrimaryServer("127.0.0.1", server.port, key=key, use_tcp=use_tcp, timeout=timeout)


def failure(action: object, *arguments: object) -> UpdateFailed:
    with pytest.raises(UpdateFailed) as caught:
        action(*arguments)  # type: ignore[operator]
    return caught.value


@pytest.mark.parametrize("use_tcp", [True, False])
def test_reads_zone_serial_and_records_in_signed_messages(server: UpdateServer, use_tcp: bool) -> None:
    server.put(OWNER + ".", str(B), str(A), ttl=77)
    server.serials["example.org."] = 4294967295
    one = client(server, use_tcp=use_tcp)
    assert one.zone_of(OWNER) == "example.org"
    assert one.zone_of("_25._tcp.sub.example.org.") == "sub.example.org"
    assert one.serial("example.org") == 4294967295
    assert one.read(OWNER.upper()) == PublishedRRset((A, B), 77)
    assert one.read("_465._tcp.mx.example.org.") == PublishedRRset()
    assert all(server.signed)
    assert set(server.over) == {"tcp" if use_tcp else "udp"}


def test_reads_records_that_dnspython_refuses(server: UpdateServer) -> None:
    server.put(OWNER + ".", "3 1 1 abcd", "3 1 1 ")
    assert client(server).read(OWNER).records == (TlsaRecord(3, 1, 1, b""), TlsaRecord(3, 1, 1, b"\xab\xcd"))


def test_a_reply_that_was_cut_is_asked_for_over_tcp(server: UpdateServer) -> None:
    server.put(OWNER + ".", *(str(TlsaRecord(3, 1, 2, bytes([number]) * 64)) for number in range(40)))
    assert len(client(server, use_tcp=False).read(OWNER).records) == 40
    assert server.over == ["udp", "tcp"]


def test_an_update_demands_what_was_read_and_does_the_rest(server: UpdateServer) -> None:
    server.put(OWNER + ".", str(A), str(B), ttl=60)
    other = "_465._tcp.mx.example.org"
    client(server).update("example.org", [
        RRsetUpdate(OWNER, PublishedRRset((A, B), 60), (C,), (A,), 60),
        RRsetUpdate(other, PublishedRRset(), (A,), (), 90),
    ])  # fmt: skip
    assert server.records == {OWNER + ".": {str(B): 60, str(C): 60}, other + ".": {str(A): 90}}
    assert len(server.updates) == 1


def test_a_long_update_over_udp_goes_over_tcp(server: UpdateServer) -> None:
    records = tuple(TlsaRecord(3, 1, 1, bytes([number]) * 32) for number in range(20))
    client(server, use_tcp=False).update("example.org", [RRsetUpdate(OWNER, PublishedRRset(), records, (), 60)])
    assert server.over == ["tcp"]


def test_a_changed_ttl_writes_the_whole_rrset_at_once(server: UpdateServer) -> None:
    server.put(OWNER + ".", str(A), str(B), ttl=60)
    client(server).update("example.org", [RRsetUpdate(OWNER, PublishedRRset((A, B), 60), (A, B), (), 90, whole=True)])
    assert server.records[OWNER + "."] == {str(A): 90, str(B): 90}


def test_removes_a_malformed_record(server: UpdateServer, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = TlsaRecord(3, 1, 1, b"\xab")
    update = [RRsetUpdate(OWNER, PublishedRRset((broken, A), 300), (), (broken,), 300)]
    assert b"\3\1\1\xab" in _update_message("example.org", update).to_wire()
    monkeypatch.setattr("dns.rdtypes.tlsabase.TLSABase._cert_length_by_mtype", {}, raising=False)  # for the server in this process
    server.put(OWNER + ".", str(A), "3 1 1 ab")
    client(server).update("example.org", update)
    assert server.records[OWNER + "."] == {str(A): 300}


@pytest.mark.parametrize("before", [PublishedRRset(), PublishedRRset((B,), 300), PublishedRRset((A, B), 300)])
def test_an_update_that_somebody_else_preceded_is_a_conflict(server: UpdateServer, before: PublishedRRset) -> None:
    server.put(OWNER + ".", str(A))
    error = failure(client(server).update, "example.org", [RRsetUpdate(OWNER, before, (C,), (), 60)])
    assert (error.kind, error.certain) == (UpdateFailureKind.CONFLICT, True)
    assert server.records[OWNER + "."] == {str(A): 300}


def test_a_key_that_the_server_does_not_know(server: UpdateServer) -> None:
    error = failure(client(server, TsigKey("unknown", "hmac-sha256", b"x" * 32)).read, OWNER)
    assert error.kind in (UpdateFailureKind.BAD_KEY, UpdateFailureKind.BAD_SIGNATURE)


def test_a_key_of_another_secret(server: UpdateServer) -> None:
    error = failure(client(server, TsigKey(KEY.name, "hmac-sha256", b"wrong" * 8)).read, OWNER)
    assert error.kind is UpdateFailureKind.BAD_SIGNATURE
    assert "BADSIG" in str(error) and "wrong" not in str(error)


def test_badkey_of_the_same_name(server: UpdateServer) -> None:
    server.keyring = {}
    assert failure(client(server).read, OWNER).kind is UpdateFailureKind.BAD_KEY


def test_clocks_that_differ(server: UpdateServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*arguments: object, **named: object) -> None:
        raise dns.tsig.BadTime

    original = server.handle

    def handle(wire: bytes, over: str) -> bytes | None:
        with monkeypatch.context() as patched:
            patched.setattr("dns.tsig.validate", late)
            return original(wire, over)

    server.handle = handle  # type: ignore[method-assign]
    assert failure(client(server).read, OWNER).kind is UpdateFailureKind.BAD_TIME


def test_a_reply_without_signature_is_not_believed(server: UpdateServer) -> None:
    server.alter = lambda wire, request: unsigned(wire)
    error = failure(client(server).read, OWNER)
    assert error.kind is UpdateFailureKind.UNSIGNED
    update = failure(client(server).update, "example.org", [RRsetUpdate(OWNER, PublishedRRset(), (A,), (), 60)])
    assert (update.kind, update.certain) == (UpdateFailureKind.UNSIGNED, False)


def test_a_reply_that_was_tampered_with_is_not_believed(server: UpdateServer) -> None:
    server.put(OWNER + ".", str(A))
    server.alter = lambda wire, request: wire.replace(b"\1" * 32, b"\2" * 32)
    error = failure(client(server).read, OWNER)
    assert error.kind is UpdateFailureKind.BAD_SIGNATURE


def test_a_refusal_without_signature_is_not_certain(server: UpdateServer) -> None:
    server.update_rcode = dns.rcode.REFUSED
    update = [RRsetUpdate(OWNER, PublishedRRset(), (A,), (), 60)]
    assert failure(client(server).update, "example.org", update).certain is True
    server.alter = lambda wire, request: unsigned(wire)
    error = failure(client(server).update, "example.org", update)
    assert (error.kind, error.certain) == (UpdateFailureKind.REFUSED, False)


@pytest.mark.parametrize(
    "rcode, kind",
    [
        (dns.rcode.FORMERR, UpdateFailureKind.FORMAT_ERROR),
        (dns.rcode.SERVFAIL, UpdateFailureKind.SERVER_FAILURE),
        (dns.rcode.NOTIMP, UpdateFailureKind.NOT_IMPLEMENTED),
        (dns.rcode.REFUSED, UpdateFailureKind.REFUSED),
        (dns.rcode.NOTAUTH, UpdateFailureKind.NOT_AUTHORITATIVE),
        (dns.rcode.NOTZONE, UpdateFailureKind.NOT_ZONE),
        (dns.rcode.Rcode.make(15), UpdateFailureKind.OTHER),
    ],
)
def test_what_servers_answer_to_updates(server: UpdateServer, rcode: dns.rcode.Rcode, kind: UpdateFailureKind) -> None:
    server.update_rcode = rcode
    error = failure(client(server).update, "example.org", [RRsetUpdate(OWNER, PublishedRRset(), (A,), (), 60)])
    assert error.kind is kind
    assert "127.0.0.1" in str(error)


def test_a_server_that_refuses_questions(server: UpdateServer) -> None:
    server.query_rcode = dns.rcode.REFUSED
    assert failure(client(server).zone_of, OWNER).kind is UpdateFailureKind.REFUSED


def test_only_an_authoritative_answer_counts(server: UpdateServer) -> None:
    server.authoritative = False
    assert failure(client(server).read, OWNER).kind is UpdateFailureKind.NOT_AUTHORITATIVE


def test_a_name_outside_of_all_zones(server: UpdateServer) -> None:
    assert failure(client(server).zone_of, "_25._tcp.mx.example.net").kind is UpdateFailureKind.NOT_AUTHORITATIVE


def test_an_alias(server: UpdateServer) -> None:
    server.aliases[OWNER + "."] = "tlsa.example.net."
    for action in (client(server).zone_of, client(server).read):
        error = failure(action, OWNER)
        assert error.kind is UpdateFailureKind.ALIAS
        assert "alias of tlsa.example.net" in str(error)


@pytest.mark.parametrize("use_tcp", [True, False])
def test_silence_is_a_timeout(server: UpdateServer, use_tcp: bool) -> None:
    server.alter = lambda wire, request: None
    one = client(server, use_tcp=use_tcp, timeout=0.3)
    assert failure(one.read, OWNER).kind is UpdateFailureKind.TIMEOUT
    assert len(server.over) == (1 if use_tcp else 3)
    error = failure(one.update, "example.org", [RRsetUpdate(OWNER, PublishedRRset(), (A,), (), 60)])
    assert (error.kind, error.certain) == (UpdateFailureKind.TIMEOUT, False)


def test_a_wrong_id_over_tcp_is_malformed(server: UpdateServer) -> None:
    server.alter = lambda wire, request: bytes([wire[0] ^ 1]) + wire[1:]
    assert failure(client(server).read, OWNER).kind is UpdateFailureKind.MALFORMED


def test_a_wrong_id_over_udp_is_passed_over(server: UpdateServer) -> None:
    server.alter = lambda wire, request: bytes([wire[0] ^ 1]) + wire[1:]
    assert failure(client(server, use_tcp=False, timeout=0.3).read, OWNER).kind is UpdateFailureKind.TIMEOUT


@pytest.mark.parametrize("cut", [0, 1, 11, 13, 40, -1, -20])
def test_a_reply_that_is_cut_anywhere(server: UpdateServer, cut: int) -> None:
    server.put(OWNER + ".", str(A))
    server.alter = lambda wire, request: wire[:cut]
    assert failure(client(server).read, OWNER).kind is UpdateFailureKind.MALFORMED


def test_something_behind_the_signature(server: UpdateServer) -> None:
    server.alter = lambda wire, request: wire + b"\0"
    assert failure(client(server).read, OWNER).kind is UpdateFailureKind.MALFORMED


def test_a_server_that_hangs_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(600)

        def serve() -> None:
            connection, _peer = listener.accept()
            connection.recv(100)
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        error = failure(PrimaryServer("127.0.0.1", listener.getsockname()[1], key=KEY, timeout=600).read, OWNER)
        thread.join()
    assert error.kind is UpdateFailureKind.DISCONNECTED


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        for use_tcp in (True, False):
            error = failure(PrimaryServer("127.0.0.1", port, key=KEY, use_tcp=use_tcp, timeout=600).read, OWNER)
            assert error.kind is UpdateFailureKind.UNREACHABLE
            assert "Connection refused" in str(error)


def test_without_key_nothing_is_signed(server: UpdateServer) -> None:
    one = client(server, None)
    one.update("example.org", [RRsetUpdate(OWNER, PublishedRRset(), (A,), (), 60)])
    assert one.read(OWNER) == PublishedRRset((A,), 60)
    assert not any(server.signed)


def test_an_update_larger_than_a_message(server: UpdateServer) -> None:
    big = tuple(TlsaRecord(2, 0, 0, bytes([number]) * 1000) for number in range(70))
    error = failure(client(server).update, "example.org", [RRsetUpdate(OWNER, PublishedRRset(), big, (), 60)])
    assert (error.kind, error.certain) == (UpdateFailureKind.FORMAT_ERROR, True)


def unsigned(wire: bytes) -> bytes:
    """The reply without its TSIG record, which a man in the middle can make."""
    import dns.name

    start = wire.rfind((dns.name.from_text(KEY.name).to_wire() or b"") + b"\0\xfa")
    if start < 0:
        raise AssertionError("no signature to be taken away")
    return wire[:10] + (int.from_bytes(wire[10:12], "big") - 1).to_bytes(2, "big") + wire[12:start]
