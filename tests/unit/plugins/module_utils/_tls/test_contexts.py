# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS contexts: shared, and refusing what OpenSSL cannot use before anything is probed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._probe.security_level import SecurityLevel
from ansible_collections.mailops.tls.plugins.module_utils._tls.contexts import TlsContexts, TlsParameters
from ansible_collections.mailops.tls.plugins.module_utils._tls.handshake import Handshake
from ansible_collections.mailops.tls.plugins.module_utils._tls.protocols import CIPHER_GRADES, parse_protocols
from ansible_collections.mailops.tls.tests.unit.makers.certificates import hierarchy
from ansible_collections.mailops.tls.tests.unit.servers.tls_server import (
    MemoryServer,
    handshake,
    leaf,
    server_for,
    session_with,
)
from OpenSSL import crypto


def refused(**parameters: Any) -> OptionError:
    """Check contexts, which has to fail, and return why."""
    with pytest.raises(OptionError) as caught:
        TlsContexts(TlsParameters(**parameters)).check(must_match=True, need_not_match=True)
    return caught.value


def test_contexts_are_made_once_for_each_purpose() -> None:
    contexts = TlsContexts(TlsParameters())
    contexts.check(must_match=True, need_not_match=True)
    strict, lax = contexts.context(must_match=True), contexts.context(must_match=False)
    assert contexts.context(must_match=True) is strict and contexts.context(must_match=False) is lax
    assert strict is not lax


@pytest.mark.parametrize("grade", [grade for grade in CIPHER_GRADES if grade != "null"])
def test_every_grade_makes_a_session(grade: str) -> None:
    TlsContexts(TlsParameters(cipher_grade=grade)).check(must_match=True, need_not_match=True)
    assert session_with(server_for(leaf("ecdsa")), handshake(TlsParameters(cipher_grade=grade))).established


def test_grade_null_has_no_cipher_where_nothing_must_match() -> None:
    error = refused(cipher_grade="null")
    assert (error.option, error.value) == ("cipher_grade", "null")


@pytest.mark.parametrize("level", [SecurityLevel.FINGERPRINT, SecurityLevel.VERIFY, SecurityLevel.SECURE])
def test_only_what_a_level_can_need_is_checked(level: SecurityLevel) -> None:
    # Without encryption, but with a certificate: of use where a certificate must match, and nowhere else.
    TlsContexts(TlsParameters(cipher_grade="null")).check(must_match=level.must_match, need_not_match=level.need_not_match)


@pytest.mark.parametrize("ciphers", ["NO-SUCH-CIPHER", "\u00e4", "!ALL"])
def test_ciphers_that_select_nothing(ciphers: str) -> None:
    error = refused(ciphers=ciphers)
    assert (error.option, error.value) == ("ciphers", ciphers)


@pytest.mark.parametrize("protocols", [">=SSLv3", ">=TLSv1.3", "<=TLSv1.2", "!TLSv1.1", "TLSv1.2", ">="])
def test_every_protocol_list_that_parses_makes_contexts(protocols: str) -> None:
    TlsContexts(TlsParameters(protocols=parse_protocols(protocols))).check(must_match=True, need_not_match=True)


def test_a_ca_file_that_is_not_there(tmp_path: Path) -> None:
    error = refused(ca_file=str(tmp_path / "none.pem"))
    assert (error.option, error.reason) == ("ca_file", "cannot be read: No such file or directory")


@pytest.mark.parametrize(
    "content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_ca_file_without_certificates(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(content)
    error = refused(ca_file=str(path))
    assert (error.option, error.value, error.reason[:28]) == ("ca_file", str(path), "holds no usable certificates")


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_a_ca_path_that_is_no_directory(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "file":
        path.write_bytes(b"")
    error = refused(ca_path=str(path))
    assert (error.option, error.value) == ("ca_path", str(path))


def test_a_ca_path_of_hashed_certificates(tmp_path: Path) -> None:
    chain = hierarchy()
    loaded = crypto.load_certificate(crypto.FILETYPE_PEM, chain.root.pem)
    (tmp_path / (f"{loaded.subject_name_hash():08x}.0")).write_bytes(chain.root.pem)
    server = server_for(chain.leaf)
    client = handshake(TlsParameters(ca_path=str(tmp_path)), must_match=True)
    errors = session_with(server, client).errors
    assert [error.code for error in errors][:1] == [20]  # the server does not send its intermediate
    client = handshake(TlsParameters(ca_path=str(tmp_path)), must_match=True)
    assert session_with(MemoryServer(chain.served_pem, chain.leaf.key.pem), client).errors == ()


def test_secrets_are_told_only_to_who_asked_for_them() -> None:
    lines: list[bytes] = []
    telling = TlsContexts(TlsParameters())
    telling.log_secrets(lines.append)
    session_with(server_for(leaf("ecdsa")), Handshake(telling, must_match=False, sni=None))
    labels = {line.split(b" ")[0] for line in lines}
    assert b"SERVER_HANDSHAKE_TRAFFIC_SECRET" in labels and b"CLIENT_TRAFFIC_SECRET_0" in labels
    assert all(len(line.split(b" ")) == 3 for line in lines)
