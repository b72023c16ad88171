# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate a probe shows a server that asks for one: a file pair, or chain files (Postfix tls_certkey.c).

A key that cannot be used is an error before anything is probed: going on without it would test something else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.given import is_open_to_everybody, read_given
from ansible_collections.mailops.tls.plugins.module_utils._x509 import public_key
from ansible_collections.mailops.tls.plugins.module_utils._x509.chain_files import KeyAndChain, Loaded, Pem, load_pair, load_sequence
from ansible_collections.mailops.tls.plugins.module_utils._x509.private_key_file import block_of_key

try:
    from OpenSSL import SSL, crypto
except ImportError:
    pass  # the module names the missing library before anything runs


_REASONS = {
    "key_encrypted": "holds an encrypted private key",
    "no_certificate": "holds no usable certificate",
    "no_private_key": "holds no private key for the certificate",
}


def load_client_identity(
    context: Any, certificate: str | None, key: str | None, chain_files: Sequence[str]
) -> None:
    """Load client certificates into an OpenSSL context.

    Args:
        certificate: PEM file of a certificate and its chain, leaf first; the key may be in it too.
        key: PEM file of its private key, unencrypted; by default the certificate's file.
        chain_files: PEM files of a key followed by its certificate and chain, one for each kind of key.

    Raises:
        OptionError: naming the file that cannot be used.
    """
    if certificate is None and key is not None:
        raise OptionError("client_key", key, "needs client_certificate")
    if certificate is not None and chain_files:
        raise OptionError("client_chain_files", list(chain_files), "takes the place of client_certificate: give one of them")
    if certificate is not None:
        found = _pair(certificate, key)
    else:
        found = _sequence(chain_files) if chain_files else []
    for material, data in found:
        _use(context, material, data, "client_chain_files" if chain_files else "client_certificate")


def exposed_keys(certificate: str | None, key: str | None, chain_files: Sequence[str]) -> tuple[str, ...]:
    """Return a warning for each file with a private key that every user of this machine can read."""
    named = [("client_key", key)] if key else [("client_certificate", certificate)] if certificate else []
    named += [("client_chain_files", path) for path in chain_files]
    text = "%s: %s holds a private key, and everybody on this machine can read it"
    return tuple(text % one for one in named if one[1] and is_open_to_everybody(one[1]))


def _pair(certificate: str, key: str | None) -> list[tuple[KeyAndChain, bytes]]:
    """The key and chain of a certificate file and a key file, with the data that the key is in."""
    certificates = Pem(certificate, read_given("client_certificate", certificate))
    keys = Pem(key, read_given("client_key", key)) if key else certificates
    loaded = load_pair(certificates, keys)
    material = loaded.chains[0]
    if loaded.problem is not None:
        option, path = ("client_key", key) if key and "certificate" not in loaded.problem else ("client_certificate", certificate)
        raise OptionError(option, path, _reason(loaded))
    _require_agreement(material, "client_key" if key else "client_certificate")
    return [(material, keys.data)]


def _sequence(paths: Sequence[str]) -> list[tuple[KeyAndChain, bytes]]:
    """The keys and chains of all chain files, which are one sequence."""
    files = [Pem(path, read_given("client_chain_files", path)) for path in paths]
    loaded = load_sequence(files)
    if loaded.problem is not None:
        raise OptionError("client_chain_files", list(paths), _reason(loaded))
    content = {file.name: file.data for file in files}
    kinds = set()
    for material in loaded.chains:
        _require_agreement(material, "client_chain_files")
        kinds.add(public_key.decode(material.spki or b"").type)
    if len(kinds) < len(loaded.chains):
        raise OptionError("client_chain_files", list(paths), "hold two keys of one kind, where Postfix takes one of each")
    return [(material, content[material.key_name]) for material in loaded.chains]


def _reason(loaded: Loaded) -> str:
    return _REASONS.get(loaded.problem or "", f"cannot be used: {loaded.text}")


def _require_agreement(material: KeyAndChain, option: str) -> None:
    if material.agrees is not True:
        raise OptionError(option, material.key_name, "holds no private key for the certificate")


def _use(context: Any, material: KeyAndChain, data: bytes, option: str) -> None:
    """Load one key and its chain. The chain goes through a file of its own: pyOpenSSL has no other way for more than one key."""
    block = block_of_key(data, material.key or b"")
    try:
        with tempfile.NamedTemporaryFile(suffix=".pem") as chain:
            chain.write("".join(one.pem for one in material.chain).encode("ascii"))
            chain.flush()
            context.use_certificate_chain_file(chain.name)
        context.use_privatekey(crypto.load_privatekey(crypto.FILETYPE_PEM, b"" if block is None else block.text))
        context.check_privatekey()
    except (SSL.Error, crypto.Error, ValueError) as error:
        raise OptionError(option, material.key_name, "holds a key or certificate that OpenSSL here cannot use") from error
