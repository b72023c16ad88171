# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Client certificates: every way to give one, that a server which asks gets it, and each file that cannot be used."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Hierarchy, Issued, Key, hierarchy, issue
from ansible_collections.mailops.tls.tests.unit.servers.scripted_server import Peer, ScriptedServer
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, handshake, leaf, session_with
from ansible_collections.mailops.tls.tests.unit.worlds.fake_dns import FakeDns
from ansible_collections.mailops.tls.tests.unit.worlds.fleet_run import probe_one, serve
from cryptography.hazmat.primitives import serialization

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.fixture(scope="module")
def client() -> Hierarchy:
    return hierarchy(["client.example.net"])


def file(folder: Path, name: str, *parts: bytes) -> str:
    (folder / name).write_bytes(b"".join(parts))
    return str(folder / name)


def shown(authority: Issued, version: ssl.TLSVersion, parameters: TlsParameters) -> bytes | None:
    """Shake hands with a server that insists on a certificate of this authority; returns the one it got, DER."""
    server = MemoryServer(leaf("ecdsa").pem, leaf("ecdsa").key.pem, version=version, client_authority=authority.pem)
    session_with(server, handshake(parameters))
    return server.tls.getpeercert(binary_form=True)


def refused(**parameters: Any) -> OptionError:
    """Check contexts, which has to fail, and return why."""
    with pytest.raises(OptionError) as caught:
        TlsContexts(TlsParameters(**parameters)).check(must_match=False, need_not_match=True)
    return caught.value


# --- what the server gets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [V12, V13])
@pytest.mark.parametrize("how", ["pair", "combined", "key first", "chain file"])
def test_the_server_gets_the_certificate_with_its_chain(
    tmp_path: Path, client: Hierarchy, version: ssl.TLSVersion, how: str
) -> None:
    key = client.leaf.key.pem
    pem = {
        "pair": (client.served_pem,),
        "combined": (client.served_pem, key),
        "key first": (key, client.served_pem),
        "chain file": (key, client.served_pem),
    }[how]
    path = file(tmp_path, "client.pem", *pem)
    parameters = TlsParameters(client_certificate=path)
    if how == "pair":
        parameters = TlsParameters(client_certificate=path, client_key=file(tmp_path, "key.pem", key))
    elif how == "chain file":
        parameters = TlsParameters(client_chain_files=(path,))
    # Only with the intermediate certificate sent along can the server build a path to the root it trusts.
    assert shown(client.root, version, parameters) == client.leaf.der


@pytest.mark.parametrize("kind", ["rsa", "ecdsa", "ecdsa-p384", "ed25519"])
def test_every_kind_of_key(tmp_path: Path, kind: str) -> None:
    own = issue("client", key=Key.generate(kind))
    path = file(tmp_path, "client.pem", own.key.pem, own.pem)
    assert shown(own, V13, TlsParameters(client_chain_files=(path,))) == own.der


@pytest.mark.parametrize(
    ("version", "kinds", "chosen"),
    [
        (V13, ("rsa", "ecdsa"), "ecdsa"),
        (V13, ("ecdsa", "rsa"), "ecdsa"),
        (V13, ("ed25519", "rsa"), "ed25519"),
        (V12, ("rsa", "ecdsa"), "ecdsa"),
        (V12, ("ecdsa", "rsa"), "rsa"),
    ],
)
def test_of_chain_files_of_several_kinds_the_server_gets_one_with_its_own_chain(
    tmp_path: Path, version: ssl.TLSVersion, kinds: tuple[str, ...], chosen: str
) -> None:
    """With TLS 1.3 OpenSSL takes the kind that the server likes best (RSA least), before that the last one loaded."""
    root = issue("Root", ca=True)
    middle = {kind: issue("Inter " + kind, issuer=root, ca=True) for kind in kinds}
    clients = {kind: issue("client", issuer=middle[kind], key=Key.generate(kind)) for kind in kinds}
    paths = tuple(file(tmp_path, kind, one.key.pem, one.pem, middle[kind].pem) for kind, one in clients.items())
    assert shown(root, version, TlsParameters(client_chain_files=paths)) == clients[chosen].der


def test_the_fleet_shows_it_to_a_mail_server_that_insists(tmp_path: Path, client: Hierarchy) -> None:
    server = MemoryServer(leaf("ecdsa").pem, leaf("ecdsa").key.pem, version=V12, client_authority=client.root.pem)
    got: list[bytes | None] = []

    async def insists(peer: Peer) -> None:
        session = server.another()
        await peer.offer_tls()
        await peer.start_tls(session)
        got.append(session.tls.getpeercert(binary_form=True))
        await peer.finish()

    path = file(tmp_path, "client.pem", client.leaf.key.pem, client.served_pem)

    async def run(listening: ScriptedServer) -> list[bool]:
        text = f"[127.0.0.1]:{listening.port}"
        level = SecurityLevel.ENCRYPT
        tls = TlsParameters(client_certificate=path)
        shows = await probe_one(FakeDns(), text, security_level=level, tls=tls)
        return [shows.satisfied, (await probe_one(FakeDns(), text, security_level=level)).satisfied]

    assert serve(run, ScriptedServer(insists)) == [True, False]
    assert got == [client.leaf.der]


