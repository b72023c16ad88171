# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking servers with one and with two certificates for one kind of key, with all that the libraries here can do and without."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import Handshake, TlsSession
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._tls.protocols import parse_protocols
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Issued, Key, hierarchy, issue
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, leaf, shake_hands
from OpenSSL import SSL

ANY, RSA, ECDSA, ED25519 = KeyRequest
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
NAME = "SSL_CTX_set1_sigalgs_list"
complete = pytest.mark.skipif(not hasattr(getattr(SSL, "_lib", None), NAME), reason="cryptography before version 38")


class Bindings:
    """OpenSSL's bindings as cryptography before version 38 has them."""

    def __init__(self, bindings: Any) -> None:
        self._bindings = bindings

    def __getattr__(self, name: str) -> Any:
        if name == NAME:
            raise AttributeError(name)
        return getattr(self._bindings, name)


@pytest.fixture(name="incomplete")
def fixture_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the choice of signature algorithms away."""
    monkeypatch.setattr(SSL, "_lib", Bindings(vars(SSL)["_lib"]))


def ask(
    certificates: Sequence[Issued],
    algorithm: KeyRequest,
    version: ssl.TLSVersion | None = None,
    *,
    parameters: TlsParameters = TlsParameters(),  # noqa: B008 - a value
    must_match: bool = True,
    ciphers: str | None = None,
) -> TlsSession:
    """Ask a server that has these certificates for one kind of key."""
    first, second = certificates[0], certificates[1] if len(certificates) > 1 else None
    server = MemoryServer(
        first.pem, first.key.pem, version=version, ciphers=ciphers, second=(second.pem, second.key.pem) if second else None
    )
    client = Handshake(TlsContexts(parameters), must_match=must_match, sni=None, algorithm=algorithm)
    shake_hands(client, server)
    return client.session()


def shown(session: TlsSession) -> str | None:
    """Return the kind of the key that was shown, None when the handshake was refused."""
    if not session.established:
        assert (session.alert, session.chain) == ("handshake_failure", ())
        return None
    key = Certificate(session.chain[0]).public_key
    assert key is not None
    return key.type


@complete
@pytest.mark.parametrize("must_match", [True, False])
@pytest.mark.parametrize("version", [V12, V13])
@pytest.mark.parametrize("algorithm", [RSA, ECDSA, ED25519])
@pytest.mark.parametrize("kinds", [("rsa",), ("ecdsa",), ("ed25519",), ("rsa", "ecdsa"), ("ecdsa", "ed25519"), ("rsa", "ed25519")])
def test_a_server_shows_the_key_it_is_asked_for_or_none(
    kinds: Sequence[str], algorithm: KeyRequest, version: ssl.TLSVersion, must_match: bool
) -> None:
    session = ask([leaf(kind) for kind in kinds], algorithm, version, must_match=must_match)
    assert shown(session) == (algorithm.value if algorithm.value in kinds else None)
    assert session.protocol == (None if not session.established else "TLSv1.3" if version is V13 else "TLSv1.2")


@complete
@pytest.mark.parametrize(("algorithm", "kind"), [(ECDSA, "ecdsa"), (ED25519, "ed25519")])
@pytest.mark.parametrize("version", [V12, V13])
def test_issuers_may_have_keys_of_another_kind(algorithm: KeyRequest, kind: str, version: ssl.TLSVersion) -> None:
    chain = hierarchy(kind="rsa")
    own = issue("leaf", issuer=chain.intermediate, key=Key.generate(kind), dns_names=["mx.example.com"])
    server = MemoryServer(own.pem + chain.intermediate.pem, own.key.pem, version=version)
    client = Handshake(TlsContexts(TlsParameters()), must_match=True, sni=None, algorithm=algorithm)
    assert shake_hands(client, server) is None
    assert client.session().chain == (own.der, chain.intermediate.der)


@pytest.mark.parametrize("kinds", [("rsa",), ("ecdsa",), ("rsa", "ecdsa")])
@pytest.mark.parametrize("algorithm", [RSA, ECDSA])
def test_without_the_choice_of_signatures_ciphers_decide(incomplete: None, kinds: Sequence[str], algorithm: KeyRequest) -> None:
    session = ask([leaf(kind) for kind in kinds], algorithm)
    assert shown(session) == (algorithm.value if algorithm.value in kinds else None)
    assert session.protocol == (None if not session.established else "TLSv1.2")


def test_without_the_choice_of_signatures_a_server_of_tls_1_3_only_gives_no_answer(incomplete: None) -> None:
    session = ask([leaf("rsa"), leaf("ecdsa")], RSA, V13)
    assert (session.established, session.alert) == (False, "protocol_version")


def test_without_the_choice_of_signatures_ed25519_answers_for_ecdsa(incomplete: None) -> None:
    session = ask([leaf("rsa"), leaf("ed25519")], ECDSA)
    assert shown(session) == "ed25519"
    assert not ECDSA.fits(Certificate(session.chain[0]))


def test_without_the_choice_of_signatures_the_user_is_warned(incomplete: None) -> None:
    contexts = TlsContexts(TlsParameters(key_algorithms=(ANY, RSA, ECDSA)))
    contexts.check(must_match=True, need_not_match=True)
    (warning,) = contexts.warnings
    assert "rsa and ecdsa go up to TLS 1.2 only" in warning
    older = TlsContexts(TlsParameters(key_algorithms=(RSA,), protocols=parse_protocols("<=TLSv1.2")))
    older.check(must_match=False, need_not_match=True)
    assert older.warnings == ()


def test_without_the_choice_of_signatures_what_cannot_be_asked_is_an_error(incomplete: None) -> None:
    for algorithm, protocols in ((ED25519, ">=TLSv1"), (RSA, ">=TLSv1.3"), (ECDSA, "TLSv1.3")):
        parameters = TlsParameters(key_algorithms=(ANY, algorithm), protocols=parse_protocols(protocols))
        with pytest.raises(OptionError, match="cryptography library") as caught:
            TlsContexts(parameters).check(must_match=True, need_not_match=True)
        assert (caught.value.option, caught.value.value) == ("key_algorithms", algorithm.value)


@complete
def test_with_it_there_is_nothing_to_warn_of() -> None:
    contexts = TlsContexts(TlsParameters(key_algorithms=(ANY, RSA, ECDSA, ED25519)))
    contexts.check(must_match=True, need_not_match=True)
    assert contexts.warnings == ()


@complete
def test_a_name_that_openssl_does_not_know_leaves_no_error_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KeyRequest, "signature_algorithms", "no_such_signature")
    assert shown(ask([leaf("rsa"), leaf("ecdsa")], RSA)) == "rsa"
    assert vars(SSL)["_lib"].ERR_peek_error() == 0


def test_any_leaves_everything_to_the_server() -> None:
    contexts = TlsContexts(TlsParameters())
    assert contexts.context(False) is contexts.context(False, ANY)
    assert ask([leaf("rsa"), leaf("ecdsa")], ANY, V13).protocol == "TLSv1.3"
    assert (ANY.signature_algorithms, ANY.excluded_ciphers) == ("", "")


def test_each_kind_has_contexts_of_its_own() -> None:
    contexts = TlsContexts(TlsParameters(key_algorithms=(RSA, ECDSA)))
    contexts.check(must_match=True, need_not_match=True)
    made = [contexts.context(must_match, algorithm) for must_match in (True, False) for algorithm in (RSA, ECDSA)]
    assert len({id(one) for one in made}) == 4
    assert made[0] is contexts.context(True, RSA)


def test_no_anonymous_cipher_is_offered_with_a_kind_of_key() -> None:
    session = ask([leaf("rsa")], RSA, V12, must_match=False, ciphers="ALL:@SECLEVEL=0")
    assert shown(session) == "rsa"


def test_ciphers_that_are_of_another_kind_of_key_are_an_error() -> None:
    parameters = TlsParameters(ciphers="ECDHE-RSA-AES128-GCM-SHA256", key_algorithms=(RSA, ECDSA))
    with pytest.raises(OptionError) as caught:
        TlsContexts(parameters).check(must_match=True, need_not_match=True)
    assert (caught.value.option, caught.value.value) == ("key_algorithms", "ecdsa")
    assert "ciphers" in caught.value.reason


def test_ciphers_that_are_none_at_all_are_told_as_such() -> None:
    with pytest.raises(OptionError) as caught:
        TlsContexts(TlsParameters(ciphers="NONSENSE", key_algorithms=(RSA,))).check(must_match=True, need_not_match=True)
    assert caught.value.option == "ciphers"


@pytest.mark.parametrize(
    ("kind", "fitting"),
    [("rsa", {ANY, RSA}), ("ecdsa", {ANY, ECDSA}), ("ecdsa-p384", {ANY, ECDSA}), ("ed25519", {ANY, ED25519}), ("ed448", {ANY})],
)
def test_which_keys_fit(kind: str, fitting: set[KeyRequest]) -> None:
    certificate = Certificate(leaf(kind).der)
    assert {one for one in KeyRequest if one.fits(certificate)} == fitting


def test_a_certificate_that_cannot_be_read_fits_all() -> None:
    assert all(one.fits(Certificate(b"no certificate")) for one in KeyRequest)
