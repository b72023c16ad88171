# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scans of real TLS stacks: what they find is what the server says of itself, and what one question at a time finds."""

from __future__ import annotations

import ssl
from itertools import product
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._tls import messages as tls_messages
from ansible_collections.mailops.tls.plugins.module_utils._tls import scan_knowledge
from ansible_collections.mailops.tls.plugins.module_utils._tls.client_hello import SSL_3, TLS_1_0, TLS_1_2, TLS_1_3, Offer
from ansible_collections.mailops.tls.plugins.module_utils._tls.code_points import group_name, version_name
from ansible_collections.mailops.tls.plugins.module_utils._tls.records import RecordStream
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan import FULL_EXTRA, GRADE_CONNECTIONS, Scan
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_offers import (
    GROUPS_1_3,
    LEVELS,
    MOST_AT_ONCE,
    OLDER_GROUPS,
    OLDER_SUITES,
    PRIME_GROUPS,
    SCHEMES,
    SUITES_1_3,
    is_dhe,
)
from ansible_collections.mailops.tls.plugins.module_utils._tls.scan_result import Item, ItemState, ScanMode, ScanResult
from ansible_collections.mailops.tls.plugins.module_utils._tls.server_hello import Outcome, ServerReply, read_reply
from ansible_collections.mailops.tls.plugins.module_utils._tls.suites import suite_name
from ansible_collections.mailops.tls.tests.unit.servers.scanned import (
    EVERYTHING,
    RANDOMS,
    Answers,
    asked,
    openssl,
    scan,
    tlslite,
)
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf
from hypothesis import given, settings
from hypothesis import strategies as st

V10, V12, V13 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
SERVERS: dict[str, dict[str, Any]] = {
    "usual, RSA": {"kind": "rsa"},
    "usual, ECDSA": {"kind": "ecdsa"},
    "usual, Ed25519": {"kind": "ed25519"},
    "TLS 1.2, ECDSA, its own curve alone": {"kind": "ecdsa-p384", "version": V12, "groups": "secp384r1"},
    "TLS 1.2, ECDSA, another group alone": {"kind": "ecdsa", "version": V12, "groups": "secp384r1"},
    "everything, RSA": {"kind": "rsa", "ciphers": EVERYTHING},
    "everything, ECDSA P-384": {"kind": "ecdsa-p384", "ciphers": EVERYTHING},
    "everything, two keys": {"kind": "rsa", "ciphers": EVERYTHING, "second": (leaf("ecdsa").pem, leaf("ecdsa").key.pem)},
    "TLS 1.2, RSA without groups": {"kind": "rsa", "version": V12, "ciphers": "AES128-SHA:AES256-SHA"},
    "TLS 1.2, one suite": {"kind": "ecdsa", "version": V12, "ciphers": "ECDHE-ECDSA-AES128-GCM-SHA256"},
    "TLS 1.0": {"kind": "rsa", "version": V10, "ciphers": EVERYTHING},
    "TLS 1.3": {"kind": "ed25519", "version": V13},
    "TLS 1.3, one group": {"kind": "rsa", "version": V13, "groups": "secp521r1"},
}


def one_by_one(answers: Answers, version: int) -> tuple[set[str], set[str]]:
    """Return suites and groups that a version accepts, by asking for each alone."""
    suites = SUITES_1_3 if version == TLS_1_3 else OLDER_SUITES
    groups = GROUPS_1_3 if version == TLS_1_3 else OLDER_GROUPS
    found_suites, found_groups = set(), set()
    for suite in suites:
        reply = asked(answers, Offer(version, (suite,), groups, SCHEMES))
        if reply is not None and reply.version == version:
            found_suites.add(suite_name(suite))
    for group, own in product(groups, ((), (23, 24))):  # TLS 1.2 wants the curve of an ECDSA key to be among those that are offered
        reply = asked(answers, Offer(version, suites, (group, *own), SCHEMES))
        if reply is not None and reply.version == version and reply.group is not None:
            found_groups.add(group_name(reply.group))
    return found_suites, found_groups


def accepted(result: ScanResult) -> set[str]:
    return {name for item in result.suites.values() for name in item.value or ()}


