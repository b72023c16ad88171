# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS contexts of a run: made once per set of TLS parameters and shared by all its handshakes.

Loading a bundle of certification authorities costs more than ten handshakes, so contexts are kept. The handshake never
aborts over a certificate: OpenSSL's chain verification runs, its findings are collected per connection, and the
verdict is made afterwards (Postfix: tls_verify_certificate_callback).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.given import read_given
from ansible_collections.mailops.tls.plugins.module_utils._tls.client_identity import load_client_identity
from ansible_collections.mailops.tls.plugins.module_utils._tls.key_request import KeyRequest
from ansible_collections.mailops.tls.plugins.module_utils._tls.protocols import ProtocolRange, cipher_list
from ansible_collections.mailops.tls.plugins.module_utils._tls.system_authorities import NONE_HERE, any_here, beside_openssl
from ansible_collections.mailops.tls.plugins.module_utils._x509.errors import VerifyError, verify_error
from ansible_collections.mailops.tls.plugins.module_utils._x509.loadable import load_certificate
from ansible_collections.mailops.tls.plugins.module_utils._x509.pem import PemError, pem_blocks

try:
    from OpenSSL import SSL
except ImportError:
    pass  # the module names the missing library before anything runs

# Numbers of OpenSSL's public API that not every pyOpenSSL names.
_NO_PROTOCOL = {0x0301: 0x04000000, 0x0302: 0x10000000, 0x0303: 0x08000000, 0x0304: 0x20000000}
_TLS_1_2 = 0x0303
_OPENSSL_3 = 0x30000000
_VERIFY_DEPTH = 10  # Postfix: smtp_tls_scert_verifydepth (9) + 1


@dataclass(frozen=True)
class TlsParameters:
    """What a user can say about handshakes; the same for a whole run."""

    protocols: ProtocolRange = ProtocolRange()
    cipher_grade: str = "medium"
    ciphers: str | None = None
    ca_file: str | None = None
    ca_path: str | None = None
    system_ca: bool = False
    client_certificate: str | None = None
    client_key: str | None = None
    client_chain_files: tuple[str, ...] = ()
    key_algorithms: tuple[KeyRequest, ...] = (KeyRequest.ANY,)


@dataclass
class HandshakeNotes:
    """What OpenSSL's callbacks tell of one connection: chain verification errors, and key-log secrets by label."""

    errors: list[VerifyError]
    secrets: dict[str, bytes]