def test_without_any_option_no_certificate_is_shown() -> None:
    server = MemoryServer(leaf("ecdsa").pem, leaf("ecdsa").key.pem, ask_certificate=True)
    session_with(server, handshake(TlsParameters()))
    assert server.tls.getpeercert(binary_form=True) is None


def test_a_server_that_does_not_ask_is_shown_nothing(tmp_path: Path, client: Hierarchy) -> None:
    path = file(tmp_path, "client.pem", client.leaf.key.pem, client.served_pem)
    server = MemoryServer(leaf("ecdsa").pem, leaf("ecdsa").key.pem)
    session_with(server, handshake(TlsParameters(client_certificate=path)))
    assert server.tls.getpeercert(binary_form=True) is None


# --- what cannot be used -----------------------------------------------------------------------------------------------------


def test_a_key_without_a_certificate(tmp_path: Path, client: Hierarchy) -> None:
    path = file(tmp_path, "key.pem", client.leaf.key.pem)
    error = refused(client_key=path)
    assert (error.option, error.value, error.reason) == ("client_key", path, "needs client_certificate")


def test_a_certificate_and_chain_files(tmp_path: Path, client: Hierarchy) -> None:
    path = file(tmp_path, "client.pem", client.leaf.key.pem, client.leaf.pem)
    error = refused(client_certificate=path, client_chain_files=(path,))
    assert (error.option, error.value) == ("client_chain_files", [path])


@pytest.mark.parametrize("option", ["client_certificate", "client_key", "client_chain_files"])
@pytest.mark.parametrize("kind", ["missing", "directory"])
def test_a_file_that_cannot_be_read(tmp_path: Path, client: Hierarchy, option: str, kind: str) -> None:
    path = str(tmp_path / "none.pem") if kind == "missing" else str(tmp_path)
    good = file(tmp_path, "client.pem", client.leaf.key.pem, client.leaf.pem)
    given: dict[str, dict[str, Any]] = {
        "client_certificate": {"client_certificate": path},
        "client_key": {"client_certificate": good, "client_key": path},
        "client_chain_files": {"client_chain_files": (good, path)},
    }
    error = refused(**given[option])
    reason = {"missing": "No such file or directory", "directory": "Is a directory"}[kind]
    assert (error.option, error.value, error.reason) == (option, path, "cannot be read: " + reason)


@pytest.mark.parametrize("content", [b"", b"no certificate\n", leaf("ecdsa").key.pem, leaf("ecdsa").der])
def test_a_file_without_a_certificate(tmp_path: Path, content: bytes) -> None:
    path = file(tmp_path, "client.pem", content)
    key = file(tmp_path, "key.pem", leaf("ecdsa").key.pem)
    error = refused(client_certificate=path, client_key=key)
    assert (error.option, error.value, error.reason) == ("client_certificate", path, "holds no usable certificate")


@pytest.mark.parametrize("other", ["ecdsa", "rsa", "ed25519"])
def test_the_key_of_another_certificate(tmp_path: Path, client: Hierarchy, other: str) -> None:
    path, wrong = file(tmp_path, "client.pem", client.leaf.pem), file(tmp_path, "key.pem", Key.generate(other).pem)
    error = refused(client_certificate=path, client_key=wrong)
    assert (error.option, error.value, error.reason) == ("client_key", wrong, "holds no private key for the certificate")


def test_a_certificate_without_its_key(tmp_path: Path, client: Hierarchy) -> None:
    path = file(tmp_path, "client.pem", client.served_pem)
    error = refused(client_certificate=path)
    assert (error.option, error.reason) == ("client_certificate", "holds no private key for the certificate")
    assert refused(client_chain_files=(path,)).option == "client_chain_files"


@pytest.mark.parametrize("form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("option", ["client_certificate", "client_key", "client_chain_files"])
def test_an_encrypted_key_is_refused_and_no_passphrase_asked_for(
    tmp_path: Path, client: Hierarchy, option: str, form: serialization.PrivateFormat
) -> None:
    encrypted = client.leaf.key.private.private_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.PEM, form, serialization.BestAvailableEncryption(b"secret")
    )
    key, both = file(tmp_path, "key.pem", encrypted), file(tmp_path, "both.pem", encrypted, client.leaf.pem)
    given: dict[str, dict[str, Any]] = {
        "client_certificate": {"client_certificate": both},
        "client_key": {"client_certificate": file(tmp_path, "client.pem", client.leaf.pem), "client_key": key},
        "client_chain_files": {"client_chain_files": (both,)},
    }
    error = refused(**given[option])
    assert (error.option, error.reason) == (option, "holds an encrypted private key")


def test_a_refusal_leaves_nothing_behind_for_the_next_context(tmp_path: Path, client: Hierarchy) -> None:
    """OpenSSL's queue of errors is one per thread; what stays in it would be the next handshake's error."""
    refused(client_certificate=file(tmp_path, "client.pem", b"no certificate"))
    refused(client_certificate=file(tmp_path, "client.pem", client.leaf.pem, Key.generate("rsa").pem))
    assert session_with(MemoryServer(leaf("ecdsa").pem, leaf("ecdsa").key.pem)).established
