# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that asks OpenSSL whether a path leads to an anchor, by pyOpenSSL's X509Store.

Only the anchor is in the store and partial chains are allowed, so that an intermediate can be an anchor. Dates are
not looked at, because DANE's rule for them is another one (path.py). What the store alone checks is name constraints;
signatures, CA flags and path lengths it checks once more.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.mailops.tls.plugins.module_utils._text import clean
from ansible_collections.mailops.tls.plugins.module_utils._x509 import errors
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate

try:
    from OpenSSL import crypto
except ImportError:
    pass  # what is missing is named before anything runs

_PARTIAL_CHAIN = 0x80000
"""X509_V_FLAG_PARTIAL_CHAIN, which pyOpenSSL 21.0 has no name for."""
_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME, which no pyOpenSSL has a name for."""


def store_error(path: Sequence[Certificate]) -> errors.VerifyError | None:
    """Return the first error OpenSSL finds on the way from path[0] to the anchor path[-1], or `None` when all is well.

    The path needs two certificates at least: the leaf must never be in the store, it would trust itself. Needs
    pyOpenSSL.
    """
    if len(path) < 2:
        raise ValueError("a path to an anchor has two certificates at least")
    try:
        leaf, *rest = [crypto.load_certificate(crypto.FILETYPE_ASN1, certificate.der) for certificate in path]
        store = crypto.X509Store()
        store.set_flags(_PARTIAL_CHAIN | _NO_CHECK_TIME)
        store.add_cert(rest[-1])
        crypto.X509StoreContext(store, leaf, rest[:-1]).verify_certificate()
    except crypto.X509StoreContextError as problem:
        code, depth, text = getattr(problem, "errors", None) or problem.args[0]
        return errors.VerifyError(int(code), int(depth), clean(str(text)))
    except (crypto.Error, ValueError, TypeError):
        return errors.verify_error(errors.UNSPECIFIED)
    return None
