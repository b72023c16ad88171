# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether OpenSSL loads a key with its chain, as smtpd(8) will: into a context at security level 0 (tls_server.c, tls_certkey.c).

Our own reader says more clearly what is wrong; this is the second opinion, of the library that has the last word.
"""

from __future__ import annotations

import warnings
from typing import Any, Callable, Optional

try:
    from OpenSSL import SSL, crypto
except ImportError:
    pass  # the module names the missing library before anything runs

from ansible_collections.mailops.tls.plugins.module_utils._deploy.pair import Pair
from ansible_collections.mailops.tls.plugins.module_utils._text import clean

LoadFiles = Callable[[str, str], Optional[str]]
"""(certificate file, key file) -> why OpenSSL cannot load them, None when it can."""


def pair_refusal(pair: Pair) -> str | None:
    """Return why OpenSSL does not take a pair; None when it does."""

    def load(context: Any) -> None:
        context.use_certificate(crypto.load_certificate(crypto.FILETYPE_ASN1, pair.leaf.der))
        for issuer in pair.chain[1:]:
            context.add_extra_chain_cert(crypto.load_certificate(crypto.FILETYPE_ASN1, issuer.der))
        context.use_privatekey(crypto.load_privatekey(crypto.FILETYPE_PEM, pair.key_block, passphrase=b""))

    return _refusal(load)


def files_refusal(certificate: str, key: str) -> str | None:
    """Return why OpenSSL does not load two files (or one, given twice), as for smtpd_tls_cert_file and smtpd_tls_key_file."""

    def load(context: Any) -> None:
        context.use_certificate_chain_file(certificate)
        context.use_privatekey_file(key)

    return _refusal(load)


def _refusal(load: Callable[[Any], None]) -> str | None:
    try:
        with warnings.catch_warnings():
            # The objects and the callback that old versions of pyOpenSSL need are deprecated in new ones.
            warnings.simplefilter("ignore", DeprecationWarning)
            context = SSL.Context(getattr(SSL, "TLS_METHOD", SSL.SSLv23_METHOD))
            context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
            context.set_passwd_cb(lambda *_: b"")  # nobody is there to be asked
            load(context)
            context.check_privatekey()
    except (SSL.Error, crypto.Error, ValueError) as problem:
        return f"{_version()} refuses it: {_reason(problem)}"
    return None


def _version() -> str:
    return SSL.SSLeay_version(SSL.SSLEAY_VERSION).decode("ascii", "replace")


def _reason(problem: Exception) -> str:
    """The texts of OpenSSL's error queue."""
    queue = problem.args[0] if problem.args and isinstance(problem.args[0], (list, tuple)) else ()
    texts = [one[-1] for one in queue if isinstance(one, tuple) and one and one[-1]]
    return clean("; ".join(dict.fromkeys(texts)) or str(problem) or type(problem).__name__)