@pytest.mark.parametrize("name", SERVERS)
def test_a_full_scan_finds_what_asking_one_by_one_finds(name: str) -> None:
    unused, answers = openssl(**SERVERS[name])
    result = scan(ScanMode.FULL, answers)
    top = max((version for version in range(SSL_3, TLS_1_3) if result.versions[version_name(version)].value), default=None)
    groups: set[str] = set()
    for version in (top, TLS_1_3):
        if version is None:
            continue
        suites, more = one_by_one(answers, version)
        groups |= more
        item = result.suites[version_name(version)]
        assert set(item.value or ()) == suites and (item.complete or name == "everything, two keys"), (version, item)
        assert bool(suites) == result.versions[version_name(version)].value
    seen = {group.name for group in result.groups.value or ()}
    assert seen == groups and (result.groups_complete or name == "everything, two keys"), result.groups
    assert (result.stopped is None) == result.groups_complete
    assert result.signature_schemes.complete == (top == TLS_1_2 and bool(result.signature_schemes.value))
    assert result.connections <= len(accepted(result)) + FULL_EXTRA


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_suites_of_the_servers_own_list(kind: str) -> None:
    server, answers = openssl(kind, version=V12, ciphers="ECDHE:RSA:!PSK:@SECLEVEL=0")
    enabled = {cipher["name"] for cipher in server._context.get_ciphers() if cipher["protocol"] != "TLSv1.3"}
    other = "ECDSA" if kind == "rsa" else "RSA"
    result = scan(ScanMode.FULL, answers)
    usable = {name for name in enabled if f"-{other}-" not in name} if kind == "rsa" else {name for name in enabled if "ECDSA" in name}
    usable -= {name for name in usable if name.startswith("ECDHE-ARIA")} if kind == "ecdsa" else set()
    assert set(result.suites["TLSv1.2"].value or ()) == usable


@pytest.mark.parametrize("name", SERVERS)
def test_a_grade_takes_few_connections_and_finds_nothing_that_is_not_there(name: str) -> None:
    unused, answers = openssl(**SERVERS[name])
    grade, full = scan(ScanMode.GRADE, answers), scan(ScanMode.FULL, answers)
    assert grade.connections <= GRADE_CONNECTIONS
    assert accepted(grade) <= accepted(full)
    assert grade.versions == full.versions
    for level in LEVELS:
        names = {suite_name(suite) for suite in level.suites}
        there = accepted(full) & names
        item = grade.levels[level.name]
        assert item.state is ItemState.OBSERVED
        found = set(item.value or ())
        assert found == there if item.complete else found <= there and len(found) >= (level.examples or 1)


def own_curve_needed(answers: Answers, own: int) -> Answers:
    """Return a server that refuses every offer without the curve of its own key."""

    def answer(hello: bytes) -> bytes:
        (record,) = RecordStream().feed(hello)
        offered = dict(tls_messages.client_hello(record.payload[4:]).extensions)
        groups = offered[tls_messages.SUPPORTED_GROUPS]
        if own.to_bytes(2, "big") not in (groups[at : at + 2] for at in range(2, len(groups), 2)):
            return b"\x15\x03\x03\x00\x02\x02\x28"
        return answers(hello)

    return answer


@pytest.mark.parametrize("mode", ScanMode)
def test_an_ecdsa_key_hides_no_group_that_the_server_would_ever_choose(mode: ScanMode) -> None:
    unused, answers = openssl("ecdsa-p384", version=V12)
    strict, lax = scan(mode, own_curve_needed(answers, 24)), scan(mode, answers)
    assert strict.groups_complete and lax.groups_complete
    names = {group.name for group in strict.groups.value or ()}
    assert {"x25519", "secp256r1", "secp384r1"} <= names == {group.name for group in lax.groups.value or ()}


def test_where_the_curve_of_a_key_cannot_be_read_groups_are_not_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_knowledge, "GROUPS", {})
    unused, answers = openssl("ecdsa", version=V12)
    result = scan(ScanMode.FULL, answers)
    assert not result.groups_complete and "curve" in (result.groups.why or "")


