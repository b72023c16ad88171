# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certification authorities of the system, where different systems keep them."""

from __future__ import annotations

import ssl
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._tls import contexts as contexts_room
from ansible_collections.mailops.tls.plugins.module_utils._tls import system_authorities
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.system_authorities import NONE_HERE, any_here, beside_openssl
from ansible_collections.mailops.tls.tests.unit.makers.certificates import hierarchy
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import MemoryServer, handshake, session_with

DEBIAN, FEDORA, LAST = "etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/cert.pem"


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A system of its own, bare, whose OpenSSL knows no place."""
    monkeypatch.setattr(system_authorities, "BUNDLES", tuple(str(tmp_path / one.lstrip("/")) for one in system_authorities.BUNDLES))
    monkeypatch.setattr(system_authorities, "FOLDERS", tuple(str(tmp_path / one.lstrip("/")) for one in system_authorities.FOLDERS))
    monkeypatch.setattr(system_authorities, "_LAST", str(tmp_path / LAST))
    nowhere = SimpleNamespace(openssl_cafile=str(tmp_path / "none.pem"), openssl_capath=str(tmp_path / "none"))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    return tmp_path


def put(system: Path, name: str, content: bytes = b"") -> str:
    """Put a file there, and return its path."""
    path = system / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize("name", [DEBIAN, FEDORA, "etc/ssl/ca-bundle.pem", "etc/pki/tls/certs/5ed36f99.0"])
def test_what_openssl_finds_is_left_to_it(system: Path, name: str) -> None:
    put(system, LAST)
    put(system, name)
    assert any_here({})
    assert beside_openssl({}) is None


def test_the_last_place_is_looked_at_where_there_is_nothing_else(system: Path) -> None:
    assert (any_here({}), beside_openssl({})) == (False, None)
    path = put(system, LAST)
    assert (any_here({}), beside_openssl({})) == (True, path)


def test_a_folder_without_authorities_is_none(system: Path) -> None:
    put(system, "etc/ssl/certs/readme")
    assert not any_here({})


def test_what_the_environment_names_counts_and_nothing_else(system: Path) -> None:
    put(system, DEBIAN)
    put(system, LAST)
    own, folder = put(system, "own.pem"), str(Path(put(system, "own/5ed36f99.0")).parent)
    assert beside_openssl({"SSL_CERT_FILE": own}) is None
    assert any_here({"SSL_CERT_FILE": own})
    assert any_here({"SSL_CERT_DIR": f"/none:{folder}"})
    assert not any_here({"SSL_CERT_FILE": str(system / "gone.pem")})
    assert not any_here({"SSL_CERT_DIR": str(system)})


def test_a_python_of_ones_own_knows_its_place(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = SimpleNamespace(openssl_cafile=put(system, "opt/cert.pem"), openssl_capath="")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: place)
    assert any_here({})


def _warnings(**parameters: Any) -> tuple[str, ...]:
    contexts = TlsContexts(TlsParameters(**parameters))
    contexts.check(must_match=True, need_not_match=True)
    return contexts.warnings


def test_a_machine_without_any_is_told(system: Path) -> None:
    assert _warnings(system_ca=True) == (NONE_HERE,)
    assert _warnings(system_ca=False) == ()
    put(system, FEDORA)
    assert _warnings(system_ca=True) == ()


def test_authorities_in_the_last_place_are_trusted(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = hierarchy()
    put(system, LAST, chain.root.pem)

    def errors() -> int:
        client = handshake(TlsParameters(system_ca=True), must_match=True)
        return len(session_with(MemoryServer(chain.served_pem, chain.leaf.key.pem), client).errors)

    assert errors() == 0
    monkeypatch.setattr(contexts_room, "beside_openssl", lambda environment: None)
    assert errors() > 0
