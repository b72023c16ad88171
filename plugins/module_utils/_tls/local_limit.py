# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handshakes that fail because of what the OpenSSL of this machine refuses or does not have: no mistake of the server (pure).

The library comes with the Python packages and can be newer, and stricter, than the one of any sender. Two things are
told apart from a server that answers nonsense: what the library here refuses by its rules, and a server that finds nothing it
can use in what the library here offers.
"""

from __future__ import annotations

try:
    from OpenSSL import SSL
except ImportError:
    pass  # the module names the missing library before anything runs

_REFUSALS = frozenset((
    "ca key too small", "ca md too weak", "dh key too small", "ee key too small", "key size too small", "modulus too large",
    "legacy sigalg disallowed or unsupported", "wrong signature type", "unsupported protocol", "version too low",
    "unsafe legacy renegotiation disabled", "unsupported elliptic curve", "wrong curve", "unknown group",
    "unsupported algorithm", "unsupported", "unsupported type", "invalid digest", "unknown digest", "unknown message digest algorithm",
    "unknown public key type", "unsupported public key type", "unsupported key type", "unable to find public key parameters",
    "unknown pkey type", "unsupported certificate", "excessive message size", "extended master secret required",
))  # fmt: skip
"""OpenSSL's reasons (ssl_err.c, x509_err.c, evp_err.c, dsa_err.c, rsa_err.c) that are rules or gaps of the library."""
_NOTHING_FITS = ("alert handshake failure", "alert insufficient security", "alert protocol version")
"""Alerts by which a server ends a handshake that offers nothing for it (RFC 8446 section 6.2)."""
_HERE = "this is a limit of the machine that probes"


def explained(reason: str, *, answered: bool) -> str:
    """Return the reason of a failed handshake, and whose limit it is where it is not the server's.

    Args:
        reason: the reasons of OpenSSL, with "; " between them.
        answered: whether the server had chosen a protocol version before.
            """
    if is_refusal(reason):
        return f"{reason}: {library()} refuses it, {_HERE}; other senders may accept it"
    if not answered and any(one in reason for one in _NOTHING_FITS):
        return f"{reason}: the server can use nothing that {library()} offers here; other senders may offer more"
    return reason


def is_refusal(reason: str) -> bool:
    """Tell whether OpenSSL itself refused what the server wanted, by a rule or a gap of the library."""
    return any(one in _REFUSALS for one in reason.lower().split("; "))


def is_local_limit(text: str) -> bool:
    """Tell whether the text of a failure says that it is a limit of the machine that probes."""
    return _HERE in text


def library() -> str:
    """Return the name and version of the TLS library, as in "OpenSSL 3.0.17"."""
    version = SSL.SSLeay_version(SSL.SSLEAY_VERSION)
    return " ".join(version.decode("ascii", "replace").split()[:2])