@pytest.mark.parametrize("mode", ScanMode)
@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
@pytest.mark.parametrize("servers", [True, False])
def test_whose_order_counts(mode: ScanMode, kind: str, servers: bool) -> None:
    certificate = leaf(kind)
    server = MemoryServer(certificate.pem, certificate.key.pem, version=V12)
    if not servers:
        server._context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    result = scan(mode, lambda hello: server.another().exchange(hello))
    assert result.preference.value == ("server" if servers else "client") and result.stopped is None


@settings(max_examples=50)
@given(st.permutations(OLDER_SUITES[:7]), st.integers(2, 7), st.booleans(), st.sampled_from(ScanMode))
def test_whose_order_counts_whatever_the_order_is(order: list[int], count: int, servers: bool, mode: ScanMode) -> None:
    accepts = order[:count]

    def answer(offered: tuple[int, ...]) -> ServerReply:
        chosen = next((one for one in (accepts if servers else offered) if one in offered and one in accepts), None)
        if chosen is None:
            return ServerReply(Outcome.ALERT, "handshake_failure")
        return ServerReply(Outcome.HELLO, version=TLS_1_2, suite=chosen, group=29, scheme=0x804)

    machine = Scan(mode)
    while True:
        step = machine.step(RANDOMS)
        if step is None:
            break
        refused = step.offer.version != TLS_1_2 or 29 not in step.offer.groups or 0x804 not in step.offer.schemes
        alert = "handshake_failure" if step.offer.version == TLS_1_2 else "protocol_version"
        machine.answer(ServerReply(Outcome.ALERT, alert) if refused else answer(step.offer.suites))
    result = machine.result()
    assert result.preference.value == ("server" if servers else "client")
    found = set(result.suites["TLSv1.2"].value or ())
    assert found == {suite_name(one) for one in accepts} or mode is ScanMode.GRADE


@pytest.mark.parametrize("refusal", [b"", b"\x15\x03\x02\x00\x02\x02\x50", b"\x15\x03\x02\x00\x02\x02\x28"])
def test_a_refusal_of_tls_1_1_is_one_of_all_below(refusal: bytes) -> None:
    unused, answers = openssl("rsa", version=V12)
    below = []

    def answer(hello: bytes) -> bytes:
        if hello[9:11] < b"\x03\x03":
            below.append(hello[9:11])
            return refusal
        return answers(hello)

    result = scan(ScanMode.GRADE, answer)
    assert below == [b"\x03\x02"] * (1 if b"\x28" in refusal else 2)  # a closed connection, or a failure, may be no answer
    assert [item.value for item in result.versions.values()] == [False, False, False, True, False]


def test_a_hello_of_tls_1_3_offers_no_group_that_it_forbids() -> None:
    assert not {19, 21, 22, 26, 27, 28} & set(GROUPS_1_3) and {29, 30, 31, 4588} < set(GROUPS_1_3)
    pytest.importorskip("tlslite")
    result = scan(ScanMode.GRADE, tlslite(((3, 3), (3, 4)), ["aes128gcm", "aes256gcm"]))
    assert result.versions["TLSv1.3"].value is True
    assert {group.name for group in result.groups.value or ()} > {"x25519", "brainpoolP256r1tls13", "ffdhe2048"}


def test_flags_come_with_the_first_hello() -> None:
    unused, answers = openssl("rsa", version=V12)
    result = scan(ScanMode.GRADE, answers)
    assert (result.extended_master_secret.value, result.secure_renegotiation.value, result.tickets.value) == (True, True, True)
    assert (result.compression.value, result.stapled_ocsp.value, result.timestamps.value) == (False, False, False)
    unused, silent = openssl("rsa", version=V12, tickets=0)
    assert scan(ScanMode.GRADE, silent).tickets.value is False


def test_what_tls_1_3_seals_is_not_tested() -> None:
    unused, answers = openssl("rsa", version=V13)
    result = scan(ScanMode.FULL, answers)
    for item in (result.extended_master_secret, result.stapled_ocsp, result.timestamps, result.tickets):
        assert item.state is ItemState.NOT_TESTED and item.why
    assert result.compression.value is False and result.groups_complete


