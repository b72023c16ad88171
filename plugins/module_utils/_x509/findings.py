# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about certificates that several rooms make, each with one text. What senders object to in a chain is in acceptance.py."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._catalogue import x509
from ansible_collections.mailops.tls.plugins.module_utils._finding import Finding
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate


def expires_soon(subject: str, certificate: Certificate, file: str = "") -> Finding:
    """Return the finding that a certificate should have been renewed; *file* is where it is, if that is known."""
    end = "an unknown date" if certificate.not_after is None else certificate.not_after.date()
    return Finding(x509.CERTIFICATE_EXPIRES_SOON, subject, f"{_in(file)}{certificate.shown_subject} expires on {end}")


def expired(subject: str, text: str) -> Finding:
    """Return the finding that a certificate has ended; *text* says when, or what a client says to that."""
    return Finding(x509.CERTIFICATE_EXPIRED, subject, text)


def not_yet_valid(subject: str, text: str) -> Finding:
    """Return the finding that a certificate has not begun; *text* as with `expired`."""
    return Finding(x509.CERTIFICATE_NOT_YET_VALID, subject, text)


def issuer_missing(subject: str, leaf: Certificate, file: str = "") -> Finding:
    """Return the finding that a chain is nothing but the server's certificate."""
    text = f"{_in(file)}only the server's own certificate is there, without that of its issuer {leaf.issuer}"
    return Finding(x509.CHAIN_INCOMPLETE, subject, text)


def _in(file: str) -> str:
    return f"{file}: " if file else ""
