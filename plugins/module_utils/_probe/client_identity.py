# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate a probe shows a server that asks for one: a file pair, or chain files (Postfix tls_certkey.c).

A key that cannot be used is an error before anything is probed: going on without it would test something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError
from ansible_collections.mailops.tls.plugins.module_utils._files.given import is_open_to_everybody, read_given

try:
    from OpenSSL import SSL
except ImportError:
    pass  # the module names the missing library before anything runs


def load_client_identity(
    context: Any, certificate: Optional[str], key: Optional[str], chain_files: Sequence[str]
) -> None:
    """Load client certificates into an OpenSSL context.

    :param certificate: PEM file of a certificate and its chain, leaf first; the key may be in it too.
    :param key: PEM file of its private key, unencrypted; by default the certificate's file.
    :param chain_files: PEM files of a key followed by its certificate and chain, one for each kind of key.
    Raises L(OptionError) naming the file that cannot be used.
    """
    if certificate is None and key is not None:
        raise OptionError("client_key", key, "needs client_certificate")
    if certificate is not None and chain_files:
        raise OptionError("client_chain_files", list(chain_files), "takes the place of client_certificate: give one of them")
    if certificate is not None:
        _load(context, "client_certificate", certificate, "client_key" if key else "client_certificate", key or certificate)
    for path in chain_files:
        _load(context, "client_chain_files", path, "client_chain_files", path)


def exposed_keys(certificate: Optional[str], key: Optional[str], chain_files: Sequence[str]) -> tuple[str, ...]:
    """Return a warning for each file with a private key that every user of this machine can read."""
    named = [("client_key", key)] if key else [("client_certificate", certificate)] if certificate else []
    named += [("client_chain_files", path) for path in chain_files]
    text = "%s: %s holds a private key, and everybody on this machine can read it"
    return tuple(text % one for one in named if one[1] and is_open_to_everybody(one[1]))


def _load(context: Any, certificate_option: str, certificate: str, key_option: str, key: str) -> None:
    read_given(certificate_option, certificate)
    if b"ENCRYPTED" in read_given(key_option, key):  # OpenSSL would ask for the passphrase on the terminal
        raise OptionError(key_option, key, "holds an encrypted private key")
    try:
        context.use_certificate_chain_file(certificate)
    except SSL.Error as error:
        raise OptionError(certificate_option, certificate, "holds no usable certificate") from error
    try:
        context.use_privatekey_file(key)
        context.check_privatekey()
    except SSL.Error as error:
        raise OptionError(key_option, key, "holds no private key for the certificate") from error