@pytest.mark.parametrize(("ciphers", "weak"), [("ECDHE:@SECLEVEL=0", True), ("ECDHE:@SECLEVEL=2", False)])
def test_weak_signatures(ciphers: str, weak: bool) -> None:
    unused, answers = openssl("rsa", version=V12, ciphers=ciphers)
    alone = asked(answers, Offer(TLS_1_2, OLDER_SUITES, OLDER_GROUPS, (0x0201, 0x0301)))
    expected = alone is not None and alone.scheme in (0x0201, 0x0301)
    for mode in ScanMode:
        item = scan(mode, answers).weak_signature
        assert item.state is ItemState.OBSERVED and (item.value is not None) == expected
    assert expected or not weak


def test_post_quantum_groups_need_no_post_quantum_cryptography() -> None:
    openssl_of_wheel = pytest.importorskip("OpenSSL.SSL")
    if openssl_of_wheel.OPENSSL_VERSION_NUMBER < 0x30500000:
        pytest.skip("this OpenSSL has no ML-KEM")
    result = scan(ScanMode.FULL, pyopenssl())
    names = {group.name for group in result.groups.value or ()}
    assert "X25519MLKEM768" in names and names & {"x25519", "secp256r1"}
    suites, groups = one_by_one(pyopenssl(), TLS_1_3)
    assert set(result.suites["TLSv1.3"].value or ()) == suites and names >= {name for name in groups if "MLKEM" in name}
    grade = scan(ScanMode.GRADE, pyopenssl())
    assert grade.connections <= GRADE_CONNECTIONS
    named = asked(pyopenssl(), Offer(TLS_1_2, tuple(filter(is_dhe, OLDER_SUITES)), PRIME_GROUPS, SCHEMES))
    for found in (result, grade):  # OpenSSL 4 takes a prime when the client names it
        assert any(name.startswith("DHE-") for name in found.suites["TLSv1.2"].value or ()) == (named is not None)
        assert {(prime.name or "")[:5] for prime in found.primes.value or ()} == (set() if named is None else {"ffdhe"})
    assert result.suites["TLSv1.2"].complete
    assert result.connections <= len(accepted(result)) + FULL_EXTRA