class TlsContexts:
    """Makes and keeps the contexts of one run: for levels that must match and those that need not, by kind of key asked for."""

    def __init__(self, parameters: TlsParameters) -> None:
        self._parameters = parameters
        self._on_secret: Callable[[bytes], None] | None = None
        self._contexts: dict[tuple[bool, KeyRequest], Any] = {}
        self._without_tls_1_3: dict[str, None] = {}

    def log_secrets(self, write: Callable[[bytes], None]) -> None:
        """Have every line of an NSS key log written from now on."""
        self._on_secret = write

    def check(self, *, must_match: bool, need_not_match: bool) -> None:
        """Build what sessions can need, so that an option OpenSSL refuses is an `OptionError` before anything is probed.

        Args:
            must_match: there can be sessions in which the certificate has to match.
            need_not_match: there can be sessions in which it need not.
        """
        self._check_files()
        for algorithm in self._parameters.key_algorithms:
            if must_match:
                self.context(must_match=True, algorithm=algorithm)
            if need_not_match:
                self.context(must_match=False, algorithm=algorithm)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of the handshakes that can be made here; complete after `check`."""
        found = [NONE_HERE] if self._parameters.system_ca and not any_here(os.environ) else []
        if self._without_tls_1_3:
            algorithms = " and ".join(self._without_tls_1_3)
            found.append(f"key_algorithms: with the cryptography library here the handshakes for {algorithms} go up to TLS 1.2 only")
        return tuple(found)

    def connection(self, must_match: bool, algorithm: KeyRequest = KeyRequest.ANY) -> tuple[Any, HandshakeNotes]:
        """Return a new client connection over memory buffers, and the notes its callbacks will fill."""
        connection = SSL.Connection(self.context(must_match, algorithm), None)
        notes = HandshakeNotes([], {})
        connection.set_app_data(notes)
        connection.set_connect_state()
        return connection, notes

    def context(self, must_match: bool, algorithm: KeyRequest = KeyRequest.ANY) -> Any:
        """Return the shared context for levels that must match a certificate, or for those that need not."""
        context = self._contexts.get((must_match, algorithm))
        if context is None:
            context = self._contexts[must_match, algorithm] = self._make(must_match, algorithm)
        return context

    def _check_files(self) -> None:
        ca_file, ca_path = self._parameters.ca_file, self._parameters.ca_path
        if ca_file is not None:
            read_given("ca_file", ca_file)  # a pipe would hold OpenSSL up
        if ca_path is not None and not (os.path.isdir(ca_path) and os.access(ca_path, os.R_OK | os.X_OK)):
            raise OptionError("ca_path", ca_path, "is not a directory that can be read")

    def _make(self, must_match: bool, algorithm: KeyRequest) -> Any:
        parameters = self._parameters
        # SSLv23_METHOD is the old name of TLS_METHOD, the only one in pyOpenSSL 21.0.
        context = SSL.Context(getattr(SSL, "TLS_METHOD", SSL.SSLv23_METHOD))
        self._limit_protocols(context, must_match)
        self._set_ciphers(context, must_match)
        if algorithm is not KeyRequest.ANY:
            self._ask_for(context, algorithm, must_match)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_verify(SSL.VERIFY_PEER, _on_verify)
        context.set_verify_depth(_VERIFY_DEPTH)
        context.set_keylog_callback(self._note_secret)
        load_client_identity(context, parameters.client_certificate, parameters.client_key, parameters.client_chain_files)
        try:
            if parameters.ca_file is not None or parameters.ca_path is not None:
                path = parameters.ca_path.encode() if parameters.ca_path is not None else None
                context.load_verify_locations(parameters.ca_file, path)
        except SSL.Error as error:
            option = "ca_file" if parameters.ca_file is not None else "ca_path"
            raise OptionError(option, getattr(parameters, option), _useless(parameters.ca_file)) from error
        if parameters.system_ca:
            context.set_default_verify_paths()
            left_out = beside_openssl(os.environ)
            if left_out is not None:
                context.load_verify_locations(left_out)
        return context

    def _limit_protocols(self, context: Any, must_match: bool) -> None:
        protocols = self._parameters.protocols
        # A limit below TLS 1.0 is none: newer OpenSSL libraries refuse the number of SSLv3, which they no longer have.
        context.set_min_proto_version(protocols.minimum if protocols.minimum in _NO_PROTOCOL else 0)
        context.set_max_proto_version(protocols.maximum or 0)
        for number in protocols.excluded:
            context.set_options(_NO_PROTOCOL[number])
        if must_match and SSL.OPENSSL_VERSION_NUMBER < _OPENSSL_3:
            # What OpenSSL 3 refuses at its security level 1, because of their signatures; the verdict must not depend on it.
            context.set_options(_NO_PROTOCOL[0x0301] | _NO_PROTOCOL[0x0302])

    def _set_ciphers(self, context: Any, must_match: bool) -> None:
        grade, explicit = self._parameters.cipher_grade, self._parameters.ciphers
        text = cipher_list(grade, explicit, allow_anonymous=not must_match, openssl_level=1 if must_match else 0)
        try:
            context.set_cipher_list(text.encode("ascii"))
        except (SSL.Error, UnicodeEncodeError) as error:
            option = "ciphers" if explicit else "cipher_grade"
            raise OptionError(option, explicit or grade, "selects no cipher that OpenSSL here supports") from error

    def _ask_for(self, context: Any, algorithm: KeyRequest, must_match: bool) -> None:
        """Leave the server nothing but one kind of key, by signature algorithms where the library has them, else up to TLS 1.2."""
        base = cipher_list(
            self._parameters.cipher_grade, self._parameters.ciphers, allow_anonymous=False, openssl_level=1 if must_match else 0
        )
        try:
            context.set_cipher_list((base + algorithm.excluded_ciphers).encode("ascii"))
        except SSL.Error as error:
            option = "ciphers" if self._parameters.ciphers else "cipher_grade"
            raise OptionError("key_algorithms", algorithm.value, f"is a kind of key for which {option} has no cipher") from error
        if _choose_signatures(context, algorithm.signature_algorithms):
            return
        if algorithm is KeyRequest.ED25519:
            text = "cannot be asked for with the cryptography library here; version 38 and later can"
            raise OptionError("key_algorithms", algorithm.value, text)
        protocols = self._parameters.protocols
        if not any(protocols.allows(number) for number in _NO_PROTOCOL if number <= _TLS_1_2):
            text = "can be asked for up to TLS 1.2 only with the cryptography library here, which tls_protocols excludes"
            raise OptionError("key_algorithms", algorithm.value, text)
        context.set_max_proto_version(min(protocols.maximum or _TLS_1_2, _TLS_1_2))
        if protocols.allows(_TLS_1_2 + 1):
            self._without_tls_1_3[algorithm.value] = None

    def _note_secret(self, connection: Any, line: bytes) -> None:
        """Keep the secrets of the handshake by label, for the passive reader; only a key log the user asked for is written."""
        label, _random, secret = line.split(b" ")
        connection.get_app_data().secrets[label.decode("ascii")] = bytes.fromhex(secret.decode("ascii"))
        if self._on_secret is not None:
            self._on_secret(line)


def _useless(ca_file: str | None) -> str:
    """Say why OpenSSL takes nothing of the authorities named."""
    reason = "holds no usable certificates"
    try:
        data = b"" if ca_file is None else read_given("ca_file", ca_file)
        for block in pem_blocks(data):
            if block.label.endswith("CERTIFICATE") and load_certificate(block.der) is None:
                return f"{reason}: the one of line {block.line} cannot be read"
    except PemError as problem:
        return f"{reason}: {problem}"
    return reason


def _choose_signatures(context: Any, names: str) -> bool:
    """Have a context name these signature algorithms only; False when the library cannot do that.

    pyOpenSSL has no name for it; the bindings in cryptography have since version 38.
    """
    library: Any = getattr(SSL, "_lib", None)
    if not hasattr(library, "SSL_CTX_set1_sigalgs_list"):
        return False
    if library.SSL_CTX_set1_sigalgs_list(context._context, names.encode("ascii")) == 1:
        return True
    library.ERR_clear_error()
    return False


def _on_verify(connection: Any, certificate: Any, code: int, depth: int, ok: int) -> bool:
    """Note an error of OpenSSL's chain verification and go on (returning true wipes it inside OpenSSL)."""
    if not ok:
        notes = connection.get_app_data()
        if len(notes.errors) < 100:
            notes.errors.append(verify_error(code, depth))
    return True