def pyopenssl() -> Answers:
    """Return a way to connect to the OpenSSL of pyOpenSSL, which is newer than Python's own."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509 import load_pem_x509_certificate
    from OpenSSL import SSL

    key = load_pem_private_key(leaf("rsa").key.pem, None)
    assert isinstance(key, RSAPrivateKey)
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate(load_pem_x509_certificate(leaf("rsa").pem))
    context.use_privatekey(key)

    def answers(hello: bytes) -> bytes:
        session = SSL.Connection(context, None)
        session.set_accept_state()
        session.bio_write(hello)
        try:
            session.do_handshake()
        except SSL.Error:
            pass
        try:
            return session.bio_read(1 << 18)
        except SSL.Error:
            return b""

    return answers


@pytest.mark.parametrize("mode", ScanMode)
def test_a_server_of_long_ago(mode: ScanMode) -> None:
    pytest.importorskip("tlslite")
    result = scan(mode, tlslite(((3, 0), (3, 1)), ["rc4", "3des", "aes128"]))
    assert {version: item.value for version, item in result.versions.items()} == {
        "SSLv3": True, "TLSv1": True, "TLSv1.1": False, "TLSv1.2": False, "TLSv1.3": False,
    }  # fmt: skip
    found = set(result.suites["TLSv1"].value or ())
    if mode is ScanMode.FULL:
        assert {"RC4-MD5", "RC4-SHA", "DES-CBC3-SHA", "AES128-SHA", "DHE-RSA-DES-CBC3-SHA"} < found
        assert one_by_one(tlslite(((3, 0), (3, 1)), ["rc4", "3des", "aes128"]), TLS_1_0)[0] == found
        assert result.connections <= len(found) + FULL_EXTRA
    else:
        assert len(found & {suite_name(suite) for suite in LEVELS[0].suites}) >= 3
        assert result.connections <= GRADE_CONNECTIONS
    (prime,) = result.primes.value or ()
    assert prime.bits == 2048 and result.preference.value == "server"


def test_ssl_3_alone() -> None:
    pytest.importorskip("tlslite")
    result = scan(ScanMode.FULL, tlslite(((3, 0), (3, 0)), ["rc4", "3des"]))
    assert [version for version, item in result.versions.items() if item.value] == ["SSLv3"]
    assert {"RC4-MD5", "RC4-SHA", "DES-CBC3-SHA"} < set(result.suites["SSLv3"].value or ())


def test_a_scan_that_is_stopped_keeps_what_it_saw_and_says_why() -> None:
    unused, answers = openssl("rsa", ciphers=EVERYTHING)
    for count in range(20):
        machine = Scan(ScanMode.FULL)
        while machine.connections < count:
            step = machine.step(RANDOMS)
            assert step is not None
            machine.answer(read_reply(answers(step.hello)))
        machine.stop("421 4.7.0 Too many connections")
        assert machine.step(RANDOMS) is None
        result = machine.result()
        assert result.stopped == "421 4.7.0 Too many connections" and result.connections == count
        assert not result.groups_complete
        assert result.versions["TLSv1.3"].state is ItemState.NOT_TESTED
        assert result.versions["TLSv1.3"].why == result.stopped
        assert (result.versions["TLSv1.2"].state is ItemState.OBSERVED) == (count > 0)


@pytest.mark.parametrize("answer", [b"", b"421 4.7.0 busy\r\n", b"\x15\x03\x01\x00\x02\x02\x50"])
def test_a_server_that_never_speaks_tls_proves_nothing(answer: bytes) -> None:
    for mode in ScanMode:
        result = scan(mode, lambda hello: answer)
        assert {item.state for item in result.versions.values()} == {ItemState.NOT_TESTED}
        assert {item.state for item in result.suites.values()} == {ItemState.NOT_TESTED}
        assert all(item.why for item in result.versions.values())
        assert result.groups.state is result.compression.state is result.primes.state is ItemState.NOT_TESTED
        assert result.connections <= 12


def test_a_server_that_chokes_on_long_hellos_is_asked_in_parts() -> None:
    unused, answers = openssl("rsa", version=V12, ciphers=EVERYTHING)

    many = []

    def choking(hello: bytes) -> bytes:
        (record,) = RecordStream().feed(hello)
        count = len(tls_messages.client_hello(record.payload[4:]).suites)
        many.append(count > MOST_AT_ONCE)
        return b"" if many[-1] else answers(hello)

    result = scan(ScanMode.FULL, choking)
    assert many[0] and sum(many) <= 2
    assert result.versions["TLSv1.2"].value is True
    assert accepted(result) == accepted(scan(ScanMode.FULL, answers))


@settings(max_examples=60)
@given(st.sampled_from(ScanMode), st.data())
def test_any_server_at_all_is_scanned_to_an_end(mode: ScanMode, data: st.DataObject) -> None:
    numbers = st.sampled_from(OLDER_SUITES[:6] + SUITES_1_3) | st.none()
    replies = st.builds(
        ServerReply, st.sampled_from(Outcome), st.sampled_from([None, "handshake_failure", "protocol_version", "internal_error"]),
        st.sampled_from([None, *range(SSL_3, TLS_1_3 + 1), 0x7F17]), st.booleans(), numbers, st.integers(0, 1),
        st.just(frozenset({23})), st.sampled_from([None, 23, 29, 4588]), st.sampled_from([b"", b"\xff"]),
        st.sampled_from([None, 0x201, 0x401]),
    )  # fmt: skip
    machine = Scan(mode)
    while machine.step(RANDOMS) is not None:
        machine.answer(data.draw(replies))
    result = machine.result()
    assert result.connections <= (GRADE_CONNECTIONS if mode is ScanMode.GRADE else len(accepted(result)) + FULL_EXTRA)
    items: list[Item[Any]] = [*result.versions.values(), *result.suites.values(), *result.levels.values(), result.groups, result.preference]
    for item in items:
        assert (item.state is ItemState.OBSERVED) == (item.value is not None)
        assert item.complete or item.why
